import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { goldenInputs, type DataRow } from '../../core/monitoring/golden-inputs.ts';
import type { TensorSpec } from '../../core/units/tensor.ts';
import { asPlimsollError } from '../../core/units/errors.ts';
import type { PlacedRow } from '../../formats/json-lines.ts';
import { wireTensorOf } from '../../protocols/open-inference/golden-tensor.ts';
import { isBytesTensor } from '../../protocols/open-inference/tensor.ts';
import { batchesOf, type Batch, type RowLists } from './evaluate-batches.ts';

const image: TensorSpec = { name: 'x', datatype: 'FP32', shape: [-1, 3] };
const weight: TensorSpec = { name: 'w', datatype: 'FP32', shape: [-1] };

async function* inLists(rows: readonly DataRow[], size: number): RowLists {
  for (let at = 0; at < rows.length; at += size) {
    const list: PlacedRow[] = rows.slice(at, at + size).map((row, offset) => ({ line: at + offset + 1, row }));
    yield await Promise.resolve(list);
    // Lists of numbers last until the next rows are asked for, and no longer.
    for (const { row } of list)
      for (const value of Object.values(row)) if (value instanceof Float64Array) value.fill(-9);
  }
}

interface Sent {
  readonly firstRow: number;
  readonly rows: number;
  readonly bytes: readonly number[][];
}

const sent = ({ firstRow, rows, inputs }: Batch): Sent => ({
  firstRow,
  rows,
  bytes: inputs.map((tensor) => (isBytesTensor(tensor as never) ? [] : [...(tensor as { bytes: Uint8Array }).bytes])),
});

/** @param keep how many batches are read only after that many more were asked for, as requests under way are. */
async function batched(lists: RowLists, inputs: readonly TensorSpec[], rowsAtMost: number, keep = 0): Promise<Sent[]> {
  const [all, held]: [Sent[], Batch[]] = [[], []];
  const settle = (): void => {
    const oldest = held.shift();
    if (oldest === undefined) return;
    all.push(sent(oldest));
    oldest.release();
  };
  for await (const batch of batchesOf(lists, inputs, rowsAtMost)) {
    held.push(batch);
    if (held.length > keep) settle();
  }
  while (held.length > 0) settle();
  return all;
}

/** The oracle: every row by itself, in the general way. */
const bytesOf = (rows: readonly DataRow[], inputs: readonly TensorSpec[]): number[][] =>
  inputs.map((_, at) =>
    rows.flatMap((row, index) => {
      const made = goldenInputs(row, inputs, index + 1)[at];
      const tensor = made === undefined ? undefined : wireTensorOf(made);
      return tensor === undefined || isBytesTensor(tensor) ? [] : [...tensor.bytes];
    }),
  );

const finite = fc.float({ noNaN: true, noDefaultInfinity: true });
const three = fc.tuple(finite, finite, finite);
const wide: fc.Arbitrary<unknown> = fc.oneof(
  three,
  three.map((numbers) => numbers.map((one) => [one])),
  three.map(([first]) => ['NaN', first, '-Infinity']),
);
const rowsArbitrary = fc.array(
  fc.record({
    x: wide,
    w: fc.oneof(
      finite,
      finite.map((one) => [one]),
    ),
    label: fc.integer(),
  }),
  { maxLength: 20 },
);
const asRead = (row: DataRow, typed: boolean): DataRow => {
  const x = row['x'];
  const flat = Array.isArray(x) && x.every((one) => typeof one === 'number');
  return typed && flat ? { ...row, x: Float64Array.from(x as number[]) } : row;
};

describe('rows as requests', () => {
  it('hold what the general way makes of each row, in order, however the rows come and requests end', async () => {
    await fc.assert(
      fc.asyncProperty(
        rowsArbitrary,
        fc.array(fc.boolean(), { minLength: 20, maxLength: 20 }),
        fc.integer({ min: 1, max: 7 }),
        fc.integer({ min: 1, max: 7 }),
        fc.integer({ min: 0, max: 3 }),
        async (rows, typed, listSize, rowsAtMost, keep) => {
          const inputs = [image, weight];
          const read = rows.map((row, at) => asRead(row, typed[at] ?? false));
          const batches = await batched(inLists(read, listSize), inputs, rowsAtMost, keep);
          expect(inputs.map((_, at) => batches.flatMap(({ bytes }) => bytes[at] ?? []))).toEqual(bytesOf(rows, inputs));
          expect(batches.map(({ firstRow }) => firstRow)).toEqual(batches.map((_, at) => at * rowsAtMost));
          expect(batches.reduce((sum, batch) => sum + batch.rows, 0)).toBe(rows.length);
        },
      ),
    );
  });

  it('use the memory of a request again only when it was released', async () => {
    const rows = Array.from({ length: 6 }, (_, at) => ({ x: [at, at, at] }));
    const memory: unknown[] = [];
    for await (const batch of batchesOf(inLists(rows, 6), [image], 2)) {
      memory.push((batch.inputs[0] as { bytes: Uint8Array }).bytes.buffer);
      if (memory.length === 2) batch.release();
      if (memory.length === 2) batch.release();
    }
    expect(new Set(memory).size).toBe(2);
    expect(memory[2]).toBe(memory[1]);
  });

  it.each([
    [{ x: Float64Array.of(1, 2) }, 'line 2 does not fit the input x FP32 [-1,3]: it has 2 elements, and 3 are needed'],
    [{ x: [1, 2, true] }, 'line 2 does not fit the input x FP32 [-1,3]: true is not a number'],
    [{ y: 1 }, 'line 2 does not fit the input x FP32 [-1,3]: no such column; the columns are y (is it y?)'],
  ])('name the row that does not fit: %j', async (row, message) => {
    const error = await batched(inLists([{ x: [1, 2, 3] }, row], 2), [image], 64).catch(asPlimsollError);
    expect(error).toMatchObject({ code: 'row-unfit', message });
  });

  it('begin anew where the inputs of a row have another shape', async () => {
    const free: TensorSpec = { name: 'x', datatype: 'FP32', shape: [-1, -1] };
    const rows = [{ x: [1] }, { x: [2] }, { x: [3, 4] }, { x: [5] }];
    const batches = await batched(inLists(rows, 4), [free], 64);
    expect(batches.map(({ firstRow, rows: count }) => [firstRow, count])).toEqual([
      [0, 2],
      [2, 1],
      [3, 1],
    ]);
  });
});
