import { PlimsollError } from '../units/errors.ts';
import { nearest } from '../units/nearest.ts';
import type { TensorSpec } from '../units/tensor.ts';
import type { GoldenTensor } from './golden.ts';

/** One row of a data version: column to value, as JSON carries it. */
export type DataRow = Readonly<Record<string, unknown>>;

type Element = number | string | boolean;

/**
 * The inputs that one row of data is for a model: each input takes the column of its own name; columns that no input takes
 * (labels) are left alone. A leading -1 of a shape is the batch and becomes 1, since a row is one. The rest of the shape is
 * filled from the column's numbers, flat or nested, in row-major order; one further -1 takes what is left, and several need
 * nested lists. 64-bit integers may be written as text, which is exact beyond 2^53.
 *
 * `line` is where the row stands in its file, for errors.
 * @throws PlimsollError `row-unfit` (input): the column, what was expected and what is there.
 */
export function goldenInputs(row: DataRow, inputs: readonly TensorSpec[], line: number): readonly GoldenTensor[] {
  return inputs.map((input) => {
    const unfit = (what: string, next?: string): PlimsollError => rowUnfit(input, line, what, next);
    if (!Object.hasOwn(row, input.name)) {
      const columns = Object.keys(row);
      const meant = nearest(input.name, columns);
      throw unfit(
        `no such column; the columns are ${columns.slice(0, 10).join(', ')}${meant === null ? '' : ` (is it ${meant}?)`}`,
        `name the column ${input.name}, as the model names its input`,
      );
    }
    const value = row[input.name];
    const flat: Element[] = [];
    flatten(value, (element) => flat.push(elementOf(element, input.datatype, unfit)));
    return { name: input.name, datatype: input.datatype, shape: shapeOf(input, value, flat.length, unfit), data: flat };
  });
}

function rowUnfit(input: TensorSpec, line: number, what: string, next?: string): PlimsollError {
  return new PlimsollError({
    code: 'row-unfit',
    category: 'input',
    message: `line ${line} does not fit the input ${input.name} ${input.datatype} [${input.shape.join(',')}]: ${what}`,
    next: next ?? `mend that row, or add data whose column ${input.name} fits`,
    details: { line, column: input.name, datatype: input.datatype, shape: input.shape },
  });
}

type Unfit = (what: string, next?: string) => PlimsollError;

function shapeOf(input: TensorSpec, value: unknown, elements: number, unfit: Unfit): readonly number[] {
  const batch = input.shape[0] === -1 ? [1] : [];
  const rest = input.shape.slice(batch.length);
  const free = rest.filter((size) => size === -1).length;
  if (free > 1) return [...batch, ...nestedShape(rest, value, unfit)];
  const fixed = rest.filter((size) => size !== -1).reduce((product, size) => product * size, 1);
  const left = free === 0 ? 1 : elements / fixed;
  if (free === 0 ? elements !== fixed : !Number.isInteger(left)) {
    throw unfit(`it has ${elements} elements, and ${fixed}${free === 0 ? '' : ' or a multiple'} are needed`);
  }
  return [...batch, ...rest.map((size) => (size === -1 ? left : size))];
}

/** Of nested lists that are as deep as the shape and regular. */
function nestedShape(rest: readonly number[], value: unknown, unfit: Unfit): readonly number[] {
  const sizes: number[] = [];
  for (let at = value; Array.isArray(at); at = at[0] as unknown) sizes.push(at.length);
  const fits = sizes.length === rest.length && rest.every((size, axis) => size === -1 || size === sizes[axis]);
  if (!fits || !isRegular(value, sizes)) {
    throw unfit(`its lists must be nested ${rest.length} deep and regular, since several sizes are free`);
  }
  return sizes;
}

function isRegular(value: unknown, [size, ...inner]: readonly number[]): boolean {
  if (size === undefined) return !Array.isArray(value);
  return Array.isArray(value) && value.length === size && value.every((item) => isRegular(item, inner));
}

function flatten(value: unknown, take: (element: unknown) => void): void {
  if (!Array.isArray(value)) take(value);
  else for (const item of value) flatten(item, take);
}

const integerRanges: Readonly<Record<string, readonly [low: bigint, high: bigint]>> = {
  INT8: [-(2n ** 7n), 2n ** 7n - 1n],
  INT16: [-(2n ** 15n), 2n ** 15n - 1n],
  INT32: [-(2n ** 31n), 2n ** 31n - 1n],
  INT64: [-(2n ** 63n), 2n ** 63n - 1n],
  UINT8: [0n, 2n ** 8n - 1n],
  UINT16: [0n, 2n ** 16n - 1n],
  UINT32: [0n, 2n ** 32n - 1n],
  UINT64: [0n, 2n ** 64n - 1n],
};
const nonFinite: readonly unknown[] = ['NaN', 'Infinity', '-Infinity'];

/** In the form of `GoldenTensor`: 64-bit integers and non-finite numbers are text. */
function elementOf(element: unknown, datatype: string, unfit: Unfit): Element {
  const range = integerRanges[datatype];
  if (range !== undefined) return integerOf(element, datatype, range, unfit);
  switch (datatype) {
    case 'FP16':
    case 'BF16':
    case 'FP32':
    case 'FP64':
      if (typeof element === 'number' || nonFinite.includes(element)) return element as number | string;
      throw unfit(`${shown(element)} is not a number`);
    case 'BOOL':
      if (typeof element === 'boolean') return element;
      if (element === 0 || element === 1) return element === 1;
      throw unfit(`${shown(element)} is neither true nor false`);
    case 'BYTES':
      if (typeof element === 'string') return element;
      throw unfit(`${shown(element)} is not text`);
    default:
      throw unfit(`rows cannot state the datatype ${datatype}`);
  }
}

function integerOf(
  element: unknown,
  datatype: string,
  [low, high]: readonly [bigint, bigint],
  unfit: Unfit,
): number | string {
  const isText = typeof element === 'string' && /^-?\d{1,20}$/.test(element);
  if (!isText && !Number.isSafeInteger(element)) throw unfit(`${shown(element)} is not an integer`);
  const exact = BigInt(element as number | string);
  if (exact < low || exact > high) throw unfit(`${shown(element)} is beyond ${datatype}`);
  return datatype === 'INT64' || datatype === 'UINT64' ? String(exact) : Number(exact);
}

function shown(value: unknown): string {
  return (JSON.stringify(value) ?? 'nothing').slice(0, 40);
}
