/** One request with its answer, as a gateway captured it. */
export interface CapturedSample {
  readonly requestId: string;
  /** By the clock of the gateway. */
  readonly arrivedAtMs: number;
  readonly release: number;
  readonly modelVersion: number;
  /** Who answered; null where nobody did. */
  readonly replicaId: string | null;
  readonly method: string;
  readonly path: string;
  /** 0 where no answer began. */
  readonly status: number;
  readonly latencyMs: number;
  /** Why it was captured: drawn for the sample, for the random share, or for both. */
  readonly sampled: boolean;
  readonly control: ControlDraw | null;
  /** Digest of the sticky key: requests of one key are no independent rows. Null without a key. */
  readonly unit: string | null;
  readonly request: CapturedContent;
  readonly response: CapturedContent;
  /** False when the answer broke off, or when nobody answered. */
  readonly complete: boolean;
}

export interface CapturedContent {
  /** Null where the head does not say. */
  readonly contentType: string | null;
  /** `inference-header-content-length` of the Open Inference Protocol: bytes of JSON before binary tensors. */
  readonly jsonBytes: number | null;
  readonly contentEncoding: string | null;
  readonly body: Uint8Array;
  /** The body was longer than what is captured. */
  readonly cut: boolean;
}

/** How a request of the random share was placed; recorded before it was sent. */
export interface ControlDraw {
  /** Everybody who could have been drawn. Propensities sum to 1. */
  readonly eligible: readonly EligibleReplica[];
  /** The replica id that was drawn. */
  readonly drawn: string;
  /**
   * | outcome | at the drawn replica |
   * |---|---|
   * | answered | it answered, whatever the status |
   * | retried | it broke before any of the answer was sent, and another was asked |
   * | missing | nobody answered |
   */
  readonly outcome: 'answered' | 'retried' | 'missing';
}

export interface EligibleReplica {
  readonly replicaId: string;
  readonly release: number;
  readonly propensityShare: number;
}

/** What one gateway captured of one service, as it sends it: again and again until it is acknowledged. */
export interface SampleSegment {
  readonly gatewayId: string;
  /** One for each service and process of a gateway. */
  readonly spoolId: string;
  /** From 1, in order. A segment is taken once by (gatewayId, spoolId, sequence). */
  readonly sequence: number;
  readonly samples: readonly CapturedSample[];
}
