/**
 * How one replica serves, measured (`plimsoll capacity`) or stated: what the scaler sizes by and the simulator runs.
 *
 * | kind | meaning | examples |
 * |---|---|---|
 * | slots | up to `slots` requests at once, each alone on its slot; with k of them under way one runs at `speeds[k - 1]` of the speed that it has alone | LLM engines with continuous batching, one request at a time |
 * | batch | takes up to `batchMs.length` waiting requests together when it is free and has `batchMs[n - 1]` for n of them | ONNX Runtime, Triton |
 *
 * A request carries its own size: `workMs`, the time that it takes alone (slots), or a factor on the time of its batch, 1 for
 * the requests that were measured (batch: the mean of the factors in it).
 */
export type ServiceCurve =
  | {
      readonly kind: 'slots';
      readonly slots: number;
      /** Non-increasing, above 0, at most 1; as many as `slots`. */
      readonly speeds: readonly number[];
      /** Mean of what a request takes alone, milliseconds: what a request that tells no size of its own takes. */
      readonly meanWorkMs: number;
    }
  | {
      readonly kind: 'batch';
      /** Milliseconds for a batch of one, of two, ... */
      readonly batchMs: readonly number[];
      /** How long a batch that is not full waits for more, milliseconds. */
      readonly maxDelayMs: number;
    };

/** What the scaler rests on: the curve, and how much of it may be used inside the objective. */
export interface ReplicaCapacity {
  readonly curve: ServiceCurve;
  /** Requests a second of one replica, sustained, with the latency objective held; above 0. Measured: the lower limit. */
  readonly ratePerSecond: number;
  /** Requests under way (queued at the replica included) on one replica at that rate. */
  readonly concurrency: number;
  /** Mean time that a request is under way at that rate, milliseconds. */
  readonly serviceMs: number;
  /** Share of the requests that miss the latency objective although they never wait; absent where it was not measured. */
  readonly aloneLateShare?: number;
  /** The rate is a share of what the curve can do: nobody held it, and it says no more than the curve. Absent: measured. */
  readonly stated?: true;
  /** Limits of the sustained rate, `ratePerSecond` the lower one. Absent: one run was measured, or nothing. */
  readonly interval?: RateInterval;
}

/** What horizons show of the rate that one replica sustains, in requests a second. */
export interface RateInterval {
  readonly lower: number;
  /** The smallest rate that is shown not to be sustained; null where none is. */
  readonly upper: number | null;
  /** Of each limit, one-sided. */
  readonly confidence: number;
  /** Horizons that the lower limit rests on. */
  readonly horizons: number;
}
