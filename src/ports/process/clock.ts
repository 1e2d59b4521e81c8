export interface Clock {
  /** Wall-clock milliseconds since 1970; may step backwards, so nothing is ordered by it. */
  nowMs(): number;
  /** Milliseconds that never go backwards; only differences mean anything. */
  monotonicMs(): number;
  /** Rejects with the signal's reason when aborted. */
  sleep(durationMs: number, signal?: AbortSignal): Promise<void>;
}
