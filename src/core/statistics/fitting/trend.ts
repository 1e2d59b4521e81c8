import {
  inversionShares,
  pairShares,
  rankLimits,
  signedRankShares,
  type RankLimits,
} from '../comparison/rank-counts.ts';

/** One value of a series at its time. */
export interface TimedValue {
  readonly at: number;
  readonly value: number;
}

/**
 * The median of the slopes between all pairs (Theil 1950), per unit of time, with the exact limits of Sen (1968). They hold
 * for independent errors of any distribution; times are distinct.
 *
 * Worked: with n values a limit of 95% exists from n = 4 on (P(all 6 slopes on one side) = 1/24).
 */
export function theilSen(values: readonly TimedValue[], confidenceShare: number): RankLimits {
  const slopes: number[] = [];
  for (const [index, first] of values.entries()) {
    for (const second of values.slice(index + 1)) {
      if (second.at !== first.at) slopes.push((second.value - first.value) / (second.at - first.at));
    }
  }
  return rankLimits(slopes, inversionShares(values.length), confidenceShare);
}

/**
 * How much larger the second sample is than the first: the median of all differences (Hodges and Lehmann 1963), with the exact
 * limits of Mann and Whitney, for distributions that differ by a shift alone.
 */
export function shiftBetween(
  firsts: readonly number[],
  seconds: readonly number[],
  confidenceShare: number,
): RankLimits {
  const differences = firsts.flatMap((first) => seconds.map((second) => second - first));
  return rankLimits(differences, pairShares(firsts.length, seconds.length), confidenceShare);
}

/**
 * The middle of symmetric values: the median of the means of all pairs, each value with itself too (Hodges and Lehmann 1963),
 * with the exact limits of Wilcoxon's signed ranks.
 */
export function middleOf(values: readonly number[], confidenceShare: number): RankLimits {
  const means = values.flatMap((first, at) => values.slice(at).map((second) => (first + second) / 2));
  return rankLimits(means, signedRankShares(values.length), confidenceShare);
}
