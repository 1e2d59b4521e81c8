import { replaySettings, type ReplayedWorld, type ReplayScore } from './replay.ts';
import type { SizeSettings } from '../size-rule.ts';

/** A number of replicas that never moves, and what it would have cost. */
export interface ConstantFloor {
  readonly replicas: number;
  readonly score: ReplayScore;
}

/** A constant in use, and what came of it. */
export interface StandingConstant {
  /** A number of replicas that never moves, and stands in place of what settings ask for while nothing is new; null for none. */
  readonly constant: number | null;
  /** The largest constant that was seen to have too many late; 0 for none of late. */
  readonly failed: number;
  /** Late requests that were seen when it was chosen. */
  readonly lateBefore: number;
}

/** How many late requests a replay may show. */
export interface LateBounds {
  readonly lateShareAtMost: number;
  readonly unluckyCounts: number;
}

/** Nothing moves where the least and the most are the same. */
const anySettings: SizeSettings = { safety: 0, follow: 0, floorShare: 0, holdStarts: 1 };
/** More than this many times the greatest rate is not tried. */
const peakFactor = 2;

/**
 * Returns the smallest number of replicas that would have kept the late requests of the replayed time inside the bounds; null where none
 * would. More replicas never have more late ones, so that it is found by halving: some ten replays at the most.
 */
export function findConstantFloor(world: ReplayedWorld, bounds: LateBounds): ConstantFloor | null {
  const { power, peakPerSecond, meanPerSecond, minReplicas, maxReplicas } = world;
  const most = Math.ceil((peakFactor * Math.max(peakPerSecond, meanPerSecond)) / power.mostPerSecond) + 1;
  let low = Math.max(1, minReplicas, Math.floor(meanPerSecond / power.mostPerSecond));
  let high = Math.min(maxReplicas, Math.max(low, most));
  let best = keptBy(world, high, bounds);
  if (best === null) return null;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const tried = keptBy(world, middle, bounds);
    if (tried === null) low = middle + 1;
    else [high, best] = [middle, tried];
  }
  return best;
}

function keptBy(world: ReplayedWorld, replicas: number, bounds: LateBounds): ConstantFloor | null {
  const score = replaySettings({ ...world, minReplicas: replicas, maxReplicas: replicas }, anySettings);
  return lateOf(score, bounds) <= bounds.lateShareAtMost * score.arrivals ? { replicas, score } : null;
}

/** Late requests of a replay, the unlucky ones counted as much as they turned out to be worth. */
export const lateOf = ({ late, unlucky }: ReplayScore, { unluckyCounts }: LateBounds): number =>
  late + unluckyCounts * unlucky;

/** A failed constant is tried again once half as many are late as an hour allows. */
const [forgottenShare, hourSeconds] = [0.5, 3_600] as const;

/**
 * Returns the largest constant that failed: more requests were late since it was chosen than is allowed, although it was there. A replay in
 * long buckets does not see short bursts. 0 for none, and once few of lately were late.
 *
 * @param late requests that were seen to be late, older ones counted for less
 * @param allowedPerSecond late requests a second
 * @param forMs since it was chosen
 */
export function failedConstant(
  { constant, failed, lateBefore }: StandingConstant,
  late: number,
  allowedPerSecond: number,
  forMs: number,
): number {
  if (constant !== null && late - lateBefore > (allowedPerSecond * forMs) / 1_000) return Math.max(failed, constant);
  return late > forgottenShare * allowedPerSecond * hourSeconds ? failed : 0;
}

/** Returns the constant in use with its replay; null where none is. */
export function standingConstant(
  chosen: StandingConstant & { readonly score: ReplayScore | null },
): ConstantFloor | null {
  const { constant, score } = chosen;
  return constant === null || score === null ? null : { replicas: constant, score };
}
