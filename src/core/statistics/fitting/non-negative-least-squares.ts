import { solveLinear } from './solve-linear.ts';

export interface NonNegativeFit {
  /** One for each column, at least 0. */
  readonly coefficients: readonly number[];
  /** Sum of the squared differences that are left. */
  readonly squares: number;
}

/** The search looks at every set of columns: 4,096 sets at most. */
export const fitColumnsAtMost = 12;

/**
 * Returns the coefficients, none below 0, by which the columns come nearest to the values (least squares). The best solution
 * is the plain least-squares solution on the columns that it uses, so that the best of all sets of columns is exact (Lawson and
 * Hanson 1974, chapter 23). Of equally good sets the smallest counts: columns that say the same share nothing.
 *
 * @param rows one row for each value, as many numbers in each as there are columns
 * @throws RangeError where rows and values do not fit, or there are more than 12 columns.
 */
export function fitNonNegative(rows: readonly (readonly number[])[], values: readonly number[]): NonNegativeFit {
  const columns = rows[0]?.length ?? 0;
  if (rows.length !== values.length || rows.some(({ length }) => length !== columns))
    throw new RangeError('every value has a row, and all rows are of one length');
  if (columns > fitColumnsAtMost) throw new RangeError(`at most ${fitColumnsAtMost} columns can be fitted`);
  const none = values.reduce((sum, value) => sum + value * value, 0);
  let best: NonNegativeFit = { coefficients: Array.from({ length: columns }, () => 0), squares: none };
  for (const set of setsBySize(columns)) {
    const found = solveOn(rows, values, set);
    if (found?.some((each) => each < 0) !== false) continue;
    const coefficients = Array.from({ length: columns }, (_, at) => found[set.indexOf(at)] ?? 0);
    const squares = squaresLeft(rows, values, coefficients);
    if (squares < best.squares - 1e-12 * none) best = { coefficients, squares };
  }
  return best;
}

/** Every set of columns but the empty one, small ones first. */
function setsBySize(columns: number): readonly (readonly number[])[] {
  const all = Array.from({ length: columns }, (_, at) => at);
  return Array.from({ length: 2 ** columns - 1 }, (_, at) => all.filter((column) => ((at + 1) >> column) & 1)).sort(
    (a, b) => a.length - b.length,
  );
}

/** By normal equations over columns of length 1, and Gaussian elimination; null where the columns depend on each other. */
function solveOn(
  rows: readonly (readonly number[])[],
  values: readonly number[],
  set: readonly number[],
): readonly number[] | null {
  const lengths = set.map((column) => Math.sqrt(rows.reduce((sum, row) => sum + (row[column] ?? 0) ** 2, 0)));
  if (lengths.some((length) => length === 0)) return null;
  const scaled = rows.map((row) => set.map((column, at) => (row[column] ?? 0) / (lengths[at] ?? 1)));
  const system = set.map((_, a) => [
    ...set.map((__, b) => scaled.reduce((sum, row) => sum + (row[a] ?? 0) * (row[b] ?? 0), 0)),
    scaled.reduce((sum, row, at) => sum + (row[a] ?? 0) * (values[at] ?? 0), 0),
  ]);
  const solved = solveLinear(system);
  return solved?.map((each, at) => each / (lengths[at] ?? 1)) ?? null;
}

function squaresLeft(
  rows: readonly (readonly number[])[],
  values: readonly number[],
  coefficients: readonly number[],
): number {
  return rows.reduce((sum, row, at) => {
    const fitted = row.reduce((part, each, column) => part + each * (coefficients[column] ?? 0), 0);
    return sum + ((values[at] ?? 0) - fitted) ** 2;
  }, 0);
}
