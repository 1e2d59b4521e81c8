import type { StartDistribution } from '../../../coldstart/start-distribution.ts';
import type { SimulatedWorld } from '../../simulation/world.ts';
import { requestCost } from '../request-cost.ts';
import { leastWanted } from '../schedule.ts';

/** Replicas that are wanted in each of the plan's periods, whole and in order of time from 0. */
export type PlannedLevels = Int32Array;

/** Replica-milliseconds of the requests that arrive in each period of the whole time, each as its work at the best speed. */
export function workByPeriod(world: SimulatedWorld, periodMs: number): Float64Array {
  const workMs = new Float64Array(Math.max(1, Math.ceil(world.endMs / periodMs)));
  // Whether it is in time is for the simulator to say: here it counts as work.
  const costOf = requestCost(world.capacity.curve, Number.MAX_SAFE_INTEGER, 0);
  const arrivals = world.arrivals();
  for (let next = arrivals.next(); next.done !== true; next = arrivals.next()) {
    if (next.value.atMs >= world.endMs) break;
    const period = Math.floor(next.value.atMs / periodMs);
    (workMs[period] as number) += costOf(next.value.workMs);
  }
  return workMs;
}

export interface Sizing {
  /** Share of a replica's best throughput that is planned for. */
  readonly utilizationShare: number;
  /** Demand is averaged over so many periods. */
  readonly windowPeriods: number;
  /** Starts are ordered so many periods ahead. */
  readonly leadPeriods: number;
}

/**
 * Levels for known work: the mean over a window about each period, rounded up to whole replicas, ordered ahead. Ordering ahead
 * also bridges each gap that is shorter than a start.
 */
export function sizeAhead(
  workMs: Float64Array,
  periodMs: number,
  world: SimulatedWorld,
  sizing: Sizing,
): PlannedLevels {
  const { maxReplicas } = world.terms;
  const least = leastWanted(world.terms);
  const needed = new Int32Array(workMs.length);
  const sums = new Float64Array(workMs.length + 1);
  for (let index = 0; index < workMs.length; index += 1) {
    sums[index + 1] = (sums[index] as number) + (workMs[index] as number);
  }
  const half = Math.floor(sizing.windowPeriods / 2);
  for (let index = 0; index < workMs.length; index += 1) {
    const from = Math.max(0, index - half);
    const to = Math.min(workMs.length, from + sizing.windowPeriods);
    const mean = ((sums[to] as number) - (sums[from] as number)) / ((to - from) * periodMs);
    const level = Math.ceil(mean / sizing.utilizationShare - 1e-9);
    needed[index] = Math.min(maxReplicas, Math.max(least, level));
  }
  return maximumAhead(needed, sizing.leadPeriods);
}

/** Largest of each entry and so many after it (Lemire 2006: a queue of candidates that only fall). */
function maximumAhead(levels: Int32Array, ahead: number): PlannedLevels {
  const largest = new Int32Array(levels.length);
  const queue: number[] = [];
  let head = 0;
  for (let index = levels.length - 1; index >= 0; index -= 1) {
    while (queue.length > head && (levels[queue[queue.length - 1] as number] as number) <= (levels[index] as number)) {
      queue.pop();
    }
    queue.push(index);
    while ((queue[head] as number) > index + ahead) head += 1;
    largest[index] = levels[queue[head] as number] as number;
  }
  return largest;
}

/** First time within which this share of the starts is ready, milliseconds; the longest known where none is. */
export function startQuantileMs({ timesMs, shares }: StartDistribution, share: number): number {
  const index = shares.findIndex((reached) => reached >= share);
  return timesMs[index < 0 ? timesMs.length - 1 : index] as number;
}
