import erfc from '@stdlib/math-base-special-erfc';
import erfcinv from '@stdlib/math-base-special-erfcinv';

/** P(Z <= z) of a standard normal variable; accurate in relative terms in both tails. */
export function normalCdf(z: number): number {
  return erfc(-z / Math.SQRT2) / 2;
}

export function normalDensity(z: number): number {
  return Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
}

/** The z with P(Z <= z) = share, for a share in (0, 1); one step of Halley's method after the approximation. */
export function normalQuantile(share: number): number {
  if (share === 0.5) return 0;
  const start = -Math.SQRT2 * erfcinv(2 * share);
  if (!Number.isFinite(start)) return start;
  // In the upper tail 1 - share is what carries the digits.
  const error = share < 0.5 ? normalCdf(start) - share : 1 - share - normalCdf(-start);
  const step = error / normalDensity(start);
  return start - step / (1 + (start * step) / 2);
}
