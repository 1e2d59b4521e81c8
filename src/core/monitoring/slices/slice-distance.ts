import { addRows, beginDistance } from '../distance/distance.ts';
import { draftDistance, type DistanceState } from '../distance/distance-state.ts';
import { distancesOf, type FeatureDistance } from '../distance/tell-distances.ts';
import type { DistanceTolerance } from '../distance/distance-measures.ts';
import type { ReferenceSummary } from '../features/reference.ts';
import { readValue, type RowValues } from '../features/row-values.ts';
import { draftOf, type Drafts } from '../watch/drafts.ts';
import { listSlices, nameInSlice, nameSlice, slotsOfFeature, type Slice, type SlicesState } from './slice-state.ts';

/** How far the rows of a slice are from those of the same value that were evaluated. */
export interface SliceDistance {
  /** `country=DE` */
  readonly name: string;
  readonly state: DistanceState;
}

/** With slices, half of the error is theirs: all limits of rows and of slices hold together. */
const shareOfSlices = 0.5;
export const shareOfRows = (slices: SlicesState | undefined): number => (slices === undefined ? 1 : 1 - shareOfSlices);

/** The distances after some rows, of the slices that the reference has. */
export function learnSliceDistances(
  before: readonly SliceDistance[],
  slices: SlicesState | undefined,
  rows: readonly RowValues[],
  summary: ReferenceSummary,
  nowMs: number,
  drafts: Drafts,
): readonly SliceDistance[] {
  if (slices === undefined) return [];
  const share = shareOfSlices / (slotsOfFeature * slices.by.length);
  return listSlices(slices).flatMap((slice) => {
    const reference = referenceOf(summary, slice);
    if (reference === null) return [];
    const name = nameSlice(slice);
    const standing = before.find((each) => each.name === name)?.state ?? beginDistance(reference);
    const state = draftOf(drafts, standing, draftDistance);
    const own = rows.filter((row) => readValue(row, slice.by) === slice.value);
    addRows(state, reference, own, nowMs, share);
    return [{ name, state }];
  });
}

/** The distances of each slice; null where the reference has no rows of it, as of all other values. */
export function readSliceDistances(
  distances: readonly SliceDistance[],
  slices: SlicesState | undefined,
  summary: ReferenceSummary,
  tolerance: DistanceTolerance,
): ReadonlyMap<Slice, readonly FeatureDistance[] | null> {
  return new Map(
    listSlices(slices).map((slice) => {
      const reference = referenceOf(summary, slice);
      const state = distances.find(({ name }) => name === nameSlice(slice))?.state;
      if (reference === null || state === undefined) return [slice, null];
      const found = distancesOf(state, reference, tolerance);
      return [slice, found.map((one) => ({ ...one, name: nameInSlice(one.name, slice) }))];
    }),
  );
}

function referenceOf(summary: ReferenceSummary, { by, value }: Slice): ReferenceSummary | null {
  const found = summary.slices?.find((slice) => slice.by === by && slice.value === value);
  return found === undefined ? null : { ...summary, rows: found.rows, features: found.features };
}
