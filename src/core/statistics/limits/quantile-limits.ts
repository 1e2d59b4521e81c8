import { lowerRank, upperRank } from './order-limits.ts';

/** One-sided limits of a quantile; null where so few values cannot give one with that confidence. */
export interface QuantileLimits {
  readonly lower: number | null;
  readonly upper: number | null;
}

/**
 * Limits of a quantile by order statistics, which hold for any distribution.
 * @param sorted values in increasing order, taken as independent.
 */
export function quantileLimits(
  sorted: Readonly<ArrayLike<number>>,
  level: number,
  confidenceShare: number,
): QuantileLimits {
  const at = (rank: number | null): number | null => (rank === null ? null : (sorted[rank - 1] ?? null));
  return {
    lower: at(lowerRank(sorted.length, level, confidenceShare)),
    upper: at(upperRank(sorted.length, level, confidenceShare)),
  };
}

/** The quantile itself: the smallest value that at least this share of the values does not exceed; null of no values. */
export function quantileOf(sorted: Readonly<ArrayLike<number>>, level: number): number | null {
  return sorted[Math.max(Math.ceil(level * sorted.length) - 1, 0)] ?? null;
}
