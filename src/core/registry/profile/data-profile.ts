import { cellProfiler, mergedCells, type CellProfile, type CellProfiler } from './cell-profile.ts';
import { mergedNumbers, numberSummarizer, type NumberSummarizer, type NumberSummary } from './number-summary.ts';
import {
  distinctStandardErrorShare,
  mergedCounts,
  valueCounter,
  type ValueCounter,
  type ValueCounts,
} from './value-counts.ts';
import { rankErrorShare } from './quantile-sketch.ts';

/** What the rows of a data version look like, column by column; stored as a blob under `DataVersion.profile`. */
export interface DataProfile {
  readonly profileVersion: 1;
  readonly rows: number;
  /** In the order in which columns first appear. */
  readonly columns: readonly ColumnProfile[];
  /** Columns beyond these are counted and not profiled. */
  readonly columnsLeftOut: number;
  /** How far off what is not exact may be. */
  readonly errors: { readonly rankShare: number; readonly distinctStandardErrorShare: number };
}

export interface ColumnProfile {
  readonly name: string;
  /** Rows with a value. */
  readonly count: number;
  /** Rows without one: null, or no such column. */
  readonly missing: number;
  /** Of the values that are numbers, text or truth values; null where there is none. */
  readonly values: ValueCounts | null;
  readonly numbers: NumberSummary | null;
  /** Characters of the values that are text. */
  readonly lengths: NumberSummary | null;
  /** Of the values that are lists. */
  readonly lists: CellProfile | null;
  /** Values that are objects, of which nothing more is told. */
  readonly objects: number;
}

/** Each takes some 100 kB while rows are read. */
export const profiledColumnsAtMost = 1_000;

/** One pass, in memory that depends on the columns and not on the rows. */
export function dataProfiler(): {
  add(row: Readonly<Record<string, unknown>>): void;
  profile(): DataProfile;
} {
  const columns = new Map<string, ColumnProfiler>();
  const leftOut = new Set<string>();
  let rows = 0;
  return {
    add(row) {
      rows += 1;
      for (const name in row) {
        let column = columns.get(name);
        if (column === undefined) {
          if (columns.size >= profiledColumnsAtMost) {
            leftOut.add(name);
            continue;
          }
          columns.set(name, (column = columnProfiler(name)));
        }
        column.add(row[name]);
      }
    },
    profile: () =>
      madeProfile(
        rows,
        [...columns.values()].map((column) => column.profile(rows)),
        leftOut.size,
      ),
  };
}

function madeProfile(rows: number, columns: readonly ColumnProfile[], columnsLeftOut: number): DataProfile {
  const errors = { rankShare: rankErrorShare, distinctStandardErrorShare };
  return { profileVersion: 1, rows, columns, columnsLeftOut, errors };
}

interface ColumnProfiler {
  add(value: unknown): void;
  profile(rows: number): ColumnProfile;
}

function columnProfiler(name: string): ColumnProfiler {
  let count = 0;
  let objects = 0;
  let values: ValueCounter | null = null;
  let numbers: NumberSummarizer | null = null;
  let lengths: NumberSummarizer | null = null;
  let lists: CellProfiler | null = null;
  return {
    add(value) {
      if (value === null || value === undefined) return;
      count += 1;
      if (typeof value === 'number') (numbers ??= numberSummarizer()).add(value);
      else if (typeof value === 'string') (lengths ??= numberSummarizer()).add(value.length);
      else if (Array.isArray(value)) (lists ??= cellProfiler()).add(value);
      else if (typeof value === 'object') objects += 1;
      if (typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean') {
        (values ??= valueCounter()).add(value);
      }
    },
    profile: (rows) => ({
      name,
      count,
      missing: rows - count,
      values: values?.counts() ?? null,
      numbers: numbers?.summary() ?? null,
      lengths: lengths?.summary() ?? null,
      lists: lists?.profile() ?? null,
      objects,
    }),
  };
}

/** Of two parts of the same data, as of the whole, within the stated errors. */
export function mergedProfiles(a: DataProfile, b: DataProfile): DataProfile {
  const names = [...new Set([...a.columns, ...b.columns].map(({ name }) => name))];
  const rows = a.rows + b.rows;
  const columns = names.map((name) => {
    const [first, second] = [a, b].map((profile) => profile.columns.find((column) => column.name === name));
    const one = first ?? emptyColumn(name);
    const other = second ?? emptyColumn(name);
    const count = one.count + other.count;
    return {
      name,
      count,
      missing: rows - count,
      values:
        one.values === null || other.values === null
          ? (one.values ?? other.values)
          : mergedCounts(one.values, other.values),
      numbers: mergedNumbers(one.numbers, other.numbers),
      lengths: mergedNumbers(one.lengths, other.lengths),
      lists: mergedCells(one.lists, other.lists),
      objects: one.objects + other.objects,
    };
  });
  return madeProfile(rows, columns.slice(0, profiledColumnsAtMost), a.columnsLeftOut + b.columnsLeftOut);
}

function emptyColumn(name: string): ColumnProfile {
  return { name, count: 0, missing: 0, values: null, numbers: null, lengths: null, lists: null, objects: 0 };
}
