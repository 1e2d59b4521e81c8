import type { FalseAlarmRate } from '../alarms/alarm-budget.ts';
import { isUnknown } from '../features/custom-features.ts';
import { formOf, type ControlFeature, type FeatureValue } from '../detectors/control-learners.ts';

/** What a window of rows had of one feature. */
export interface FeatureTally {
  /** Rows with a value, and rows without one. */
  readonly n: number;
  readonly missing: number;
  /** Of a numeric feature: mean, and mean squared distance from it. */
  readonly mean: number;
  readonly variance: number;
  /** Of a category: rows by category. Categories beyond the first 64 of a window count together under the empty name. */
  readonly counts: Readonly<Record<string, number>>;
}

/** Rows that came one after another, while it is being filled. */
export interface OpenWindow {
  readonly fromMs: number | null;
  readonly rows: number;
  /** By feature. */
  readonly tallies: Readonly<Record<string, FeatureTally>>;
}

/** A window of rows that is over. Windows of a service are numbered from 1, and those of each slice by themselves. */
export interface DriftWindow {
  /** Of the slice whose rows these are; absent where they are all rows. */
  readonly slot?: number;
  readonly number: number;
  readonly fromMs: number;
  readonly toMs: number;
  readonly rows: number;
  readonly tallies: Readonly<Record<string, FeatureTally>>;
  /** The tick of the alarm budget that this window and those before it came with; absent where a later one has it. */
  readonly tick?: { readonly elapsedMs: number; readonly rate: FalseAlarmRate | null };
}

/** A window closes when it has so many rows and has lasted as long as asked, whichever comes last. */
export const leastWindowRows = 20;

const mostCategories = 64;
export const otherCategories = '';

export const emptyWindow: OpenWindow = { fromMs: null, rows: 0, tallies: {} };

const emptyTally: FeatureTally = { n: 0, missing: 0, mean: 0, variance: 0, counts: {} };

/** The window after one more row. Values of another kind than the feature's, NaN and infinite ones are missing. */
export function addToWindow(
  window: OpenWindow,
  features: readonly ControlFeature[],
  values: Readonly<Record<string, FeatureValue>>,
  atMs: number,
): OpenWindow {
  const tallies: Record<string, FeatureTally> = {};
  for (const { name, group, kind } of features) {
    if (isUnknown({ name, group }, values)) {
      const standing = tallyOf(window, name);
      if (standing !== undefined) tallies[name] = standing;
      continue;
    }
    const value = formOf(kind, Object.hasOwn(values, name) ? values[name] : null);
    tallies[name] = addToTally(tallyOf(window, name) ?? emptyTally, value);
  }
  return { fromMs: window.fromMs ?? atMs, rows: window.rows + 1, tallies };
}

const tallyOf = ({ tallies }: OpenWindow, name: string): FeatureTally | undefined =>
  Object.hasOwn(tallies, name) ? tallies[name] : undefined;

/** Rows of a category. Clients choose the names of categories: one of them may be `constructor`. */
export const countIn = (counts: FeatureTally['counts'], category: string): number =>
  Object.hasOwn(counts, category) ? (counts[category] ?? 0) : 0;

/** The closed window, or null while it is too short. */
export function closeWindow(window: OpenWindow, number: number, atMs: number, leastMs: number): DriftWindow | null {
  if (window.fromMs === null || window.rows < leastWindowRows || atMs - window.fromMs < leastMs) return null;
  return { number, fromMs: window.fromMs, toMs: atMs, rows: window.rows, tallies: knownTallies(window) };
}

/** What was not known in half of the rows says nothing: few rows scatter more than the windows before. */
const knownTallies = ({ rows, tallies }: OpenWindow): DriftWindow['tallies'] =>
  Object.fromEntries(Object.entries(tallies).filter(([, { n, missing }]) => n + missing > rows / 2));

function addToTally(tally: FeatureTally, value: FeatureValue): FeatureTally {
  if (value === null) return { ...tally, missing: tally.missing + 1 };
  const n = tally.n + 1;
  if (typeof value === 'string') {
    const isRoom = Object.hasOwn(tally.counts, value) || Object.keys(tally.counts).length < mostCategories;
    const name = isRoom ? value : otherCategories;
    return { ...tally, n, counts: { ...tally.counts, [name]: countIn(tally.counts, name) + 1 } };
  }
  const off = value - tally.mean;
  const mean = tally.mean + off / n;
  return { ...tally, n, mean, variance: tally.variance + (off * (value - mean) - tally.variance) / n };
}
