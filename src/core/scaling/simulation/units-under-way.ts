import type { WorkSignals } from '../signals.ts';

/** Units of work that arrived and were answered, since the beginning. */
export interface CountedWorkUnits {
  readonly unitsArrived: number;
  readonly unitsAnswered: number;
}

/** Units of work of requests that wait or are under way, by when they arrived; of several at one moment, in their order. */
export class UnitsUnderWay {
  arrived = 0;
  answered = 0;
  readonly #unit: WorkSignals['unit'];
  readonly #byArrival = new Map<number, number[]>();

  constructor(unit: WorkSignals['unit']) {
    this.#unit = unit;
  }

  arrive(atMs: number, units: number): void {
    this.arrived += units;
    const others = this.#byArrival.get(atMs);
    if (others === undefined) this.#byArrival.set(atMs, [units]);
    else others.push(units);
  }

  answer(arrivedAtMs: number): void {
    this.answered += this.#take(arrivedAtMs);
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
    const half = completedPerSecond / 2;
    const completedTokens = { inPerSecond: half, outPerSecond: half };
    return { unit: 'tokens', arrivedPerSecond: null, completedPerSecond, completedTokens };
  }

  #take(arrivedAtMs: number): number {
    const units = this.#byArrival.get(arrivedAtMs);
    const first = units?.shift() ?? 0;
    if (units?.length === 0) this.#byArrival.delete(arrivedAtMs);
    return first;
  }
}
