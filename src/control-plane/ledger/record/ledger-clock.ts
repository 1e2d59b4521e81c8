import type { FactClock } from '../../../core/cost/ledger/fact.ts';
import type { Clock } from '../../../ports/process/clock.ts';

/** A wall clock that is further off than this from where it was has stepped. */
const stepMs = 1_000;

/**
 * Stamps facts. The difference of both clocks stays the same number until the wall clock steps, so that hours that are derived
 * from a part of the facts and from all of them lie at the same milliseconds.
 */
export class LedgerClock {
  /** One run of one process. */
  readonly recorder: string;
  readonly #clock: Clock;
  #offsetMs: number;

  constructor(clock: Clock, recorder: string) {
    this.recorder = recorder;
    this.#clock = clock;
    this.#offsetMs = Math.round(clock.nowMs() - clock.monotonicMs());
  }

  /** @param monotonicMs now where it is left out. */
  stamp(monotonicMs = this.#clock.monotonicMs()): FactClock {
    const offsetMs = Math.round(this.#clock.nowMs() - this.#clock.monotonicMs());
    if (Math.abs(offsetMs - this.#offsetMs) > stepMs) this.#offsetMs = offsetMs;
    const whole = Math.round(monotonicMs);
    return { recorder: this.recorder, monotonicMs: whole, wallMs: whole + this.#offsetMs };
  }

  /** Of a wall time; also of one before this recorder began. */
  stampOfWall(wallMs: number): FactClock {
    return this.stamp(Math.round(wallMs) - this.#offsetMs);
  }
}
