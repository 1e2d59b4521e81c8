/**
 * Distributions of rank statistics under chance, as P(k) by k, exactly. All are symmetric. Each is for values without ties: with
 * ties limits that rest on them are wider than they need to be.
 */

/** Inversions of a random order of n values (Kendall 1938): those of n - 1 values, spread over n places of the last. */
export function inversionShares(n: number): readonly number[] {
  let shares: readonly number[] = [1];
  for (let size = 2; size <= n; size += 1) shares = spread(shares, size);
  return shares;
}

/** Sum of spreads over 0 to `size - 1`, each as likely. */
function spread(shares: readonly number[], size: number): readonly number[] {
  const next: number[] = [];
  let sum = 0;
  for (let k = 0; k < shares.length + size - 1; k += 1) {
    sum += (shares[k] ?? 0) - (shares[k - size] ?? 0);
    next.push(Math.max(0, sum) / size);
  }
  return next;
}

/** Sum of the ranks of the positive ones of n symmetric values (Wilcoxon 1945): each rank counts with probability a half. */
export function signedRankShares(n: number): readonly number[] {
  let shares: readonly number[] = [1];
  for (let rank = 1; rank <= n; rank += 1) {
    const before = shares;
    shares = Array.from({ length: before.length + rank }, (_, k) => ((before[k] ?? 0) + (before[k - rank] ?? 0)) / 2);
  }
  return shares;
}

/** Pairs of a first and a second value with the second larger, of two samples of one distribution (Mann and Whitney 1947). */
export function pairShares(firsts: number, seconds: number): readonly number[] {
  if (firsts === 0 || seconds === 0) return [1];
  let row: (readonly number[])[] = Array.from({ length: seconds + 1 }, () => [1]);
  for (let m = 1; m <= firsts; m += 1) {
    const next: (readonly number[])[] = [[1]];
    for (let n = 1; n <= seconds; n += 1) {
      // The largest of all is one of the seconds, and beats all m firsts, or one of the firsts, and beats nothing.
      const [ofSecond, ofFirst] = [next[n - 1] ?? [], row[n] ?? []];
      next.push(
        Array.from({ length: m * n + 1 }, (_, k) => (n * (ofSecond[k - m] ?? 0) + m * (ofFirst[k] ?? 0)) / (m + n)),
      );
    }
    row = next;
  }
  return row[seconds] ?? [1];
}

/** One-sided limits, each with at least the confidence; infinite with too few values. */
export interface RankLimits {
  /** The median; of Student's limits the mean. */
  readonly estimate: number;
  readonly lower: number;
  readonly upper: number;
}

/**
 * Returns the median of the comparisons of a rank statistic, and its exact limits: `values` are sorted in place, and
 * `shares[k]` is the probability that k of them are below the truth.
 */
export function rankLimits(values: number[], shares: readonly number[], confidenceShare: number): RankLimits {
  values.sort((a, b) => a - b);
  const count = values.length;
  if (count === 0) return { estimate: 0, lower: -Infinity, upper: Infinity };
  const rank = rareCount(shares, 1 - confidenceShare);
  const [low, high] = [values[Math.floor((count - 1) / 2)] ?? 0, values[Math.floor(count / 2)] ?? 0];
  return {
    estimate: (low + high) / 2,
    lower: values[count - rank] ?? -Infinity,
    upper: values[rank - 1] ?? Infinity,
  };
}

/** The smallest number k with P(at least k) of at most `alpha`. */
function rareCount(shares: readonly number[], alpha: number): number {
  let tail = 0;
  for (let k = shares.length - 1; k >= 0; k -= 1) {
    tail += shares[k] ?? 0;
    if (tail > alpha) return k + 1;
  }
  return 0;
}
