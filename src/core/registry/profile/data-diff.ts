import { mergedCounts, type ValueCounts } from './value-counts.ts';
import type { ColumnProfile, DataProfile } from './data-profile.ts';
import type { NumberSummary } from './number-summary.ts';
import { cumulativeShares, rankError } from './quantile-sketch.ts';
import type { DataVersion } from '../model-version.ts';

/** How far two columns of numbers are apart, from their sketches. */
export interface NumberDistance {
  /** Largest gap between the two shares of values that are at most x, over all x: 0 alike, 1 apart. */
  readonly kolmogorovSmirnov: number;
  /**
   * What the distance stays below in 99 of 100 draws of one distribution (Smirnov, 1948), and the errors of both sketches.
   * For independent values: the cells of an image are not, so that there it is too small.
   */
  readonly chance: number;
  /** Mean distance that values have to be moved, in the unit of the column (Wasserstein, of order 1). */
  readonly wasserstein: number;
}

/** How far the shares of values are apart. */
export interface CategoryDistance {
  /**
   * Population stability index: the sum of (p - q) ln(p / q), half a row added to each value. By custom below 0.1 is little
   * and above 0.25 much.
   */
  readonly psi: number;
  /** Square root of the Jensen-Shannon divergence in bits: 0 alike, 1 with no value in common (Endres and Schindelin, 2003). */
  readonly jensenShannon: number;
  /** Values that only one of the two has, the most frequent first; null where not all are known. */
  readonly gone: readonly string[] | null;
  readonly added: readonly string[] | null;
}

export interface ColumnMove {
  readonly name: string;
  readonly numbers: NumberDistance | null;
  readonly categories: CategoryDistance | null;
  /** Share of rows without a value, before and after. */
  readonly missingShare: readonly [before: number, after: number];
  /** What the columns are sorted by: the largest of the distances that lie between 0 and 1. */
  readonly moved: number;
}

export interface SchemaDiff {
  readonly added: readonly { readonly name: string; readonly type: string }[];
  readonly gone: readonly { readonly name: string; readonly type: string }[];
  readonly changed: readonly { readonly name: string; readonly from: string; readonly to: string }[];
}

export interface DataDiff {
  readonly sameContent: boolean;
  readonly rows: readonly [before: number, after: number];
  readonly schema: SchemaDiff;
  /** Most moved first; null where one of the two has no profile. */
  readonly columns: readonly ColumnMove[] | null;
}

export function dataDiff(
  before: Pick<DataVersion, 'digest' | 'rows' | 'columns'>,
  after: Pick<DataVersion, 'digest' | 'rows' | 'columns'>,
  profiles: readonly [DataProfile | null, DataProfile | null],
): DataDiff {
  const [first, second] = profiles;
  return {
    sameContent: before.digest === after.digest,
    rows: [before.rows, after.rows],
    schema: schemaDiff(before.columns, after.columns),
    columns: first === null || second === null ? null : columnMoves(first, second),
  };
}

function schemaDiff(before: DataVersion['columns'], after: DataVersion['columns']): SchemaDiff {
  const types = (columns: DataVersion['columns']): ReadonlyMap<string, string> =>
    new Map(columns.map(({ name, type }) => [name, type]));
  const [old, now] = [types(before), types(after)];
  return {
    added: after.filter(({ name }) => !old.has(name)),
    gone: before.filter(({ name }) => !now.has(name)),
    changed: after.flatMap(({ name, type }) => {
      const from = old.get(name);
      return from === undefined || from === type ? [] : [{ name, from, to: type }];
    }),
  };
}

function columnMoves(before: DataProfile, after: DataProfile): readonly ColumnMove[] {
  const moves = before.columns.flatMap((column) => {
    const other = after.columns.find(({ name }) => name === column.name);
    return other === undefined ? [] : [columnMove(column, other)];
  });
  return moves.toSorted((a, b) => b.moved - a.moved || (a.name < b.name ? -1 : 1));
}

