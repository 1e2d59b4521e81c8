/**
 * When signals are taken: at 0 and each `periodMs`. Of those only one is ever looked at for each decision, the youngest that is as
 * old as the lag; where decisions are far enough apart the others need not be taken.
 *
 * | decisions | signals are taken |
 * |---|---|
 * | a period and a lag of the metrics apart, or more | once for each decision |
 * | nearer, or a period that is no whole number | each period |
 */
export class MetricClock {
  readonly #periodMs: number;
  readonly #lagMs: number;
  readonly #sparse: boolean;

  constructor(periodMs: number, lagMs: number, decisionPeriodMs: number) {
    this.#periodMs = periodMs;
    this.#lagMs = lagMs;
    this.#sparse = Number.isInteger(periodMs) && decisionPeriodMs >= periodMs + lagMs;
  }

  /** Moment of the signals that a decision looks at, milliseconds; only for whole periods. */
  seenAtMs(decisionAtMs: number): number {
    return Math.floor((decisionAtMs - this.#lagMs) / this.#periodMs) * this.#periodMs;
  }

  /** When signals are taken next, after those of `takenAtMs`, as long as nothing is decided meanwhile; Infinity for not at all. */
  afterTakingMs(takenAtMs: number): number {
    return this.#sparse ? Infinity : takenAtMs + this.#periodMs;
  }

  /** When signals are taken next, after those of `takenAtMs`, for the next decision. */
  beforeDecisionMs(takenAtMs: number, decisionAtMs: number): number {
    const next = takenAtMs + this.#periodMs;
    return this.#sparse ? Math.max(next, this.seenAtMs(decisionAtMs)) : next;
  }
}
