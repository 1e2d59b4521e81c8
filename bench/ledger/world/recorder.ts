import type { FactClock, LedgerFact } from '../../../src/core/cost/ledger/fact.ts';
import type { Draw } from './draw.ts';
import { wallOffset, type Epoch, type Schedule } from './schedule.ts';

type Plain<Fact> = Fact extends LedgerFact ? Omit<Fact, 'id' | 'at'> : never;

/** Wall time of the true time 0: 2026-01-01T00:00:00Z. */
export const worldBeginMs = 1_767_225_600_000;

/** The control plane's memory of the simulated fleet, with the clocks that it had. */
export class Recorder {
  readonly facts: LedgerFact[] = [];
  readonly #schedule: Schedule;
  readonly #draw: Draw;

  constructor(schedule: Schedule, draw: Draw) {
    this.#schedule = schedule;
    this.#draw = draw;
  }

  /** @param fromMs true begin of an interval, which is measured by a monotonic clock. */
  record(atMs: number, fact: Plain<LedgerFact>, epoch: Epoch = this.#epochAt(atMs)): LedgerFact {
    const id = `f${String(this.facts.length).padStart(9, '0')}`;
    const recorded: LedgerFact = { ...fact, id, at: this.#clock(atMs, epoch) };
    this.facts.push(recorded);
    return recorded;
  }

  monotonic(atMs: number, recordedAtMs: number): number {
    const epoch = this.#epochAt(recordedAtMs);
    return epoch.bootMs + atMs - epoch.fromMs;
  }

  #epochAt(atMs: number): Epoch {
    const epoch = this.#schedule.epochs.find(({ toMs }) => atMs < toMs) ?? this.#schedule.epochs.at(-1);
    if (epoch === undefined) throw new Error('the schedule has no epoch');
    return epoch;
  }

  #clock(atMs: number, epoch: Epoch): FactClock {
    const jitterMs = this.#draw.between(-20, 21);
    return {
      recorder: epoch.recorder,
      monotonicMs: epoch.bootMs + atMs - epoch.fromMs,
      wallMs: worldBeginMs + atMs + wallOffset(this.#schedule, atMs) + jitterMs,
    };
  }
}
