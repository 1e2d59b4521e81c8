import type { Policy } from '../../policy.ts';
import { totalSeconds } from '../../simulation/score/score.ts';
import type { SimulatedWorld, SimulationResult } from '../../simulation/world.ts';
import { makePlannedPolicy, type Schedule, type ScheduleStep } from '../schedule.ts';
import type { PlannedLevels } from './size-ahead.ts';

/** One run of the world under a policy; the same policy gives the same result. */
export type SimulateOnce = (policy: Policy<number>) => SimulationResult;

export interface Trial {
  readonly levels: PlannedLevels;
  readonly result: SimulationResult;
  /** Replica-seconds in all states. */
  readonly costSeconds: number;
}

/** Runs of the simulator, counted. */
export class Trials {
  count = 0;
  readonly #world: SimulatedWorld;
  readonly #periodMs: number;
  readonly #simulateOnce: SimulateOnce;
  readonly #atMost: number;

  constructor(world: SimulatedWorld, periodMs: number, simulateOnce: SimulateOnce, atMost: number) {
    this.#world = world;
    this.#periodMs = periodMs;
    this.#simulateOnce = simulateOnce;
    this.#atMost = atMost;
  }

  left(): boolean {
    return this.count < this.#atMost;
  }

  leftShare(): number {
    return 1 - this.count / this.#atMost;
  }

  run(levels: PlannedLevels): Trial {
    this.count += 1;
    const policy = makePlannedPolicy(toSchedule(levels, this.#periodMs), this.#periodMs);
    const result = this.#simulateOnce(policy);
    return { levels, result, costSeconds: totalSeconds(result.acceleratorSeconds) };
  }

  attains(result: SimulationResult): boolean {
    return result.attainmentShare >= this.#world.terms.attainmentShare;
  }

  /** The cheaper one of those that attain; else the one that comes nearer. */
  better(first: Trial, second: Trial): Trial {
    const [a, b] = [this.attains(first.result), this.attains(second.result)];
    if (a && b) return second.costSeconds < first.costSeconds ? second : first;
    if (a !== b) return a ? first : second;
    return second.result.attainmentShare > first.result.attainmentShare ? second : first;
  }
}

export function toSchedule(levels: PlannedLevels, periodMs: number): Schedule {
  const steps: ScheduleStep[] = [];
  levels.forEach((desired, index) => {
    if (desired !== steps[steps.length - 1]?.desired) steps.push({ atMs: index * periodMs, desired });
  });
  return steps;
}
