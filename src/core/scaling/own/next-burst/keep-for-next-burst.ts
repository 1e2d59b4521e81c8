import { peakRate } from '../demand-history.ts';
import { withNextBurst, type NextBurst } from './next-burst.ts';
import type { ChosenSettings } from '../settings/choose-settings.ts';
import { findConstantFloor, type LateBounds } from '../settings/constant-floor.ts';
import type { ReplayedWorld } from '../settings/replay.ts';

/**
 * Returns what was chosen with what the next burst may need more than the greatest one: a constant that would have kept the bounds with the greatest
 * burst as great as the next may be, and floors of that burst. What is chosen is chosen by what was seen: no choice keeps less for it.
 */
export function keepForNextBurst(
  chosen: ChosenSettings,
  world: ReplayedWorld,
  nextBurst: NextBurst,
  bounds: LateBounds,
): ChosenSettings {
  if (nextBurst.factor === 1) return { ...chosen, peakFactor: 1 };
  const expected = withNextBurst(world.expected, nextBurst);
  const peakPerSecond = peakRate(expected);
  const peakFactor = world.peakPerSecond > 0 ? peakPerSecond / world.peakPerSecond : 1;
  if (chosen.constant === null) return { ...chosen, peakFactor };
  const arrivals = withNextBurst(world.arrivals, nextBurst);
  const minReplicas = Math.max(world.minReplicas, chosen.constant);
  const greater = findConstantFloor({ ...world, arrivals, expected, peakPerSecond, minReplicas }, bounds);
  return { ...chosen, peakFactor, constant: greater?.replicas ?? chosen.constant };
}
