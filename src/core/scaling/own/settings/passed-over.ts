import type { SizeSettings } from '../size-rule.ts';
import { sizeFor } from '../size-rule.ts';
import { lateOf, type LateBounds } from './constant-floor.ts';
import type { ReplayedWorld, ReplayScore } from './replay.ts';

/** Settings that were not replayed: their floor alone would have held so much replica-seconds. */
export interface PassedOver {
  readonly replicaSecondsAtLeast: number;
}

export interface Prices {
  readonly acceleratorSecond: number;
  readonly lateRequest: number;
}

/** What settings are judged by. */
export interface Ruling {
  readonly bounds: LateBounds;
  readonly prices: Prices;
}

/** Settings that cost this much more by their replay cost the same: it is not more exact. */
export const sameCost = 1.01;
/** The sums of two replays differ by less than this share for their rounding alone. */
const rounding = 1e-9;

export const isPassedOver = (score: ReplayScore | PassedOver): score is PassedOver => 'replicaSecondsAtLeast' in score;

/** Returns what a replay costs, in money. @param late requests, as `lateOf` counts them */
export const costOf = ({ replicaSeconds }: ReplayScore, late: number, prices: Prices): number =>
  replicaSeconds * prices.acceleratorSecond + late * prices.lateRequest;

/**
 * Returns the replica-seconds that settings hold at least: their floor, from the first bucket to the last. 0 where replicas may sleep, because
 * a floor may be asleep.
 *
 * Worked: 100 buckets of 2 s, a floor of 2.3 replicas: 600.
 */
export function leastReplicaSeconds(world: ReplayedWorld, { floorShare, safety }: SizeSettings): number {
  const { sleep, arrivals, bucketMs, minReplicas, maxReplicas, peakPerSecond, power } = world;
  if (sleep !== undefined) return 0;
  const floor = Math.max(minReplicas, floorShare * sizeFor(peakPerSecond, safety, power));
  return (Math.ceil(Math.min(maxReplicas, floor) - 1e-9) * arrivals.length * bucketMs) / 1_000;
}

/** Returns the least cost of those that keep inside the bounds; infinite where none does. */
export function leastCost(
  scores: readonly (ReplayScore | PassedOver | null)[],
  { bounds, prices }: Ruling,
): number {
  let least = Infinity;
  for (const score of scores) {
    if (score === null || isPassedOver(score)) continue;
    const late = lateOf(score, bounds);
    if (late <= bounds.lateShareAtMost * score.arrivals) least = Math.min(least, costOf(score, late, prices));
  }
  return least;
}

/** Returns whether settings that hold so many replica-seconds at least are not chosen where others cost `least`. */
export function isTooDear(replicaSecondsAtLeast: number, least: number, { prices }: Ruling): boolean {
  return replicaSecondsAtLeast * prices.acceleratorSecond * (1 - rounding) > sameCost * least;
}
