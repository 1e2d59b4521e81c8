import type { SimulatedWorld } from '../../simulation/world.ts';
import type { Trial, Trials } from './trials.ts';
import { leastWanted } from '../schedule.ts';
import type { PlannedLevels } from './size-ahead.ts';
import { startQuantileMs } from './size-ahead.ts';

/** A stretch of periods, the end excluded. */
interface Stretch {
  readonly from: number;
  readonly to: number;
}

/**
 * Greedy descent: takes one replica from the longest stretches first, as often as the objective allows, then from their halves;
 * then moves every rise later and every fall earlier. A change stays when the simulator finds it cheaper and the objective
 * still attained. What is tried is in a fixed order, and ends with the runs that are left.
 */
export function lowerLevels(begun: Trial, world: SimulatedWorld, periodMs: number, trials: Trials): Trial {
  const shortest = Math.max(1, Math.round(startQuantileMs(world.starts, 0.5) / periodMs / 2));
  const least = leastWanted(world.terms);
  let best = begun;
  const keep = (levels: PlannedLevels | null): boolean => {
    if (levels === null || !trials.left()) return false;
    const tried = trials.run(levels);
    const better = trials.attains(tried.result) && tried.costSeconds < best.costSeconds;
    if (better) best = tried;
    return better;
  };
  // Half of what is left for stretches, and the rest for the places where the level changes.
  let stretches: Stretch[] = [{ from: 0, to: begun.levels.length }];
  const edgesFrom = (): boolean => trials.leftShare() > edgeShare;
  while (stretches.length > 0 && edgesFrom()) {
    const failed: Stretch[] = [];
    for (const stretch of stretches) {
      while (edgesFrom() && keep(lowered(best.levels, stretch, least)));
      failed.push(stretch);
    }
    // One period has no halves: it would be its own half for ever.
    stretches = failed
      .filter(({ from, to }) => to - from > 1)
      .flatMap(halves)
      .filter(({ from, to }) => to - from >= shortest);
  }
  for (let periods = shortest * 4; periods >= 1 && trials.left(); periods = Math.floor(periods / 4)) {
    for (const change of changes(best.levels)) keep(trimmed(best.levels, change, periods));
  }
  return best;
}

const edgeShare = 0.35;

function halves({ from, to }: Stretch): readonly Stretch[] {
  const middle = (from + to) >> 1;
  return [
    { from, to: middle },
    { from: middle, to },
  ];
}

/** One replica less where there is more than the least; null where that changes nothing. */
function lowered(levels: PlannedLevels, { from, to }: Stretch, least: number): PlannedLevels | null {
  let changed = false;
  const next = Int32Array.from(levels);
  for (let index = from; index < to; index += 1) {
    if ((next[index] as number) <= least) continue;
    next[index] = (next[index] as number) - 1;
    changed = true;
  }
  return changed ? next : null;
}

function changes(levels: PlannedLevels): readonly number[] {
  const found: number[] = [];
  for (let index = 1; index < levels.length; index += 1) if (levels[index] !== levels[index - 1]) found.push(index);
  return found;
}

/** The lower one of the two levels at a change, taken so many periods further into the higher one. */
function trimmed(levels: PlannedLevels, change: number, periods: number): PlannedLevels | null {
  const [before, after] = [levels[change - 1] as number, levels[change] as number];
  if (before === after) return null;
  const next = Int32Array.from(levels);
  const [from, to] = before < after ? [change, change + periods] : [change - periods, change];
  for (let index = Math.max(0, from); index < Math.min(levels.length, to); index += 1) {
    next[index] = Math.min(next[index] as number, Math.min(before, after));
  }
  return next;
}
