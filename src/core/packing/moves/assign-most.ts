/**
 * Returns for each row its column, so that the sum of the weights is the most that any assignment reaches; each column is taken
 * once. There are at least as many columns as rows.
 *
 * The Hungarian method by shortest augmenting paths (Kuhn 1955; Jonker and Volgenant 1987), rows * rows * columns steps.
 */
export function assignMost(weights: readonly (readonly number[])[]): readonly number[] {
  const rows = weights.length;
  const columns = weights[0]?.length ?? 0;
  if (columns < rows) throw new RangeError('there are fewer columns than rows');
  // Place 0 stands for "none": rows and columns count from 1, as in the published form of the method.
  const rowPrice = new Float64Array(rows + 1);
  const columnPrice = new Float64Array(columns + 1);
  const rowOf = new Int32Array(columns + 1);
  for (let row = 1; row <= rows; row += 1) {
    const columnBefore = new Int32Array(columns + 1);
    const distance = new Float64Array(columns + 1).fill(Infinity);
    const isDone = new Uint8Array(columns + 1);
    let column = 0;
    rowOf[0] = row;
    do {
      isDone[column] = 1;
      const at = rowOf[column] ?? 0;
      let [least, next] = [Infinity, 0];
      for (let other = 1; other <= columns; other += 1) {
        if (isDone[other] === 1) continue;
        const cost = -(weights[at - 1]?.[other - 1] ?? 0) - (rowPrice[at] ?? 0) - (columnPrice[other] ?? 0);
        if (cost < (distance[other] ?? 0)) {
          distance[other] = cost;
          columnBefore[other] = column;
        }
        if ((distance[other] ?? 0) < least) [least, next] = [distance[other] ?? 0, other];
      }
      for (let other = 0; other <= columns; other += 1) {
        if (isDone[other] === 1) {
          const owner = rowOf[other] ?? 0;
          rowPrice[owner] = (rowPrice[owner] ?? 0) + least;
          columnPrice[other] = (columnPrice[other] ?? 0) - least;
        } else distance[other] = (distance[other] ?? 0) - least;
      }
      column = next;
    } while (rowOf[column] !== 0);
    while (column !== 0) {
      const before = columnBefore[column] ?? 0;
      rowOf[column] = rowOf[before] ?? 0;
      column = before;
    }
  }
  const columnOf = Array.from({ length: rows }, () => 0);
  for (let column = 1; column <= columns; column += 1) {
    const row = rowOf[column] ?? 0;
    if (row > 0) columnOf[row - 1] = column - 1;
  }
  return columnOf;
}
