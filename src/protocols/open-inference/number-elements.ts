import type { Datatype } from './datatype.ts';
import type { NumberArray } from './lifted-arrays.ts';
import { elementCount, type WireTensor } from './tensor.ts';

/** Memory of as many bytes or more, from a multiple of 8 on; null leaves it to the caller to make its own. */
export type TakeRoom = (bytes: number) => Uint8Array | null;

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
  take: TakeRoom,
): WireTensor | null {
  if (!fits(shape, array.dimensions)) return null;
  const elements = elementsOf(datatype, array, take);
  if (elements === null) return null;
  return { name, datatype, shape, bytes: new Uint8Array(elements.buffer, elements.byteOffset, elements.byteLength) };
}

function fits(shape: readonly number[], dimensions: readonly number[]): boolean {
  if (dimensions.length === 1) return dimensions[0] === elementCount(shape);
  return dimensions.length === shape.length && dimensions.every((size, at) => size === shape[at]);
}

function elementsOf(datatype: Datatype, { values, most }: NumberArray, take: TakeRoom): TypedArray | null {
  switch (datatype) {
    case 'FP32':
      return most < 3.4028235677973366e38 || within(values, 3.4028235677973366e38)
        ? placed(Float32Array, values, take)
        : null;
    case 'FP64':
      return placed(Float64Array, values, take);
    case 'FP16':
      return most < 65520 || within(values, 65520) ? placed(Float16Array, values, take) : null;
    case 'INT8':
      return whole(values, -128, 127) ? placed(Int8Array, values, take) : null;
    case 'UINT8':
      return whole(values, 0, 255) ? placed(Uint8Array, values, take) : null;
    case 'INT16':
      return whole(values, -32768, 32767) ? placed(Int16Array, values, take) : null;
    case 'UINT16':
      return whole(values, 0, 65535) ? placed(Uint16Array, values, take) : null;
    case 'INT32':
      return whole(values, -(2 ** 31), 2 ** 31 - 1) ? placed(Int32Array, values, take) : null;
    case 'UINT32':
      return whole(values, 0, 2 ** 32 - 1) ? placed(Uint32Array, values, take) : null;
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

interface NumberElements {
  readonly BYTES_PER_ELEMENT: number;
  new (values: Float64Array): NumberView;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): NumberView;
}
type NumberView = Exclude<TypedArray, BigInt64Array | BigUint64Array>;

function placed(Elements: NumberElements, values: Float64Array, take: TakeRoom): NumberView {
  const room = take(values.length * Elements.BYTES_PER_ELEMENT);
  if (room === null) return new Elements(values);
  const elements = new Elements(room.buffer, room.byteOffset, values.length);
  elements.set(values);
  return elements;
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
