import { sizeFor, type SizeSettings } from '../size-rule.ts';
import { lateOf, type ConstantFloor, type LateBounds } from './constant-floor.ts';
import { replayWithin, type ReplayedWorld, type ReplayScore } from './replay.ts';

/** Settings that were not replayed to the end, because they would not be chosen. */
export interface PassedOver {
  /** What their floor alone would have held. */
  readonly replicaSecondsAtLeast: number;
  /** Share of the requests that would have been late, at least. */
  readonly lateShareAtLeast: number;
}

export interface Prices {
  readonly acceleratorSecond: number;
  readonly lateRequest: number;
}

/** What settings are judged by. */
export interface Ruling {
  readonly bounds: LateBounds;
  readonly prices: Prices;
  /** The constant number that keeps inside the bounds; null for none. */
  readonly constant: ConstantFloor | null;
}

/** Settings that cost this much more by their replay cost the same: it is not more exact. */
export const sameCost = 1.01;
/** The sums of two replays differ by less than this share for their rounding alone. */
const rounding = 1e-9;
/** A replay ends where so many times what is allowed is late: what is allowed moves until settings are chosen. */
const lateFactor = 1.5;

export const isPassedOver = (score: ReplayScore | PassedOver): score is PassedOver => 'lateShareAtLeast' in score;

/** Returns what a replay costs, in money. @param late requests, as `lateOf` counts them */
export const costOf = ({ replicaSeconds }: ReplayScore, late: number, prices: Prices): number =>
  replicaSeconds * prices.acceleratorSecond + late * prices.lateRequest;

/**
 * Returns the score of settings, or what is known of them where that is enough to see that others are chosen.
 *
 * @param least cost of others of the same round that keep inside the bounds; infinite for none
 */
export function scoreWithin(
  world: ReplayedWorld,
  settings: SizeSettings,
  least: number,
  ruling: Ruling,
): ReplayScore | PassedOver {
  const seconds = { replicaSecondsAtLeast: leastReplicaSeconds(world, settings), lateShareAtLeast: 0 };
  if (isOutOfQuestion(seconds, least, ruling, world)) return seconds;
  const share = lateFactor * ruling.bounds.lateShareAtMost;
  const requests = countRequests(world.arrivals);
  const lateAtMost = least < Infinity || constantCost(ruling, world) < Infinity ? share * requests : Infinity;
  return replayWithin(world, settings, lateAtMost) ?? { ...seconds, lateShareAtLeast: share };
}

/**
 * Returns whether settings are not chosen, whatever the rest of their replay would find.
 *
 * | beside them | not chosen |
 * |---|---|
 * | settings that keep inside at a cost of `least` | from 1.01 `least` on, or with more late ones than are allowed |
 * | a constant that keeps inside | from its cost on, because what follows the load has to be cheaper; or with more late ones |
 */
export function isOutOfQuestion(
  { replicaSecondsAtLeast, lateShareAtLeast }: PassedOver,
  least: number,
  ruling: Ruling,
  world: ReplayedWorld,
): boolean {
  const cost = replicaSecondsAtLeast * ruling.prices.acceleratorSecond;
  const ofConstant = constantCost(ruling, world);
  if (cost * (1 - rounding) > sameCost * least) return true;
  if (cost > 0 && cost * (1 + rounding) >= ofConstant) return true;
  const isAnyInside = least < Infinity || ofConstant < Infinity;
  return isAnyInside && lateShareAtLeast > ruling.bounds.lateShareAtMost;
}

/** Returns the least cost of the first `count` that keep inside the bounds; infinite where none does. */
export function leastCost(
  scores: readonly (ReplayScore | PassedOver | null)[],
  { bounds, prices }: Ruling,
  count = scores.length,
): number {
  let least = Infinity;
  for (let at = 0; at < count; at += 1) {
    const score = scores[at] ?? null;
    if (score === null || isPassedOver(score)) continue;
    const late = lateOf(score, bounds);
    if (late <= bounds.lateShareAtMost * score.arrivals) least = Math.min(least, costOf(score, late, prices));
  }
  return least;
}

/**
 * Returns the replica-seconds that settings hold at least: their floor, from the first bucket to the last. 0 where replicas may sleep, because
 * a floor may be asleep.
 *
 * Worked: 100 buckets of 2 s, a floor of 2.3 replicas: 600.
 */
function leastReplicaSeconds(world: ReplayedWorld, { floorShare, safety }: SizeSettings): number {
  const { sleep, arrivals, bucketMs, minReplicas, maxReplicas, peakPerSecond, power } = world;
  if (sleep !== undefined) return 0;
  const floor = Math.max(minReplicas, floorShare * sizeFor(peakPerSecond, safety, power));
  return (Math.ceil(Math.min(maxReplicas, floor) - 1e-9) * arrivals.length * bucketMs) / 1_000;
}

/** Infinite without one, and for one that keeps inside no more. Its score may be of a shorter history: its seconds are of the present one. */
function constantCost({ constant, bounds, prices }: Ruling, { arrivals, bucketMs }: ReplayedWorld): number {
  if (constant === null) return Infinity;
  const late = lateOf(constant.score, bounds);
  if (late > bounds.lateShareAtMost * constant.score.arrivals) return Infinity;
  const replicaSeconds = (constant.replicas * arrivals.length * bucketMs) / 1_000;
  return costOf({ ...constant.score, replicaSeconds }, late, prices);
}

/** By list: lists are never written to. */
const counts = new WeakMap<readonly number[], number>();

function countRequests(arrivals: readonly number[]): number {
  const known = counts.get(arrivals);
  if (known !== undefined) return known;
  let count = 0;
  for (const arrived of arrivals) count += arrived;
  counts.set(arrivals, count);
  return count;
}
