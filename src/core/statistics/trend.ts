/** One value of a series at its time. */
export interface TimedValue {
  readonly at: number;
  readonly value: number;
}

/** A slope per unit of time with one-sided limits, each with at least the confidence; infinite with too few values. */
export interface Slope {
  readonly estimate: number;
  readonly lower: number;
  readonly upper: number;
}

/**
 * The median of the slopes between all pairs (Theil 1950), with the exact limits of Sen (1968): ranks of these slopes, from the
 * distribution of Kendall's S. They hold for independent errors of any distribution; times are distinct.
 *
 * Worked: with n values a limit of 95% exists from n = 4 on (P(all 6 slopes on one side) = 1/24).
 */
export function theilSen(values: readonly TimedValue[], confidenceShare: number): Slope {
  const slopes: number[] = [];
  for (const [index, first] of values.entries()) {
    for (const second of values.slice(index + 1)) {
      if (second.at !== first.at) slopes.push((second.value - first.value) / (second.at - first.at));
    }
  }
  slopes.sort((a, b) => a - b);
  const count = slopes.length;
  if (count === 0) return { estimate: 0, lower: -Infinity, upper: Infinity };
  const [low, high] = [slopes[Math.floor((count - 1) / 2)] ?? 0, slopes[Math.floor(count / 2)] ?? 0];
  // P(slope > the m-th smallest) = P(at least m inversions).
  const rank = leastRareInversions(values.length, 1 - confidenceShare);
  return {
    estimate: (low + high) / 2,
    lower: slopes[count - rank] ?? -Infinity,
    upper: slopes[rank - 1] ?? Infinity,
  };
}

/** The smallest number m of inversions with P(at least m) of at most `alpha` in a random order of n values. */
function leastRareInversions(n: number, alpha: number): number {
  const shares = inversionShares(n);
  let tail = 0;
  for (let inversions = shares.length - 1; inversions >= 0; inversions -= 1) {
    tail += shares[inversions] ?? 0;
    if (tail > alpha) return inversions + 1;
  }
  return 0;
}

/** P(k inversions) of a random order of n values, by k (Kendall 1938): that of n - 1, spread over n places of the last. */
export function inversionShares(n: number): readonly number[] {
  let shares = [1];
  for (let size = 2; size <= n; size += 1) {
    const next: number[] = [];
    let sum = 0;
    for (let k = 0; k < shares.length + size - 1; k += 1) {
      sum += (shares[k] ?? 0) - (shares[k - size] ?? 0);
      next.push(Math.max(0, sum) / size);
    }
    shares = next;
  }
  return shares;
}
