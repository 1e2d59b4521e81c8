/** The best point of a linear program, over one denominator: `values[i] / denominator` is variable i. */
export interface ExactOptimum {
  readonly values: readonly bigint[];
  /** How much the optimum would grow with each limit: the solution of the dual program. */
  readonly rowPrices: readonly bigint[];
  readonly objective: bigint;
  readonly denominator: bigint;
}

/**
 * Returns the maximum of `gains . x` over `x >= 0` with `rows . x <= limits`, exactly; null when it has no maximum. Limits
 * are not negative, so that x = 0 is allowed and the search begins there.
 *
 * The simplex method with Bland's rule, which always ends (Bland 1977), on whole numbers: one common denominator, the
 * last pivot, divides every entry without a rest (Edmonds 1967).
 */
export function maximizeExactly(
  gains: readonly bigint[],
  rows: readonly (readonly bigint[])[],
  limits: readonly bigint[],
): ExactOptimum | null {
  // Column n is the limit; the last row is the objective with its sign turned.
  const n = gains.length;
  const table = rows.map((row, index) => [...row, limits[index] ?? 0n]);
  const goal = [...gains.map((gain) => -gain), 0n];
  const columnVariable = gains.map((_, index) => index);
  const rowVariable = rows.map((_, index) => n + index);
  let denominator = 1n;
  for (;;) {
    const column = findEntering(goal, columnVariable);
    if (column === null) break;
    const row = findLeaving(table, column, rowVariable);
    if (row === null) return null;
    denominator = pivot([...table, goal], row, column, denominator);
    const entering = columnVariable[column] ?? 0;
    columnVariable[column] = rowVariable[row] ?? 0;
    rowVariable[row] = entering;
  }
  const values = gains.map((_, variable) => {
    const row = rowVariable.indexOf(variable);
    return row < 0 ? 0n : (table[row]?.[n] ?? 0n);
  });
  const rowPrices = rows.map((_, index) => {
    const column = columnVariable.indexOf(n + index);
    return column < 0 ? 0n : (goal[column] ?? 0n);
  });
  return { values, rowPrices, objective: goal[n] ?? 0n, denominator };
}

/** The column of the smallest variable that improves the objective. */
function findEntering(goal: readonly bigint[], variables: readonly number[]): number | null {
  let best: number | null = null;
  variables.forEach((variable, column) => {
    if ((goal[column] ?? 0n) < 0n && (best === null || variable < (variables[best] ?? 0))) best = column;
  });
  return best;
}

/** The row that limits the column first; of several the one with the smallest variable. */
function findLeaving(
  table: readonly (readonly bigint[])[],
  column: number,
  variables: readonly number[],
): number | null {
  let best: number | null = null;
  let [bestLimit, bestEntry] = [0n, 1n];
  table.forEach((entries, row) => {
    const entry = entries[column] ?? 0n;
    if (entry <= 0n) return;
    const limit = entries.at(-1) ?? 0n;
    const difference = limit * bestEntry - bestLimit * entry;
    if (best === null || difference < 0n || (difference === 0n && (variables[row] ?? 0) < (variables[best] ?? 0))) {
      [best, bestLimit, bestEntry] = [row, limit, entry];
    }
  });
  return best;
}

/** Exchanges the variables of a row and a column; returns the new common denominator. */
function pivot(table: readonly bigint[][], row: number, column: number, denominator: bigint): bigint {
  const pivotRow = table[row] ?? [];
  const entry = pivotRow[column] ?? 1n;
  table.forEach((entries, index) => {
    if (index === row) return;
    const factor = entries[column] ?? 0n;
    entries.forEach((value, at) => {
      entries[at] = at === column ? -factor : (value * entry - factor * (pivotRow[at] ?? 0n)) / denominator;
    });
  });
  pivotRow[column] = denominator;
  return entry;
}
