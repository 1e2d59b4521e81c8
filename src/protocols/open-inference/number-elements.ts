import type { Datatype } from './datatype.ts';
import type { NumberArray } from './lifted-arrays.ts';
import { elementCount, type WireTensor } from './tensor.ts';

type TypedArray =
  | Float32Array
  | Float64Array
  | Float16Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

/**
 * A tensor from numbers that were read ahead. @returns null when they are not plainly what shape and datatype say: the
 * general way (`tensorFromJson`) then decides, and words the error.
 */
export function tensorFromNumbers(
  name: string,
  datatype: Datatype,
  shape: readonly number[],
  array: NumberArray,
): WireTensor | null {
  if (!fits(shape, array.dimensions)) return null;
  const elements = elementsOf(datatype, array.values);
  if (elements === null) return null;
  return { name, datatype, shape, bytes: new Uint8Array(elements.buffer, elements.byteOffset, elements.byteLength) };
}

function fits(shape: readonly number[], dimensions: readonly number[]): boolean {
  if (dimensions.length === 1) return dimensions[0] === elementCount(shape);
  return dimensions.length === shape.length && dimensions.every((size, at) => size === shape[at]);
}

function elementsOf(datatype: Datatype, values: Float64Array): TypedArray | null {
  switch (datatype) {
    case 'FP32':
      return within(values, 3.4028235677973366e38) ? new Float32Array(values) : null;
    case 'FP64':
      return new Float64Array(values);
    case 'FP16':
      return within(values, 65520) ? new Float16Array(values) : null;
    case 'INT8':
      return whole(values, -128, 127) ? new Int8Array(values) : null;
    case 'UINT8':
      return whole(values, 0, 255) ? new Uint8Array(values) : null;
    case 'INT16':
      return whole(values, -32768, 32767) ? new Int16Array(values) : null;
    case 'UINT16':
      return whole(values, 0, 65535) ? new Uint16Array(values) : null;
    case 'INT32':
      return whole(values, -(2 ** 31), 2 ** 31 - 1) ? new Int32Array(values) : null;
    case 'UINT32':
      return whole(values, 0, 2 ** 32 - 1) ? new Uint32Array(values) : null;
    case 'INT64':
      return whole(values, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)
        ? BigInt64Array.from(values, BigInt as (value: number) => bigint)
        : null;
    case 'UINT64':
      return whole(values, 0, Number.MAX_SAFE_INTEGER)
        ? BigUint64Array.from(values, BigInt as (value: number) => bigint)
        : null;
    case 'BOOL':
    case 'BYTES':
      return null;
  }
}

/** Every magnitude below the first that rounds to infinity. */
function within(values: Float64Array, limit: number): boolean {
  for (let at = 0; at < values.length; at += 1) {
    const value = values[at] ?? 0;
    if (value >= limit || value <= -limit) return false;
  }
  return true;
}

function whole(values: Float64Array, min: number, max: number): boolean {
  for (let at = 0; at < values.length; at += 1) {
    const value = values[at] ?? 0;
    if (!(value >= min && value <= max) || !Number.isInteger(value)) return false;
  }
  return true;
}
