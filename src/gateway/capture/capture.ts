/**
 * The place on the path where sampled capture hooks in. `wants` decides before anything is kept; what is wanted is kept
 * by reference while it passes (no byte is copied) and offered when the answer is over, after the event loop has turned.
 */
export interface Capture {
  wants(request: CaptureCandidate): boolean;
  /** Must not throw and must not wait; a capture that falls behind drops. */
  offer(exchange: CapturedExchange): void;
  /** Bodies beyond this are cut, and said to be. */
  readonly maxBodyBytes: number;
}

export interface CaptureCandidate {
  readonly requestId: string;
  readonly release: number;
  readonly method: string;
  readonly path: string;
}

export interface CapturedExchange extends CaptureCandidate {
  readonly replicaId: string;
  readonly traceparent: string;
  readonly latencyMs: number;
  readonly status: number;
  readonly requestHeaders: readonly string[];
  readonly responseHeaders: readonly string[];
  /** Views of the bytes that passed; a consumer that keeps them longer than a moment copies what it needs. */
  readonly requestBody: readonly Uint8Array[];
  readonly responseBody: readonly Uint8Array[];
  readonly cut: boolean;
  /** False when the answer broke off. */
  readonly complete: boolean;
}

/** Keeps references to the chunks of one body, up to a bound. */
export class CapturedBody {
  readonly chunks: Uint8Array[] = [];
  readonly #limitBytes: number;
  #bytes = 0;
  cut = false;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  keep(chunk: Uint8Array): void {
    const room = this.#limitBytes - this.#bytes;
    if (chunk.byteLength > room) this.cut = true;
    if (room <= 0) return;
    this.chunks.push(chunk.byteLength > room ? chunk.subarray(0, room) : chunk);
    this.#bytes += Math.min(room, chunk.byteLength);
  }
}
