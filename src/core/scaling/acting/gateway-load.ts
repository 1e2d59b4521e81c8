/** What one gateway reported at one moment; counters are cumulative since its start. A `GatewayReport` is one. */
export interface GatewayLoad {
  readonly gatewayId: string;
  readonly startedAtMs: number;
  /** By the gateway's own clock. */
  readonly atMs: number;
  readonly queueDepth: number;
  readonly inFlight: number;
  readonly replicas: readonly { readonly replicaId: string; readonly inFlight: number }[];
  /** Absent from a gateway that does not tell it: unknown. */
  readonly scaling?: GatewayScaling;
}

export interface GatewayScaling {
  /** 0 for an empty queue. */
  readonly oldestWaitMs: number;
  readonly arrivals: number;
  readonly completions: number;
  /** Completions whose time with a warm replica is in `serviceMs`. */
  readonly timed: number;
  readonly serviceMs: number;
}
