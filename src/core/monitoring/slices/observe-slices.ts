import { readCells } from '../detectors/cells.ts';
import type { ControlFeature } from '../detectors/control-learners.ts';
import { otherCategories } from '../features/reference.ts';
import { readValue, type RowValues } from '../features/row-values.ts';
import type { Drafts } from '../watch/drafts.ts';
import { beginHistory, chooseDue, isDue, restartOutputs, stepHistory } from '../watch/windows/window-history.ts';
import { otherCategories as uncounted, type DriftWindow } from '../watch/windows/windows.ts';
import {
  featuresIn,
  listSlices,
  mapSlices,
  pickFollowed,
  slotsOfFeature,
  type Slice,
  type SlicesState,
  type Split,
} from './slice-state.ts';

/** Windows of all rows whose most common values get a slice each. */
export const countedWindows = 20;

interface SlicedRow extends RowValues {
  readonly atMs: number;
}

/** Slices by these features, as far as rows have them as categories. */
export function beginSlices(features: readonly ControlFeature[], by: readonly string[]): SlicesState {
  const categories = by.filter((name) => features.some((each) => each.name === name && each.kind === 'category'));
  return { by, features: pickFollowed(features, by), splits: categories.map(beginSplit) };
}

const beginSplit = (by: string): Split => ({ by, counted: { windows: 0, rows: {} }, slices: [] });

/** One row in its slices: the state after it, the windows that it closed there, and the multipliers of the series by id. */
export function observeInSlices(
  state: SlicesState,
  row: SlicedRow,
  windowMs: number,
  drafts: Drafts,
): {
  readonly state: SlicesState;
  readonly closed: readonly DriftWindow[];
  readonly multipliers: Readonly<Record<string, readonly number[]>>;
} {
  const closed: DriftWindow[] = [];
  const multipliers: Record<string, readonly number[]> = {};
  const counted = { cells: readCells(state.features, row), atMs: row.atMs };
  const splits = state.splits.map((split) => {
    const slice = findSlice(split, row);
    if (slice === undefined) return split;
    const step = stepHistory(slice, state.features, counted, windowMs, drafts);
    if (step.closed !== null) closed.push({ ...step.closed, slot: slice.slot });
    Object.assign(multipliers, step.multipliers);
    const next = { ...slice, rows: slice.rows + 1, ...step.moved };
    return { ...split, slices: split.slices.map((each) => (each === slice ? next : each)) };
  });
  return { state: { ...state, splits }, closed, multipliers };
}

/** A row without a value of the feature is in none of its slices. */
function findSlice({ by, slices }: Split, row: RowValues): Slice | undefined {
  const value = readValue(row, by);
  if (typeof value !== 'string') return undefined;
  return slices.find((slice) => slice.value === value) ?? slices.find((slice) => slice.value === null);
}

/** The state after a window of all rows: after 20 of them the slices are fixed. */
export function countInSlices(state: SlicesState, window: DriftWindow): SlicesState {
  if (state.splits.every(({ counted }) => counted === null)) return state;
  const splits = state.splits.map((split, at) => (split.counted === null ? split : countValues(split, window, at)));
  return { ...state, splits };
}

function countValues({ by, counted, slices }: Split, { tallies, number }: DriftWindow, at: number): Split {
  const rows = new Map(Object.entries(counted?.rows ?? {}));
  const counts = Object.hasOwn(tallies, by) ? (tallies[by]?.counts ?? {}) : {};
  for (const [value, count] of Object.entries(counts)) {
    if (value !== uncounted && value !== otherCategories) rows.set(value, (rows.get(value) ?? 0) + count);
  }
  const windows = (counted?.windows ?? 0) + 1;
  if (windows < countedWindows || rows.size === 0)
    return { by, counted: { windows, rows: Object.fromEntries(rows) }, slices };
  return { by, counted: null, slices: fixSlices(by, rows, at, number) };
}

/** Windows are numbered on from those of all rows, of which there are never fewer: a number never comes again in its slot. */
function fixSlices(by: string, rows: ReadonlyMap<string, number>, at: number, windows: number): readonly Slice[] {
  const first = 1 + at * slotsOfFeature;
  const common = [...rows]
    .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
    .slice(0, slotsOfFeature - 1)
    .map(([value]) => value);
  const makeSlice = (value: string | null, slot: number): Slice => ({
    ...beginHistory(windows),
    ...{ slot, by, value, rows: 0 },
  });
  return [
    ...common.map((value, index) => makeSlice(value, first + index)),
    makeSlice(null, first + slotsOfFeature - 1),
  ];
}

/** The slices whose bets are due: then `chooseSliceBets` is due for each of them. */
export const findDueSlices = (state: SlicesState | undefined, inputs: ReadonlySet<string>): readonly Slice[] =>
  listSlices(state).filter((slice) => state !== undefined && isDue(slice, featuresIn(state, slice), inputs));

/** The state with the bets of one slice, from the windows of it. */
export function chooseSliceBets(
  state: SlicesState,
  slot: number,
  inputs: ReadonlySet<string>,
  windows: readonly DriftWindow[],
): SlicesState {
  return mapSlices(state, (slice) =>
    slice.slot === slot ? { ...slice, ...chooseDue(slice, featuresIn(state, slice), inputs, windows) } : slice,
  );
}

/**
 * The state under another release. A feature of the outputs has other values then, so that its slices begin anew; in the others
 * the outputs do.
 */
export function carrySlices(state: SlicesState, inputs: ReadonlySet<string>): SlicesState {
  const splits = state.splits.map((split) =>
    inputs.has(split.by)
      ? { ...split, slices: split.slices.map((slice) => ({ ...slice, ...restartOutputs(slice, inputs) })) }
      : beginSplit(split.by),
  );
  return { ...state, splits };
}
