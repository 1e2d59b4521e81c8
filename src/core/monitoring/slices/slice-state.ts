import type { ControlFeature } from '../detectors/control-learners.ts';
import { otherCategories } from '../features/reference.ts';
import type { FollowedFeature } from '../watch/windows/series.ts';
import type { WindowHistory } from '../watch/windows/window-history.ts';

/** Features that a contract may slice by. */
export const slicedByAtMost = 2;
/** Slices of one feature: its most common values, and one for all other values. */
export const slotsOfFeature = 8;
/** Features that all slices follow together. */
const derivedAtMost = 64;

/** The rows that have one value of a feature, or any value that has no slice of its own. */
export interface Slice extends WindowHistory {
  /** From 1; the features of the contract have 8 each. It stays with the value. */
  readonly slot: number;
  readonly by: string;
  /** Null: all other values. */
  readonly value: string | null;
  readonly rows: number;
}

/** A feature that rows are sliced by. */
export interface Split {
  readonly by: string;
  /** Its values in the first windows; null once the slices are fixed. */
  readonly counted: { readonly windows: number; readonly rows: Readonly<Record<string, number>> } | null;
  readonly slices: readonly Slice[];
}

/** All that is remembered of slices; plain JSON, at most 16 histories and 64 features in them. */
export interface SlicesState {
  /** As the contract names them, also those that are no category feature of the rows. */
  readonly by: readonly string[];
  /** What each slice follows, by its name without the slice. */
  readonly features: readonly ControlFeature[];
  /** Of those that are category features of the rows. */
  readonly splits: readonly Split[];
}

/** `country=DE`; `country=(other)` has all values without a slice of their own. */
export const nameSlice = ({ by, value }: Pick<Slice, 'by' | 'value'>): string => `${by}=${value ?? otherCategories}`;

/** `amount @ country=DE` */
export const nameInSlice = (feature: string, slice: Pick<Slice, 'by' | 'value'>): string =>
  `${feature} @ ${nameSlice(slice)}`;

/** The features of a slice; their group is the slice, so that an alarm of several of them names it. */
export const featuresIn = (
  { features }: Pick<SlicesState, 'features'>,
  slice: Pick<Slice, 'by' | 'value' | 'slot'>,
): readonly FollowedFeature[] =>
  features.map(({ name, group, kind }) => ({
    ...{ name: nameInSlice(name, slice), group: `@ ${nameSlice(slice)}`, kind },
    of: { name, group },
    slot: slice.slot,
  }));

export const listSlices = (state: SlicesState | undefined): readonly Slice[] =>
  state?.splits.flatMap(({ slices }) => slices) ?? [];

/** The state with each slice as `change` returns it. */
export const mapSlices = (state: SlicesState, change: (slice: Slice) => Slice): SlicesState => ({
  ...state,
  splits: state.splits.map((split) => ({ ...split, slices: split.slices.map(change) })),
});

/**
 * The features that each slice follows: one of each group in turn, so that inputs and outputs are among them. At most 8 with
 * one feature to slice by, 4 with two. The status and what rows are sliced by are left out.
 */
export function pickFollowed<T extends ControlFeature>(features: readonly T[], by: readonly string[]): readonly T[] {
  const most = Math.floor(derivedAtMost / slotsOfFeature / Math.max(1, by.length));
  const seen = new Map<string, number>();
  return features
    .filter(({ name, group }) => group !== 'status' && !by.includes(name))
    .map((feature, order) => {
      const turn = seen.get(feature.group) ?? 0;
      seen.set(feature.group, turn + 1);
      return { feature, order, turn };
    })
    .sort((a, b) => a.turn - b.turn || a.order - b.order)
    .slice(0, most)
    .map(({ feature }) => feature);
}
