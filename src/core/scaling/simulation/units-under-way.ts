import type { WorkSignals } from '../signals.ts';

/** Units of work that arrived and were answered, since the beginning. */
export interface CountedWorkUnits {
  readonly unitsArrived: number;
  readonly unitsAnswered: number;
  /** Of those, tokens that were written. */
  readonly unitsWritten: number;
}

/** Of one request. */
type Units = readonly [all: number, written: number];

const noUnits: Units = [0, 0];

/** Units of work of requests that wait or are under way, by when they arrived; of several at one moment, in their order. */
export class UnitsUnderWay {
  arrived = 0;
  answered = 0;
  written = 0;
  readonly #unit: WorkSignals['unit'];
  readonly #byArrival = new Map<number, Units[]>();

  constructor(unit: WorkSignals['unit']) {
    this.#unit = unit;
  }

  arrive(atMs: number, units: number, writtenUnits = units / 2): void {
    this.arrived += units;
    const others = this.#byArrival.get(atMs);
    if (others === undefined) this.#byArrival.set(atMs, [[units, writtenUnits]]);
    else others.push([units, writtenUnits]);
  }

  answer(arrivedAtMs: number): void {
    const [all, written] = this.#take(arrivedAtMs);
    this.answered += all;
    this.written += written;
  }

  drop(arrivedAtMs: number): void {
    this.#take(arrivedAtMs);
  }

  /** As gateways tell them: answers alone tell tokens. */
  signals(before: CountedWorkUnits, now: CountedWorkUnits, seconds: number): WorkSignals {
    const completedPerSecond = (now.unitsAnswered - before.unitsAnswered) / seconds;
    if (this.#unit !== 'tokens') {
      const arrivedPerSecond = (now.unitsArrived - before.unitsArrived) / seconds;
      return { unit: this.#unit, arrivedPerSecond, completedPerSecond };
    }
    const outPerSecond = (now.unitsWritten - before.unitsWritten) / seconds;
    const completedTokens = { inPerSecond: completedPerSecond - outPerSecond, outPerSecond };
    return { unit: 'tokens', arrivedPerSecond: null, completedPerSecond, completedTokens };
  }

  #take(arrivedAtMs: number): Units {
    const units = this.#byArrival.get(arrivedAtMs);
    const first = units?.shift() ?? noUnits;
    if (units?.length === 0) this.#byArrival.delete(arrivedAtMs);
    return first;
  }
}
