import { PlimsollError } from '../../core/units/errors.ts';
import { describe, elementBytes, type Datatype, type FixedDatatype } from './datatype.ts';
import { elementCount, type WireTensor } from './tensor.ts';

/** What a fill function says when a double could not hold an integer: parse again exactly, and fill once more. */
const needsExact = Symbol('needs exact integers');

/**
 * The `data` member of a JSON tensor, flat or nested, as row-major bytes.
 * `exactData` gives the same member with integers beyond 2^53 as bigint; it is asked for only when one is met.
 * @throws PlimsollError `data-count`, `data-shape`, `data-type`, `data-range`.
 */
export function tensorFromJson(
  name: string,
  datatype: Datatype,
  shape: readonly number[],
  data: unknown,
  exactData: () => unknown,
): WireTensor {
  const where = `tensor "${name}"`;
  assertCarriable(data, shape, where);
  if (datatype === 'BYTES') {
    const elements: Uint8Array[] = [];
    visitRows(data, shape, (row) => {
      for (const value of row) elements.push(textBytes(value, elements.length, where));
      return true;
    });
    return { name, datatype, shape, elements };
  }
  const bytes = new Uint8Array(elementCount(shape) * elementBytes[datatype]);
  if (fill(datatype, bytes, data, shape, where) === needsExact) {
    assertFilled(fill(datatype, bytes, exactData(), shape, where), where);
  }
  return { name, datatype, shape, bytes };
}

type Outcome = true | typeof needsExact;
type FillRow = (row: readonly unknown[], offset: number) => Outcome;

/** Refuses a shape that claims more than the data holds before a buffer of that size is made. */
function assertCarriable(data: unknown, shape: readonly number[], where: string): void {
  if (!Array.isArray(data)) throw dataError('data-type', `${where}: data must be an array, got ${describe(data)}`);
  if (isNested(data, shape)) countNested(data, shape, 0, where);
  else if (data.length !== elementCount(shape))
    throw wrongCount(where, shape, `${data.length}`, `${elementCount(shape)}`);
}

function isNested(data: readonly unknown[], shape: readonly number[]): boolean {
  return shape.length > 1 && Array.isArray(data[0]);
}

/** Walks the nesting down to the innermost rows: every length must be the shape's. */
function countNested(data: unknown, shape: readonly number[], depth: number, where: string): void {
  if (!Array.isArray(data)) {
    throw dataError(
      'data-shape',
      `${where}: nested data has ${describe(data)} where dimension ${depth} should be an array`,
    );
  }
  if (data.length !== shape[depth]) {
    throw wrongCount(
      where,
      shape,
      `${data.length} at dimension ${depth}`,
      `${shape[depth] ?? 0} at dimension ${depth}`,
    );
  }
  if (depth + 1 < shape.length) for (const inner of data) countNested(inner, shape, depth + 1, where);
}

/** Calls `each` with every innermost row and the index of its first element; `data` was checked to be of this shape. */
function visitRows(data: unknown, shape: readonly number[], each: FillRow): Outcome {
  const rows = data as readonly unknown[];
  return isNested(rows, shape) ? visitNested(rows, shape.length - 1, 0, each).outcome : each(rows, 0);
}

function visitNested(
  data: readonly unknown[],
  depth: number,
  offset: number,
  each: FillRow,
): { outcome: Outcome; next: number } {
  if (depth === 0) return { outcome: each(data, offset), next: offset + data.length };
  let next = offset;
  for (const inner of data as readonly (readonly unknown[])[]) {
    const visited = visitNested(inner, depth - 1, next, each);
    if (visited.outcome === needsExact) return visited;
    next = visited.next;
  }
  return { outcome: true, next };
}

function fill(
  datatype: FixedDatatype,
  bytes: Uint8Array,
  data: unknown,
  shape: readonly number[],
  where: string,
): Outcome {
  const { buffer } = bytes;
  switch (datatype) {
    case 'FP32':
      return visitRows(data, shape, floats(new Float32Array(buffer), 3.4028235677973366e38, where, datatype));
    case 'FP64':
      return visitRows(data, shape, floats(new Float64Array(buffer), Infinity, where, datatype));
    case 'FP16':
      return visitRows(data, shape, floats(new Float16Array(buffer), 65520, where, datatype));
    case 'INT8':
      return visitRows(data, shape, integers(new Int8Array(buffer), -128, 127, where, datatype));
    case 'UINT8':
      return visitRows(data, shape, integers(new Uint8Array(buffer), 0, 255, where, datatype));
    case 'INT16':
      return visitRows(data, shape, integers(new Int16Array(buffer), -32768, 32767, where, datatype));
    case 'UINT16':
      return visitRows(data, shape, integers(new Uint16Array(buffer), 0, 65535, where, datatype));
    case 'INT32':
      return visitRows(data, shape, integers(new Int32Array(buffer), -(2 ** 31), 2 ** 31 - 1, where, datatype));
    case 'UINT32':
      return visitRows(data, shape, integers(new Uint32Array(buffer), 0, 2 ** 32 - 1, where, datatype));
    case 'INT64':
      return visitRows(
        data,
        shape,
        bigIntegers(new BigInt64Array(buffer), -(2n ** 63n), 2n ** 63n - 1n, where, datatype),
      );
    case 'UINT64':
      return visitRows(data, shape, bigIntegers(new BigUint64Array(buffer), 0n, 2n ** 64n - 1n, where, datatype));
    case 'BOOL':
      return visitRows(data, shape, booleans(bytes, where));
  }
}

