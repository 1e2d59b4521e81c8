/**
 * What scaling reacts to, at one moment, of one service in one environment, summed over its gateways and replicas. Null is
 * unknown (missing, stale, garbage, a counter that was reset), which is never zero. There is no CPU in it.
 */
export interface ScalingSignals {
  /** Moment that the signals speak of, milliseconds; older than `nowMs` of the decision by the lag of the metrics. */
  readonly atMs: number;
  /** Requests that wait for a replica (in gateways), and in the queues of engines. */
  readonly queueDepth: number | null;
  /** Age of the oldest that waits in a gateway, milliseconds; 0 for an empty queue, null where requests wait in engines alone. */
  readonly oldestWaitMs: number | null;
  /** Requests that replicas work on. */
  readonly inFlight: number | null;
  /** Requests a second that arrived since the signals before. */
  readonly arrivalsPerSecond: number | null;
  /** Requests a second that were answered since the signals before. */
  readonly completionsPerSecond: number | null;
  /** Mean time that answered requests were with a replica, milliseconds; requests of a replica's warm-up left out. */
  readonly serviceMs: number | null;
  /** Mean rows (or requests) in a batch over the largest batch, 0 to 1. */
  readonly batchFillShare: number | null;
  /** Used share of accelerator memory that requests take (of an LLM engine its KV cache), 0 to 1; mean over replicas. */
  readonly acceleratorMemoryShare: number | null;
  /** Of single replicas, for policies that look at each. A replica that told nothing has no entry. */
  readonly replicas: readonly ReplicaSignals[];
}

export interface ReplicaSignals {
  readonly replicaId: string;
  readonly queueDepth: number | null;
  readonly inFlight: number | null;
  readonly acceleratorMemoryShare: number | null;
}

/** Nothing is known, which is not zero. */
export function unknownSignals(atMs: number): ScalingSignals {
  return {
    atMs,
    queueDepth: null,
    oldestWaitMs: null,
    inFlight: null,
    arrivalsPerSecond: null,
    completionsPerSecond: null,
    serviceMs: null,
    batchFillShare: null,
    acceleratorMemoryShare: null,
    replicas: [],
  };
}
