import type { SimulatedWorld, SimulationResult } from '../../simulation/world.ts';
import { lowerLevels } from './lower-levels.ts';
import type { Schedule } from '../schedule.ts';
import { sizeAhead, startQuantileMs, workByPeriod, type Sizing } from './size-ahead.ts';
import { toSchedule, Trials, type SimulateOnce, type Trial } from './trials.ts';

export interface OfflinePlan {
  readonly schedule: Schedule;
  readonly periodMs: number;
  /** Of the schedule. */
  readonly result: SimulationResult;
  /** Whether it attains the terms' share; where no schedule that was tried does, it is the one with the fewest late. */
  readonly attains: boolean;
  readonly simulations: number;
}

export interface PlanningEffort {
  /** Runs of the simulator at most. */
  readonly simulationsAtMost: number;
  /** Periods of the schedule at most. */
  readonly periodsAtMost: number;
}

const defaultEffort: PlanningEffort = { simulationsAtMost: 250, periodsAtMost: 8192 };

/**
 * A schedule of desired replicas for arrivals that are known, good by trial: sized by windows at several utilisations, then
 * lowered wherever the simulator says that the objective still holds. It is a policy as any other, which alone knows the
 * future: it sees no start before it ends, and what it orders is late as often as anybody's.
 */
export function planOffline(
  world: SimulatedWorld,
  simulateOnce: SimulateOnce,
  effort: PlanningEffort = defaultEffort,
): OfflinePlan {
  const periodMs = Math.max(1000, Math.ceil(world.endMs / effort.periodsAtMost / 1000) * 1000);
  const trials = new Trials(world, periodMs, simulateOnce, effort.simulationsAtMost);
  const best = sized(world, periodMs, trials);
  const lowered = trials.attains(best.result) ? lowerLevels(best, world, periodMs, trials) : best;
  return {
    schedule: toSchedule(lowered.levels, periodMs),
    periodMs,
    result: lowered.result,
    attains: trials.attains(lowered.result),
    simulations: trials.count,
  };
}

/** For each window the highest utilisation that attains, by bisection; the cheapest of them. */
function sized(world: SimulatedWorld, periodMs: number, trials: Trials): Trial {
  const workMs = workByPeriod(world, periodMs);
  const leadPeriods = Math.ceil(startQuantileMs(world.starts, leadShare) / periodMs) + 1;
  const trial = (sizing: Sizing): Trial => trials.run(sizeAhead(workMs, periodMs, world, sizing));
  let best = trials.run(new Int32Array(workMs.length).fill(world.terms.maxReplicas));
  for (const windowMs of windowsMs) {
    const windowPeriods = Math.max(1, Math.round(windowMs / periodMs));
    let [low, high] = [lowestUtilizationShare, highestUtilizationShare];
    for (let halving = 0; halving < halvings && trials.left(); halving += 1) {
      const utilizationShare = (low + high) / 2;
      const tried = trial({ utilizationShare, windowPeriods, leadPeriods });
      best = trials.better(best, tried);
      if (trials.attains(tried.result)) low = utilizationShare;
      else high = utilizationShare;
    }
  }
  return best;
}

/** Starts are ordered ahead by the time within which so many of them are ready. */
const leadShare = 0.95;
const windowsMs = [3_000, 15_000, 60_000, 600_000];
const halvings = 6;
const [lowestUtilizationShare, highestUtilizationShare] = [0.05, 1.2];