/** `limit` is the first magnitude that rounds to infinity in the datatype. */
function floats(
  target: Float32Array | Float64Array | Float16Array,
  limit: number,
  where: string,
  datatype: string,
): FillRow {
  return (row, offset) => {
    for (let i = 0; i < row.length; i += 1) {
      const value = row[i];
      if (typeof value === 'number') {
        if (!(value < limit && value > -limit)) throw outOfRange(where, offset + i, value, datatype);
        target[offset + i] = value;
      } else target[offset + i] = nonFinite(value, where, offset + i, datatype);
    }
    return true;
  };
}

function nonFinite(value: unknown, where: string, index: number, datatype: string): number {
  if (value === 'NaN') return NaN;
  if (value === 'Infinity') return Infinity;
  if (value === '-Infinity') return -Infinity;
  throw wrongType(where, index, value, `a number, "NaN", "Infinity" or "-Infinity" for ${datatype}`);
}

function integers(
  target: Int8Array | Uint8Array | Int16Array | Uint16Array | Int32Array | Uint32Array,
  min: number,
  max: number,
  where: string,
  datatype: string,
): FillRow {
  return (row, offset) => {
    for (let i = 0; i < row.length; i += 1) {
      const value = row[i];
      if (typeof value !== 'number' || !Number.isInteger(value)) {
        throw wrongType(where, offset + i, value, `a whole number for ${datatype}`);
      }
      if (value < min || value > max) throw outOfRange(where, offset + i, value, datatype);
      target[offset + i] = value;
    }
    return true;
  };
}

/** 64-bit integers come as JSON numbers of any size, or as decimal text (which every JSON library keeps exact). */
function bigIntegers(
  target: BigInt64Array | BigUint64Array,
  min: bigint,
  max: bigint,
  where: string,
  datatype: string,
): FillRow {
  return (row, offset) => {
    for (let i = 0; i < row.length; i += 1) {
      const value = row[i];
      if (typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value)) return needsExact;
      const exact = bigIntegerOf(value, where, offset + i, datatype);
      if (exact < min || exact > max) throw outOfRange(where, offset + i, exact, datatype);
      target[offset + i] = exact;
    }
    return true;
  };
}

function bigIntegerOf(value: unknown, where: string, index: number, datatype: string): bigint {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number' && Number.isInteger(value)) return BigInt(value);
  if (typeof value === 'string' && /^-?\d{1,20}$/.test(value)) return BigInt(value);
  throw wrongType(where, index, value, `a whole number for ${datatype}`);
}

function booleans(target: Uint8Array, where: string): FillRow {
  return (row, offset) => {
    for (let i = 0; i < row.length; i += 1) {
      const value = row[i];
      if (typeof value !== 'boolean') throw wrongType(where, offset + i, value, 'true or false for BOOL');
      target[offset + i] = value ? 1 : 0;
    }
    return true;
  };
}

const encoder = new TextEncoder();

function textBytes(value: unknown, index: number, where: string): Uint8Array {
  if (typeof value !== 'string') throw wrongType(where, index, value, 'a string for BYTES');
  if (!value.isWellFormed()) {
    throw dataError('data-type', `${where}: element ${index} holds half of a surrogate pair, which UTF-8 cannot carry`);
  }
  return encoder.encode(value);
}

/** Only a number that is still out of reach after the exact parse gets here: more than 64 digits. */
function assertFilled(outcome: Outcome, where: string): void {
  if (outcome === needsExact) throw dataError('data-range', `${where}: an integer is out of the range of 64 bits`);
}

function wrongType(where: string, index: number, value: unknown, expected: string): PlimsollError {
  return dataError('data-type', `${where}: element ${index} is ${describe(value)}; expected ${expected}`);
}

function outOfRange(where: string, index: number, value: number | bigint, datatype: string): PlimsollError {
  return dataError('data-range', `${where}: element ${index} is ${value}, out of the range of ${datatype}`);
}

function wrongCount(where: string, shape: readonly number[], got: string, expected: string): PlimsollError {
  return dataError('data-count', `${where}: shape [${shape.join(', ')}] needs ${expected} elements, data has ${got}`);
}

function dataError(code: string, message: string): PlimsollError {
  return new PlimsollError({
    code,
    category: 'input',
    message,
    next: 'compare shape, datatype and data with GET /v2/models/{model}',
  });
}
