import type { FeatureValue } from '../detectors/control-learners.ts';
import { otherCategories, type ReferenceFeature, type ReferenceSummary } from '../features/reference.ts';

/**
 * What a distance is of.
 *
 * | measure | a row says | unit |
 * |---|---|---|
 * | mean | the number less the mean of the reference | standard deviations of the reference |
 * | shares | 1 where the category came more often than in the reference, less the reference's share of those | total variation |
 * | changed | 1 where a number differs that was the same in every row of the reference | total variation |
 * | missing | 1 where the value is missing, less the share that is missing in the reference | total variation |
 */
export type DistanceMeasure = 'mean' | 'shares' | 'changed' | 'missing';

/** How far live rows may be from the reference. */
export interface DistanceTolerance {
  readonly sd: number;
  readonly totalVariation: number;
}

export const defaultTolerance: DistanceTolerance = { sd: 0.2, totalVariation: 0.1 };

export const toleranceOf = (measure: DistanceMeasure, tolerance: DistanceTolerance): number =>
  measure === 'mean' ? tolerance.sd : tolerance.totalVariation;

/** The measures of a feature. */
export function measuresOf(feature: ReferenceFeature): readonly DistanceMeasure[] {
  if (feature.missingShare === 1) return ['missing'];
  if (feature.kind === 'category') return ['shares', 'missing'];
  if (feature.numeric === null) return ['missing'];
  return [feature.numeric.sd === 0 ? 'changed' : 'mean', 'missing'];
}

export const countMeasures = ({ features }: ReferenceSummary): number =>
  features.reduce((sum, feature) => sum + measuresOf(feature).length, 0);

/** One number moves a mean by at most so many standard deviations: a single wild one decides nothing. */
const mostSd = 20;

/** What a row says of a measure other than `shares`; null where it says nothing. */
export function scoreRow(feature: ReferenceFeature, measure: DistanceMeasure, value: FeatureValue): number | null {
  if (measure === 'missing') return (value === null ? 1 : 0) - feature.missingShare;
  if (typeof value !== 'number' || feature.kind !== 'numeric' || feature.numeric === null) return null;
  const { mean, sd } = feature.numeric;
  const off = value - mean;
  if (measure === 'mean') return Math.min(mostSd, Math.max(-mostSd, off / sd));
  // The reference has 6 significant digits.
  return Math.abs(off) <= 1e-5 * Math.abs(mean) ? 0 : 1;
}

/** Categories of the reference with their shares; the last is every other one. */
export interface CategoryTable {
  readonly names: readonly string[];
  readonly shares: readonly number[];
}

export function tableOf(feature: ReferenceFeature): CategoryTable {
  const shares = feature.kind === 'category' ? feature.shares : {};
  const names = Object.keys(shares).filter((name) => name !== otherCategories);
  return {
    names: [...names, otherCategories],
    shares: [...names.map((name) => shares[name] ?? 0), shares[otherCategories] ?? 0],
  };
}

/**
 * Why the reference is too small for the tolerance, in rows that it needs; null where it is large enough. Two samples of
 * one process differ: the expected difference, `1 / sqrt(rows)` sd of a mean and half of the sum of
 * `sqrt(2 q (1 - q) / (pi rows))` of shares q, must be at most half of the tolerance.
 */
export function referenceRowsNeeded(
  feature: ReferenceFeature,
  measure: DistanceMeasure,
  rows: number,
  tolerance: DistanceTolerance,
): number | null {
  const half = toleranceOf(measure, tolerance) / 2;
  const present = measure === 'missing' ? rows : rows * (1 - feature.missingShare);
  const needed = Math.max(leastReferenceRows, Math.ceil((noiseOfOneRow(feature, measure) / half) ** 2));
  return present >= needed ? null : needed;
}

/** Of fewer rows, a value that one live row in ten has may be missing by chance. */
const leastReferenceRows = 30;

function noiseOfOneRow(feature: ReferenceFeature, measure: DistanceMeasure): number {
  if (measure === 'mean') return 1;
  const shares = measure === 'shares' ? tableOf(feature).shares : [feature.missingShare, 1 - feature.missingShare];
  const sum = shares.reduce((total, share) => total + Math.sqrt((2 * share * (1 - share)) / Math.PI), 0);
  return sum / 2;
}
