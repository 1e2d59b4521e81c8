import type { BatchMeans } from './batch-means.ts';
import { toleranceOf, type DistanceMeasure, type DistanceTolerance } from './distance-measures.ts';

interface SharesQuestion {
  /** Rows per category, the last of them every other one, since the period began. */
  readonly counts: readonly number[];
  /** Of the reference. */
  readonly shares: readonly number[];
  /** The same rows as scores. */
  readonly batches: BatchMeans;
  /** Rows times the variance of their mean, of rows that depend on each other. */
  readonly rowVariance: number;
  readonly alpha: number;
}

/**
 * The total variation is at most this, but for the chance `alpha`. With TV the total variation, p the live shares, p' those
 * that were seen and q those of the reference: TV(p, q) <= TV(p', q) + TV(p', p), and of n independent rows in K categories
 * P(TV(p', p) >= t) <= 2^K exp(-2 n t^2) (Weissman et al. 2003, Inequalities for the L1 deviation of the empirical
 * distribution). Rows that depend on each other count as fewer: as often as the variance of their mean is larger. Undefined
 * before the first row.
 *
 * Example: 1,000 independent rows in 10 categories, seen as in the reference, alpha 0.001: at most 0.083.
 */
export function upperOfShares({ counts, shares, batches, rowVariance, alpha }: SharesQuestion): number | undefined {
  const rows = counts.reduce((sum, count) => sum + count, 0);
  if (rows === 0 || batches.rows === 0) return undefined;
  const apart = shares.reduce((sum, share, at) => sum + Math.abs((counts[at] ?? 0) / rows - share), 0) / 2;
  const mean = batches.sum / batches.rows;
  const ofOneRow = batches.squares / batches.rows - mean * mean;
  const inflation = ofOneRow <= 1e-12 ? 1 : Math.max(1, rowVariance / ofOneRow);
  const noise = Math.sqrt((shares.length * Math.LN2 - Math.log(alpha)) / ((2 * rows) / inflation));
  return Math.min(1, apart + noise);
}

/** A distance as far as stability needs it; `upper` is absent where no upper limit is known. */
interface UpperKnown {
  readonly state: 'known' | 'unknown';
  readonly measure: DistanceMeasure;
  readonly upper?: number;
}

/** Whether the distance is known to be within the tolerance. Not known is never within. */
export const isWithinTolerance = ({ state, measure, upper }: UpperKnown, tolerance: DistanceTolerance): boolean =>
  state === 'known' && upper !== undefined && upper <= toleranceOf(measure, tolerance);
