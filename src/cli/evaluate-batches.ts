import { goldenInputs, type DataRow } from '../core/monitoring/golden-inputs.ts';
import type { GoldenTensor } from '../core/monitoring/golden.ts';
import type { TensorSpec } from '../core/units/tensor.ts';
import type { PlacedRow } from '../formats/json-lines.ts';
import type { EngineTensor } from '../ports/inference-engine.ts';
import { wireTensorOf } from '../protocols/open-inference/golden-tensor.ts';

export interface Batch {
  readonly firstRow: number;
  readonly rows: number;
  readonly inputs: readonly EngineTensor[];
}

/** Whether several rows may be in one request: every input leaves its first dimension to the caller. */
export const isBatchable = (inputs: readonly TensorSpec[]): boolean =>
  inputs.length > 0 && inputs.every(({ shape }) => shape[0] === -1);

/**
 * Rows as requests of up to `rowsAtMost` rows, in order. Rows whose inputs have another shape than the ones before begin a
 * request of their own. @throws PlimsollError `row-unfit`.
 */
export async function* batchesOf(
  rows: AsyncIterable<PlacedRow>,
  inputs: readonly TensorSpec[],
  rowsAtMost: number,
): AsyncGenerator<Batch> {
  const fast = inputs.every(isFixed32);
  let pending: PlacedRow[] = [];
  let firstRow = 0;
  for await (const row of rows) {
    pending.push(row);
    if (pending.length < rowsAtMost) continue;
    yield* batchesIn(pending, firstRow, inputs, fast);
    firstRow += pending.length;
    pending = [];
  }
  if (pending.length > 0) yield* batchesIn(pending, firstRow, inputs, fast);
}

function* batchesIn(
  rows: readonly PlacedRow[],
  firstRow: number,
  inputs: readonly TensorSpec[],
  fast: boolean,
): Generator<Batch> {
  const quick = fast ? inputs.map((input) => joinedNumbers(rows, input)) : [null];
  if (quick.every((tensor) => tensor !== null)) {
    yield { firstRow, rows: rows.length, inputs: quick };
    return;
  }
  const made = rows.map(({ row, line }) => goldenInputs(row, inputs, line));
  for (let start = 0; start < made.length;) {
    const shape = shapesOf(made[start] ?? []);
    let end = start + 1;
    while (end < made.length && shapesOf(made[end] ?? []) === shape) end += 1;
    yield { firstRow: firstRow + start, rows: end - start, inputs: joinedTensors(made.slice(start, end)) };
    start = end;
  }
}

const isFixed32 = ({ datatype, shape }: TensorSpec): boolean =>
  datatype === 'FP32' && shape[0] === -1 && shape.slice(1).every((size) => size > 0);

/** The fast way for what most rows are, flat lists of numbers; null sends the rows the general way, which words the errors. */
function joinedNumbers(rows: readonly PlacedRow[], { name, datatype, shape }: TensorSpec): EngineTensor | null {
  const rest = shape.slice(1);
  const size = rest.reduce((product, dimension) => product * dimension, 1);
  const values = new Float32Array(rows.length * size);
  let at = 0;
  for (const { row } of rows) {
    const value = (row as DataRow)[name];
    if (!Array.isArray(value) || value.length !== size) return null;
    for (const element of value as readonly unknown[]) {
      if (typeof element !== 'number') return null;
      values[at] = element;
      at += 1;
    }
  }
  return { name, datatype, shape: [rows.length, ...rest], bytes: new Uint8Array(values.buffer) };
}

const shapesOf = (tensors: readonly GoldenTensor[]): string => tensors.map(({ shape }) => shape.join()).join(';');

function joinedTensors(rows: readonly (readonly GoldenTensor[])[]): readonly EngineTensor[] {
  const [first = []] = rows;
  if (rows.length === 1) return first.map(wireTensorOf);
  return first.map(({ name, datatype, shape }, at) =>
    wireTensorOf({
      name,
      datatype,
      shape: [rows.length, ...shape.slice(1)],
      data: rows.flatMap((row) => row[at]?.data ?? []),
    }),
  );
}
