import { betaQuantile } from './binomial.ts';
import type { RankLimits } from '../comparison/rank-counts.ts';

/** The t with P(|T| <= t) = confidence for Student's distribution with `freedom` degrees of freedom (1 or more). */
export function studentTwoSided(confidence: number, freedom: number): number {
  // P(|T| > t) = I_x(freedom / 2, 1 / 2) with x = freedom / (freedom + t^2).
  const x = betaQuantile(1 - confidence, freedom / 2, 0.5);
  return Math.sqrt((freedom * (1 - x)) / x);
}

export interface MeanInterval {
  readonly mean: number;
  /** 95% limits of the mean; the mean itself where there is only one value. */
  readonly low: number;
  readonly high: number;
}

/** Mean of independent values with its interval by Student's t (Gosset 1908). NaN of none. */
export function meanInterval(values: readonly number[], confidence = 0.95): MeanInterval {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  if (n < 2) return { mean, low: mean, high: mean };
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1);
  const half = studentTwoSided(confidence, n - 1) * Math.sqrt(variance / n);
  return { mean, low: mean - half, high: mean + half };
}

/**
 * How much larger the mean of the second sample is than that of the first, with Student's limits for samples of one variance.
 * It has limits where one sample is a single value, for which ranks give none; infinite ones of fewer than three values.
 *
 * Worked: 14 values with a deviation of 1% beside one more: the limits are 1.77 * 1% * sqrt(1 + 1 / 14) = 1.8% away.
 */
export function shiftOfMeans(
  firsts: readonly number[],
  seconds: readonly number[],
  confidenceShare: number,
): RankLimits {
  const [first, second] = [spreadOf(firsts), spreadOf(seconds)];
  const estimate = second.mean - first.mean;
  const freedom = firsts.length + seconds.length - 2;
  if (firsts.length === 0 || seconds.length === 0 || freedom < 1)
    return { estimate: 0, lower: -Infinity, upper: Infinity };
  const variance = (first.squares + second.squares) / freedom;
  const half =
    studentTwoSided(2 * confidenceShare - 1, freedom) * Math.sqrt(variance * (1 / firsts.length + 1 / seconds.length));
  return { estimate, lower: estimate - half, upper: estimate + half };
}

function spreadOf(values: readonly number[]): { readonly mean: number; readonly squares: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return { mean, squares: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) };
}
