import { logAverage } from './sequential-stakes.ts';

/**
 * Limits of the mean of values in [0, 1] that hold at every moment together, from counts of rounded values alone.
 *
 * Null of the lower limit at m: given the past, each value has a mean of at most m. Then each factor 1 + s (x - m) / m with s
 * in (0, 1) is positive and has a mean of at most 1, so the product over the values is a test supermartingale, and so is the
 * average over stakes s that were fixed beforehand. Ville (1939): P(the average ever reaches 1/alpha) <= alpha. The upper
 * limit is the lower limit of 1 - x. Source: Waudby-Smith and Ramdas (2024), Estimating means of bounded random variables by
 * betting, arXiv 2010.09686, with fixed stakes: a product does not depend on the order, so that counts are enough.
 *
 * Values round down for the lower limit and up for the upper limit: rounding costs width and never validity. The limits are
 * of a mean that stays the same; a mean that moves late is found by an alarm that starts again, not by them.
 */
export interface BoundedCounts {
  readonly values: number;
  /** Place on the grid to the number of values there. At most `gridSteps` + 1 places. */
  readonly down: Readonly<Record<string, number>>;
  readonly up: Readonly<Record<string, number>>;
}

export const noCounts: BoundedCounts = { values: 0, down: {}, up: {} };

/** The grid is finer near 0, where small risks lie: place p stands for (p / gridSteps)^2. */
export const gridSteps = 1_024;
const valueAt = (place: number): number => (place / gridSteps) ** 2;

/** Geometric from 0.99 down to about 0.005; a stake that is near the best one grows nearly as fast. */
const stakes: readonly number[] = Array.from({ length: 16 }, (_, index) => 0.99 * 0.7 ** index);

/** @param low at most the value, `high` at least: they differ where the value is not wholly known. Both in [0, 1]. */
export function addValue(counts: BoundedCounts, low: number, high: number): BoundedCounts {
  return {
    values: counts.values + 1,
    down: counted(counts.down, Math.floor(Math.sqrt(low) * gridSteps)),
    up: counted(counts.up, Math.min(gridSteps, Math.ceil(Math.sqrt(high) * gridSteps))),
  };
}

/** @param alphaShare the error of each side. Without values nothing is known: 0 to 1. */
export function meanLimits(counts: BoundedCounts, alphaShare: number): { readonly low: number; readonly high: number } {
  const enough = -Math.log(alphaShare);
  const low = lowerLimit(pairsOf(counts.down, valueAt), enough);
  const high =
    1 -
    lowerLimit(
      pairsOf(counts.up, (place) => 1 - valueAt(place)),
      enough,
    );
  return { low, high: Math.max(low, high) };
}

/** Whether the limits hold a mean that lies between `low` and `high`, without the search for them. */
export function coversMean({ down, up }: BoundedCounts, low: number, high: number, alphaShare: number): boolean {
  const enough = -Math.log(alphaShare);
  const misses = pairsOf(up, (place) => 1 - valueAt(place));
  return logEvidence(pairsOf(down, valueAt), low) < enough && logEvidence(misses, 1 - high) < enough;
}

/** As `meanLimits` would be after `times` as many values of the same kind. */
export function repeatCounts({ values, down, up }: BoundedCounts, times: number): BoundedCounts {
  const repeat = (counts: Readonly<Record<string, number>>) =>
    Object.fromEntries(Object.entries(counts).map(([place, count]) => [place, count * times]));
  return { values: values * times, down: repeat(down), up: repeat(up) };
}

/** Means of the values rounded down and up; null without values. */
export function meanBounds({
  values,
  down,
  up,
}: BoundedCounts): { readonly low: number; readonly high: number } | null {
  if (values === 0) return null;
  const mean = (counts: Readonly<Record<string, number>>): number =>
    pairsOf(counts, valueAt).reduce((sum, [value, count]) => sum + value * count, 0) / values;
  return { low: mean(down), high: mean(up) };
}

type Pair = readonly [value: number, count: number];

function counted(counts: Readonly<Record<string, number>>, place: number): Readonly<Record<string, number>> {
  return { ...counts, [place]: (counts[place] ?? 0) + 1 };
}

function pairsOf(counts: Readonly<Record<string, number>>, value: (place: number) => number): readonly Pair[] {
  return Object.entries(counts).map(([place, count]) => [value(Number(place)), count]);
}

/** Evidence falls as m grows, so that the limit is where it crosses. */
function lowerLimit(pairs: readonly Pair[], enough: number): number {
  let [low, high] = [0, 1];
  if (pairs.every(([value]) => value === 0)) return 0;
  for (let step = 0; step < 24; step += 1) {
    const middle = (low + high) / 2;
    if (logEvidence(pairs, middle) >= enough) low = middle;
    else high = middle;
  }
  return low;
}

function logEvidence(pairs: readonly Pair[], mean: number): number {
  return logAverage(
    stakes.map((stake) =>
      pairs.reduce((sum, [value, count]) => sum + count * Math.log1p(stake * (value / mean - 1)), 0),
    ),
  );
}
