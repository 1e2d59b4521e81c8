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
  /** Requests a second that were answered below 400 since the signals before: a fast error is no capacity. */
  readonly completionsPerSecond: number | null;
  /** Mean time that these requests were with a replica, milliseconds; requests of a replica's warm-up left out. */
  readonly serviceMs: number | null;
  /** Mean rows (or requests) in a batch over the largest batch, 0 to 1. */
  readonly batchFillShare: number | null;
  /** Used share of accelerator memory that requests take (of an LLM engine its KV cache), 0 to 1; mean over replicas. */
  readonly acceleratorMemoryShare: number | null;
  /** Of single replicas, for policies that look at each. A replica that told nothing has no entry. */
  readonly replicas: readonly ReplicaSignals[];
  /** Work beside the number of requests; null or absent where nothing tells it. */
  readonly work?: WorkSignals | null;
}

/** Work in the unit that gateways can tell of nearly all requests. */
export interface WorkSignals {
  /** `tokens`: of prompt and answer together. `rows`: of the first input tensor. `bytes`: of the bodies of requests. */
  readonly unit: 'tokens' | 'rows' | 'bytes';
  /** Null where an answer alone tells the size of its request. */
  readonly arrivedPerSecond: number | null;
  /** Of requests that were answered below 400. */
  readonly completedPerSecond: number;
  /** Of `tokens`: what of those completed was read, and what was written. Absent: not told apart. */
  readonly completedTokens?: { readonly inPerSecond: number; readonly outPerSecond: number };
}

export interface ReplicaSignals {
  readonly replicaId: string;
  readonly queueDepth: number | null;
  readonly inFlight: number | null;
  readonly acceleratorMemoryShare: number | null;
  /** As those of the service, of this replica; requests of its warm-up left out of both. Absent: not told. */
  readonly completionsPerSecond?: number | null;
  readonly serviceMs?: number | null;
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