function columnMove(before: ColumnProfile, after: ColumnProfile): ColumnMove {
  const numbers = numberDistance(
    before.numbers ?? before.lists?.numbers ?? null,
    after.numbers ?? after.lists?.numbers ?? null,
  );
  const categories = categoryDistance(before.values, after.values);
  const shares = [before, after].map(({ count, missing }) => (count + missing === 0 ? 0 : missing / (count + missing)));
  const [was = 0, is = 0] = shares;
  const moved = Math.max(
    numbers?.kolmogorovSmirnov ?? 0,
    numbers === null ? (categories?.jensenShannon ?? 0) : 0,
    Math.abs(was - is),
  );
  return { name: before.name, numbers, categories, missingShare: [was, is], moved };
}

/** c(0.01) of the two-sample statistic: sqrt(-ln(0.01 / 2) / 2). */
const smirnovFactor = Math.sqrt(-Math.log(0.005) / 2);

export function numberDistance(a: NumberSummary | null, b: NumberSummary | null): NumberDistance | null {
  if (a === null || b === null) return null;
  const [left, right] = [cumulativeShares(a.sketch), cumulativeShares(b.sketch)];
  let largest = 0;
  let moved = 0;
  let [l, r] = [0, 0];
  let [belowLeft, belowRight] = [0, 0];
  let at: number | null = null;
  while (l < left.length || r < right.length) {
    const next = Math.min(left[l]?.[0] ?? Infinity, right[r]?.[0] ?? Infinity);
    if (at !== null) moved += Math.abs(belowLeft - belowRight) * (next - at);
    if (left[l]?.[0] === next) belowLeft = left[l++]?.[1] ?? 1;
    if (right[r]?.[0] === next) belowRight = right[r++]?.[1] ?? 1;
    largest = Math.max(largest, Math.abs(belowLeft - belowRight));
    at = next;
  }
  const drawn = smirnovFactor * Math.sqrt((a.count + b.count) / (a.count * b.count));
  const chance = Math.min(1, drawn + rankError(a.sketch) + rankError(b.sketch));
  return { kolmogorovSmirnov: largest, chance, wasserstein: moved };
}

/** Values beyond these few are no categories: an id in every row moves wholly, and says nothing. */
const categoriesAtMost = 200;
const namesShown = 5;

export function categoryDistance(a: ValueCounts | null, b: ValueCounts | null): CategoryDistance | null {
  if (a === null || b === null || !a.exact || !b.exact) return null;
  const keys = mergedCounts(a, b).top.map(([key]) => key);
  if (keys.length > categoriesAtMost) return null;
  const [left, right] = [new Map(a.top), new Map(b.top)];
  const total = (counts: ValueCounts): number => counts.top.reduce((sum, [, count]) => sum + count, 0);
  const [n, m] = [total(a), total(b)];
  let psi = 0;
  let divergence = 0;
  for (const key of keys) {
    const p = (left.get(key) ?? 0) / n;
    const q = (right.get(key) ?? 0) / m;
    const [smoothP, smoothQ] = [
      ((left.get(key) ?? 0) + 0.5) / (n + 0.5 * keys.length),
      ((right.get(key) ?? 0) + 0.5) / (m + 0.5 * keys.length),
    ];
    psi += (smoothP - smoothQ) * Math.log(smoothP / smoothQ);
    const middle = (p + q) / 2;
    divergence += (p > 0 ? (p / 2) * Math.log2(p / middle) : 0) + (q > 0 ? (q / 2) * Math.log2(q / middle) : 0);
  }
  return {
    psi,
    jensenShannon: Math.sqrt(Math.min(1, Math.max(0, divergence))),
    gone: keys.filter((key) => !right.has(key)).slice(0, namesShown),
    added: keys.filter((key) => !left.has(key)).slice(0, namesShown),
  };
}
