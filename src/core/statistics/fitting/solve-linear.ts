/** Columns of length 1 whose rest is below this are the sum of others. */
const smallestPivot = 1e-9;

/**
 * Returns the solution of as many linear equations as unknowns by Gaussian elimination, or null where the equations depend on each other.
 * Columns are to be of about the same length.
 *
 * @param system one equation each row, its right side last; it is overwritten
 */
export function solveLinear(system: number[][]): readonly number[] | null {
  const size = system.length;
  for (let pivot = 0; pivot < size; pivot += 1) {
    let largest = pivot;
    for (let at = pivot + 1; at < size; at += 1) {
      if (Math.abs(system[at]?.[pivot] ?? 0) > Math.abs(system[largest]?.[pivot] ?? 0)) largest = at;
    }
    const row = system[largest] ?? [];
    system[largest] = system[pivot] ?? [];
    system[pivot] = row;
    const head = row[pivot] ?? 0;
    if (Math.abs(head) < smallestPivot) return null;
    for (const [at, other] of system.entries()) {
      if (at === pivot) continue;
      const factor = (other[pivot] ?? 0) / head;
      for (let column = pivot; column <= size; column += 1)
        other[column] = (other[column] ?? 0) - factor * (row[column] ?? 0);
    }
  }
  return system.map((row, at) => (row[size] ?? 0) / (row[at] ?? 1));
}
