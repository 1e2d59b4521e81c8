import { betaQuantile } from './binomial.ts';

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
