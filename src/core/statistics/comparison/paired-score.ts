import { normalCdf, normalQuantile } from '../distributions/normal.ts';

/** Rows that only one of two raters gets right, of `rows` in all: b and c of a paired table. */
export interface Discordance {
  readonly onlyFirst: number;
  readonly onlySecond: number;
  readonly rows: number;
}

export const pairedDifference = ({ onlyFirst, onlySecond, rows }: Discordance): number =>
  (onlyFirst - onlySecond) / rows;
export const swapped = ({ onlyFirst, onlySecond, rows }: Discordance): Discordance => ({
  onlyFirst: onlySecond,
  onlySecond: onlyFirst,
  rows,
});

/**
 * Score statistic of the hypothesis that the difference of two paired shares (first less second) is `difference`
 * (Tango 1998, equations 2.5 to 2.8): (b - c - n d) / sqrt(n (2 q + d (1 - d))), where q, the rate of c, is the greatest
 * root of 2n q^2 + B q + C, its maximum likelihood estimate under the hypothesis. At d = 0 it is McNemar's.
 */
export function tangoScore({ onlyFirst, onlySecond, rows }: Discordance, difference: number): number {
  const distance = onlyFirst - onlySecond - rows * difference;
  const variance = rows * scoreVariance({ onlyFirst, onlySecond, rows }, difference);
  if (variance <= 1e-14) return Math.abs(distance) < 1e-12 ? 0 : Math.sign(distance) * Infinity;
  return distance / Math.sqrt(variance);
}

/** Variance of one row's difference under the hypothesis. */
export function scoreVariance({ onlyFirst, onlySecond, rows }: Discordance, difference: number): number {
  const linear = -onlyFirst - onlySecond + (2 * rows - onlyFirst + onlySecond) * difference;
  const constant = -onlySecond * difference * (1 - difference);
  const root = Math.sqrt(Math.max(linear * linear - 8 * rows * constant, 0));
  // Of the two ways to write the root the one that subtracts no near-equal numbers.
  const rate = linear <= 0 ? (root - linear) / (4 * rows) : (-2 * constant) / (linear + root);
  return Math.max(2 * rate + difference * (1 - difference), 0);
}

/** P-value of "the difference is at most `difference`", by the score. */
export const tangoPValue = (counts: Discordance, difference: number): number =>
  normalCdf(-tangoScore(counts, difference));

/** One-sided limits of the difference by the score, each with this confidence. */
export function tangoLimits(counts: Discordance, confidenceShare: number): { lower: number; upper: number } {
  const z = normalQuantile(confidenceShare);
  const estimate = pairedDifference(counts);
  return {
    lower: rootBetween(-1, estimate, (difference) => tangoScore(counts, difference) <= z),
    upper: rootBetween(estimate, 1, (difference) => tangoScore(counts, difference) < -z),
  };
}

/** Where `above` turns true between two bounds, to the last digit. */
export function rootBetween(low: number, high: number, above: (at: number) => boolean): number {
  let [from, to] = [low, high];
  for (let step = 0; step < 80; step += 1) {
    const middle = (from + to) / 2;
    if (middle === from || middle === to) break;
    if (above(middle)) to = middle;
    else from = middle;
  }
  return (from + to) / 2;
}

/** Wald's limit, for comparison: too lax near the margin. */
export function waldPasses(counts: Discordance, margin: number, z: number): boolean {
  const difference = pairedDifference(counts);
  const { onlyFirst, onlySecond, rows } = counts;
  const variance = ((onlyFirst + onlySecond) / rows - difference ** 2) / rows;
  return difference - z * Math.sqrt(Math.max(variance, 0)) >= -margin;
}
