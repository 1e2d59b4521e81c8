/** What one gateway reported at one moment; counters are cumulative since its start. A `GatewayReport` is one. */
export interface GatewayLoad {
  readonly gatewayId: string;
  readonly startedAtMs: number;
  /** By the gateway's own clock. */
  readonly atMs: number;
  readonly queueDepth: number;
  readonly inFlight: number;
  readonly replicas: readonly GatewayReplicaLoad[];
  /** Absent from a gateway that does not tell it: unknown. */
  readonly scaling?: GatewayScaling;
}

export interface GatewayReplicaLoad {
  readonly replicaId: string;
  readonly inFlight: number;
  /** Answers below 400 of requests that were sent to it warm, and the sum of their times with it. Absent: not told. */
  readonly warm?: { readonly answers: number; readonly serviceMs: number };
}

export interface GatewayScaling {
  /** By a clock of the gateway that never steps, milliseconds from any moment on. Absent from an older gateway. */
  readonly upMs?: number;
  /** 0 for an empty queue. */
  readonly oldestWaitMs: number;
  readonly arrivals: number;
  /** Answers below 400. An older gateway counts errors too. */
  readonly completions: number;
  /** Completions whose time with a warm replica is in `serviceMs`. */
  readonly timed: number;
  readonly serviceMs: number;
  /** Absent from a gateway that does not tell it: unknown. */
  readonly work?: GatewayWork;
}

/** Work in each unit that a gateway could tell. Completed: of answers below 400. */
export interface GatewayWork {
  readonly bytesArrived: number;
  readonly bytesCompleted: number;
  readonly rowsArrived: number;
  readonly rowsCompleted: number;
  /** Completions that told their rows. */
  readonly rowedCompletions: number;
  readonly tokensIn: number;
  readonly tokensOut: number;
  /** Completions that told their tokens. */
  readonly tokenedCompletions: number;
}
