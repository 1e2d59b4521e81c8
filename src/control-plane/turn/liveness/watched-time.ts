const stepAtMostMs = 5_000;
const timesBefore = 3;

export interface WatchedStep {
  readonly stepMs: number;
  /** This program stood still meanwhile: what was seen before says nothing. */
  readonly isGap: boolean;
}

/**
 * Time in which somebody looked, by a clock that never steps. A step counts for 5 s at most. One that is above that, and three times as
 * long as the one before it, is a gap: this program was stopped, or its machine suspended.
 */
export class WatchedTime {
  /** Milliseconds that were watched so far. */
  nowMs = 0;
  #lookedMs: number | null = null;
  #beforeMs = stepAtMostMs;

  look(monotonicMs: number): WatchedStep {
    const tookMs = this.#lookedMs === null ? 0 : Math.max(0, monotonicMs - this.#lookedMs);
    const isGap = tookMs > stepAtMostMs && tookMs > timesBefore * this.#beforeMs;
    this.#lookedMs = monotonicMs;
    this.#beforeMs = Math.min(Math.max(tookMs, 1_000), 6 * stepAtMostMs);
    const stepMs = isGap ? 0 : Math.min(tookMs, stepAtMostMs);
    this.nowMs += stepMs;
    return { stepMs, isGap };
  }
}
