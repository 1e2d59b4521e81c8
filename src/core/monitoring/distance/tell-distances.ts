import type { ReferenceSummary } from '../features/reference.ts';
import { estimateMean, rowsToNextLook, type BatchMeans } from './batch-means.ts';
import { referenceRowsNeeded, toleranceOf, type DistanceMeasure, type DistanceTolerance } from './distance-measures.ts';
import type { DistanceLimit, DistanceState } from './distance-state.ts';

export type FeatureDistance = { readonly name: string; readonly group: string; readonly measure: DistanceMeasure } & (
  ({ readonly state: 'known' } & DistanceLimit) | { readonly state: 'unknown'; readonly because: string }
);

/** The distance of every feature of the reference, by its last limit. */
export function distancesOf(
  state: DistanceState,
  reference: ReferenceSummary,
  tolerance: DistanceTolerance,
): readonly FeatureDistance[] {
  return reference.features.flatMap((feature, at) =>
    (state.measures[at] ?? []).map((one): FeatureDistance => {
      const { name, group } = feature;
      const named = { name, group, measure: one.measure };
      const needed = referenceRowsNeeded(feature, one.measure, reference.rows, tolerance);
      if (needed !== null) return { ...named, state: 'unknown', because: smallReference(reference.rows, needed) };
      if (one.limit !== null) return { ...named, state: 'known', ...one.limit };
      return { ...named, state: 'unknown', because: tellRowsLeft(one.batches) };
    }),
  );
}

const smallReference = (rows: number, needed: number): string =>
  `the reference has ${rows} rows and needs ${needed}; next: evaluate on a larger dataset`;

function tellRowsLeft(batches: BatchMeans): string {
  const estimate = batches.sums.length < 2 ? null : estimateMean(batches);
  const needed = estimate !== null && 'batchRowsNeeded' in estimate ? estimate.batchRowsNeeded : 0;
  const more = Math.max(rowsToNextLook(batches), 24 * needed - batches.rows);
  const why = needed > batches.batchRows ? ', because neighbouring rows depend on each other' : '';
  return `${more} more rows${why}`;
}

/** The distances whose lower limit is beyond the tolerance: the live data left what was evaluated. */
export function exceedingOf(distances: readonly FeatureDistance[], tolerance: DistanceTolerance) {
  return distances.filter((one): one is FeatureDistance & { readonly state: 'known' } =>
    exceedsTolerance(one, tolerance),
  );
}

/** Unknown never exceeds, and is never within either. */
export function exceedsTolerance(distance: FeatureDistance, tolerance: DistanceTolerance): boolean {
  return distance.state === 'known' && distance.lower > toleranceOf(distance.measure, tolerance);
}
