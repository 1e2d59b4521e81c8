import type { NumberValues } from '../../core/evaluation/predictions.ts';
import { isBytesTensor, type WireTensor } from './tensor.ts';

const utf8 = new TextDecoder();

/** The elements as numbers, or as texts; 64-bit integers beyond 2^53 lose their last digits, which no class has. */
export function valuesOf(tensor: WireTensor): NumberValues | readonly string[] {
  if (isBytesTensor(tensor)) return tensor.elements.map((element) => utf8.decode(element));
  // A copy: aligned, and kept when the answer that it came in is not.
  if (tensor.datatype === 'FP32') return new Float32Array(new Uint8Array(tensor.bytes).buffer);
  const view = new DataView(tensor.bytes.buffer, tensor.bytes.byteOffset, tensor.bytes.byteLength);
  const [width, read] = readers[tensor.datatype] ?? [1, (one: DataView, offset: number) => one.getUint8(offset)];
  return Float64Array.from({ length: view.byteLength / width }, (_, at) => read(view, at * width));
}

type Read = (view: DataView, offset: number) => number;

const readers: Readonly<Record<string, readonly [width: number, read: Read]>> = {
  FP64: [8, (view, offset) => view.getFloat64(offset, true)],
  FP16: [2, (view, offset) => halfOf(view.getUint16(offset, true))],
  INT8: [1, (view, offset) => view.getInt8(offset)],
  INT16: [2, (view, offset) => view.getInt16(offset, true)],
  INT32: [4, (view, offset) => view.getInt32(offset, true)],
  INT64: [8, (view, offset) => Number(view.getBigInt64(offset, true))],
  UINT16: [2, (view, offset) => view.getUint16(offset, true)],
  UINT32: [4, (view, offset) => view.getUint32(offset, true)],
  UINT64: [8, (view, offset) => Number(view.getBigUint64(offset, true))],
};

/** IEEE 754 binary16: 1 sign, 5 exponent (bias 15) and 10 fraction bits. */
function halfOf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
