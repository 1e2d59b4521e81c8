import { goldenInputs } from '../../core/monitoring/golden-inputs.ts';
import type { GoldenTensor } from '../../core/monitoring/golden.ts';
import type { TensorSpec } from '../../core/units/tensor.ts';
import type { PlacedRow } from '../../formats/json-lines.ts';
import type { EngineTensor } from '../../ports/serving/inference-engine.ts';
import { wireTensorOf } from '../../protocols/open-inference/golden-tensor.ts';
import { makeNumberBlocks, numberInputs } from './evaluate-number-blocks.ts';

export interface Batch {
  readonly firstRow: number;
  readonly rows: number;
  readonly inputs: readonly EngineTensor[];
  /** Says that nobody reads the inputs any more: their memory may hold the rows of a later batch. */
  release(): void;
}

/** Rows, several at a time; lists of numbers may be a Float64Array that lasts until the next are asked for. */
export type RowLists = AsyncIterable<readonly PlacedRow[]>;

/** Whether several rows may be in one request: every input leaves its first dimension to the caller. */
export const isBatchable = (inputs: readonly TensorSpec[]): boolean =>
  inputs.length > 0 && inputs.every(({ shape }) => shape[0] === -1);

/** The columns whose lists of numbers `batchesOf` takes as a Float64Array too. */
export const numberColumnsFor = (inputs: readonly TensorSpec[]): readonly string[] =>
  (numberInputs(inputs) ?? []).map(({ name }) => name);

/**
 * Rows as requests of up to `rowsAtMost` rows, in order. Rows whose inputs have another shape than the ones before begin a
 * request of their own. @throws PlimsollError `row-unfit`.
 */
export function batchesOf(lists: RowLists, inputs: readonly TensorSpec[], rowsAtMost: number): AsyncGenerator<Batch> {
  const numbers = numberInputs(inputs);
  return numbers === null ? generalBatches(lists, inputs, rowsAtMost) : numberBatches(lists, numbers, rowsAtMost);
}

/** The fast way, for inputs that are as many 32-bit floats in every row: the numbers go straight to where they are sent from. */
async function* numberBatches(
  lists: RowLists,
  inputs: NonNullable<ReturnType<typeof numberInputs>>,
  rowsAtMost: number,
): AsyncGenerator<Batch> {
  const blocks = makeNumberBlocks(inputs, rowsAtMost);
  let block = blocks.take();
  let firstRow = 0;
  for await (const rows of lists) {
    for (const row of rows) {
      block.add(row);
      if (block.rows < rowsAtMost) continue;
      yield { firstRow, ...block.filled() };
      firstRow += rowsAtMost;
      block = blocks.take();
    }
  }
  if (block.rows > 0) yield { firstRow, ...block.filled() };
}

async function* generalBatches(
  lists: RowLists,
  inputs: readonly TensorSpec[],
  rowsAtMost: number,
): AsyncGenerator<Batch> {
  let pending: PlacedRow[] = [];
  let firstRow = 0;
  for await (const rows of lists) {
    for (const row of rows) {
      pending.push(row);
      if (pending.length < rowsAtMost) continue;
      yield* batchesIn(pending, firstRow, inputs);
      firstRow += pending.length;
      pending = [];
    }
  }
  if (pending.length > 0) yield* batchesIn(pending, firstRow, inputs);
}

function* batchesIn(rows: readonly PlacedRow[], firstRow: number, inputs: readonly TensorSpec[]): Generator<Batch> {
  const made = rows.map(({ row, line }) => goldenInputs(row, inputs, line));
  for (let start = 0; start < made.length;) {
    const shape = shapesOf(made[start] ?? []);
    let end = start + 1;
    while (end < made.length && shapesOf(made[end] ?? []) === shape) end += 1;
    const joined = joinedTensors(made.slice(start, end));
    yield { firstRow: firstRow + start, rows: end - start, inputs: joined, release: () => undefined };
    start = end;
  }
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
