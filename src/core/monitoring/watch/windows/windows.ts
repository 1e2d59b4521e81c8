import type { FalseAlarmRate } from '../../alarms/alarm-budget.ts';
import { readCells, type Cells } from '../../detectors/cells.ts';
import type { ControlFeature, FeatureValue } from '../../detectors/control-learners.ts';
import type { Draft } from '../../detectors/draft.ts';

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
  const draft = draftWindow(window);
  countRow(draft, features, readCells(features, { values }), atMs);
  return draft;
}

type TallyDraft = Draft<Omit<FeatureTally, 'counts'>> & { readonly counts: Record<string, number> };

/** A window that rows are counted into, in place. */
export interface WindowDraft extends OpenWindow {
  fromMs: number | null;
  rows: number;
  readonly tallies: Record<string, TallyDraft>;
}

export function draftWindow({ fromMs, rows, tallies }: OpenWindow): WindowDraft {
  const drafts: Record<string, TallyDraft> = {};
  for (const name of Object.keys(tallies)) drafts[name] = draftTally(tallies[name] ?? emptyTally);
  return { fromMs, rows, tallies: drafts };
}

const draftTally = (tally: FeatureTally): TallyDraft => ({ ...tally, counts: { ...tally.counts } });

/** `addToWindow` in place. `cells` are the values of the row in the order of the features. */
export function countRow(to: WindowDraft, features: readonly ControlFeature[], cells: Cells, atMs: number): void {
  to.fromMs ??= atMs;
  to.rows += 1;
  for (let index = 0; index < features.length; index += 1) {
    const cell = cells[index];
    const name = features[index]?.name;
    if (cell === undefined || name === undefined) continue;
    const standing = Object.hasOwn(to.tallies, name) ? to.tallies[name] : undefined;
    countCell(standing ?? (to.tallies[name] = draftTally(emptyTally)), cell);
  }
}

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

function countCell(to: TallyDraft, cell: FeatureValue): void {
  if (cell === null) {
    to.missing += 1;
    return;
  }
  to.n += 1;
  if (typeof cell === 'string') {
    const isRoom = Object.hasOwn(to.counts, cell) || Object.keys(to.counts).length < mostCategories;
    const name = isRoom ? cell : otherCategories;
    to.counts[name] = countIn(to.counts, name) + 1;
    return;
  }
  const off = cell - to.mean;
  to.mean += off / to.n;
  to.variance += (off * (cell - to.mean) - to.variance) / to.n;
}
