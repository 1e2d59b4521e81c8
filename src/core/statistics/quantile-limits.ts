import { binomialCdf, binomialTail } from './binomial.ts';

/** One-sided limits of a quantile; null where so few values cannot give one with that confidence. */
export interface QuantileLimits {
  readonly lower: number | null;
  readonly upper: number | null;
}

/**
 * Limits of a quantile by order statistics, which hold for any distribution (David and Nagaraja 2003, 7.1): the l-th value
 * is below the quantile unless fewer than l values are, P(Bin(n, q) >= l); likewise from above.
 * @param sorted values in increasing order, taken as independent.
 */
export function quantileLimits(
  sorted: Readonly<ArrayLike<number>>,
  level: number,
  confidenceShare: number,
): QuantileLimits {
  const n = sorted.length;
  const enough = (share: number): boolean => share >= confidenceShare;
  let lower = Math.floor(level * n);
  while (lower > 0 && !enough(binomialTail(lower, n, level))) lower -= 1;
  let upper = Math.max(lower, 1);
  while (upper <= n && !enough(binomialCdf(upper - 1, n, level))) upper += 1;
  return { lower: sorted[lower - 1] ?? null, upper: sorted[upper - 1] ?? null };
}

/** The quantile itself: the smallest value that at least this share of the values does not exceed; null of no values. */
export function quantileOf(sorted: Readonly<ArrayLike<number>>, level: number): number | null {
  return sorted[Math.max(Math.ceil(level * sorted.length) - 1, 0)] ?? null;
}

/**
 * Fewest values with which the largest of them is an upper limit of the quantile: P(Bin(n, q) <= n - 1) = 1 - q^n reaches
 * the confidence. Of `p99` at 95%: 299.
 */
export function valuesForUpperLimit(level: number, confidenceShare: number): number {
  return Math.ceil(Math.log1p(-confidenceShare) / Math.log(level) - 1e-9);
}
