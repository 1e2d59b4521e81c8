import { goldenInputs, type DataRow } from '../../core/monitoring/golden-inputs.ts';
import type { TensorSpec } from '../../core/units/tensor.ts';
import type { PlacedRow } from '../../formats/json-lines.ts';
import type { EngineTensor } from '../../ports/serving/inference-engine.ts';
import { wireTensorOf } from '../../protocols/open-inference/golden-tensor.ts';
import { isBytesTensor } from '../../protocols/open-inference/tensor.ts';

/** An input of which every row is `size` 32-bit floats. */
export interface NumberInput extends TensorSpec {
  readonly size: number;
}

/** Null where an input is anything else: rows may then differ in shape, or need their elements judged one by one. */
export function numberInputs(inputs: readonly TensorSpec[]): readonly NumberInput[] | null {
  const fixed = ({ datatype, shape }: TensorSpec): boolean =>
    datatype === 'FP32' && shape[0] === -1 && shape.slice(1).every((size) => size > 0);
  if (!inputs.every(fixed)) return null;
  return inputs.map((input) => ({ ...input, size: input.shape.slice(1).reduce((product, size) => product * size, 1) }));
}

/** The tensors of one request while its rows come in. */
export interface NumberBlock {
  readonly rows: number;
  /** @throws PlimsollError `row-unfit`. */
  add(row: PlacedRow): void;
  filled(): { readonly rows: number; readonly inputs: readonly EngineTensor[]; release(): void };
}

/**
 * Blocks for up to `rowsAtMost` rows. One that was released is used again: memory that the system has to hand out anew for
 * each request costs more than filling it.
 */
export function makeNumberBlocks(inputs: readonly NumberInput[], rowsAtMost: number): { take(): NumberBlock } {
  const free: (readonly Float32Array[])[] = [];
  return {
    take() {
      const values = free.pop() ?? inputs.map(({ size }) => new Float32Array(size * rowsAtMost));
      return numberBlock(inputs, values, () => free.push(values));
    },
  };
}

function numberBlock(
  inputs: readonly NumberInput[],
  values: readonly Float32Array[],
  release: () => void,
): NumberBlock {
  let rows = 0;
  return {
    get rows() {
      return rows;
    },
    add(placed) {
      const added = inputs.every((input, at) => putNumbers(placed.row[input.name], input.size, values[at], rows));
      if (!added) putGeneral(placed, inputs, values, rows);
      rows += 1;
    },
    filled() {
      const tensors = inputs.map(({ name, datatype, shape, size }, at) => {
        const bytes = new Uint8Array(values[at]?.buffer ?? new ArrayBuffer(), 0, rows * size * 4);
        return { name, datatype, shape: [rows, ...shape.slice(1)], bytes };
      });
      let released = false;
      return {
        rows,
        inputs: tensors,
        release() {
          if (!released) release();
          released = true;
        },
      };
    },
  };
}

/** What most rows are, flat lists of numbers; false for everything else. */
function putNumbers(value: unknown, size: number, values: Float32Array | undefined, row: number): boolean {
  if (values === undefined) return false;
  if (value instanceof Float64Array) {
    if (value.length !== size) return false;
    values.set(value, row * size);
    return true;
  }
  if (!Array.isArray(value) || value.length !== size) return false;
  let at = row * size;
  for (const element of value as readonly unknown[]) {
    if (typeof element !== 'number') return false;
    values[at] = element;
    at += 1;
  }
  return true;
}

/** Nested lists, names of non-finite numbers, single numbers; also words the errors. */
function putGeneral(
  { row, line }: PlacedRow,
  inputs: readonly NumberInput[],
  values: readonly Float32Array[],
  at: number,
): void {
  for (const [index, made] of goldenInputs(plainRow(row), inputs, line).entries()) {
    const tensor = wireTensorOf(made);
    if (isBytesTensor(tensor)) continue;
    const { bytes } = tensor;
    new Uint8Array(values[index]?.buffer ?? new ArrayBuffer()).set(bytes, at * bytes.length);
  }
}

const plainRow = (row: DataRow): DataRow =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, value instanceof Float64Array ? Array.from(value) : value]),
  );
