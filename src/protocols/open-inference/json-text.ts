import { PlimsollError } from '../../core/units/errors.ts';
import { isBytesTensor, type WireTensor } from './tensor.ts';

const decoder = new TextDecoder('utf-8', { fatal: true });

/**
 * The tensor's elements as the text of a flat JSON array. Exact for every datatype: 64-bit integers are written digit by
 * digit, negative zero keeps its sign, and NaN and the infinities, which JSON numbers lack, become the strings "NaN",
 * "Infinity" and "-Infinity" (docs/decisions: numbers on the wire).
 * @throws PlimsollError `output-not-utf8` when an element of a BYTES tensor is not text; binary form carries it.
 */
export function jsonOf(tensor: WireTensor): string {
  if (isBytesTensor(tensor)) return `[${tensor.elements.map((element) => stringOf(element, tensor.name)).join(',')}]`;
  const { bytes } = tensor;
  switch (tensor.datatype) {
    case 'FP32':
      return floatsText(new Float32Array(aligned(bytes, 4)));
    case 'FP64':
      return floatsText(new Float64Array(aligned(bytes, 8)));
    case 'FP16':
      return floatsText(new Float16Array(aligned(bytes, 2)));
    case 'INT8':
      return `[${new Int8Array(aligned(bytes, 1)).join(',')}]`;
    case 'UINT8':
      return `[${bytes.join(',')}]`;
    case 'INT16':
      return `[${new Int16Array(aligned(bytes, 2)).join(',')}]`;
    case 'UINT16':
      return `[${new Uint16Array(aligned(bytes, 2)).join(',')}]`;
    case 'INT32':
      return `[${new Int32Array(aligned(bytes, 4)).join(',')}]`;
    case 'UINT32':
      return `[${new Uint32Array(aligned(bytes, 4)).join(',')}]`;
    case 'INT64':
      return `[${new BigInt64Array(aligned(bytes, 8)).join(',')}]`;
    case 'UINT64':
      return `[${new BigUint64Array(aligned(bytes, 8)).join(',')}]`;
    case 'BOOL':
      return `[${Array.from(bytes, (byte) => byte !== 0).join(',')}]`;
    default:
      throw new PlimsollError({
        code: 'datatype-unsupported',
        category: 'bug',
        message: `tensor "${tensor.name}" has the datatype ${tensor.datatype}, which JSON cannot carry`,
      });
  }
}

/** The bytes at a place where a typed array of this width may start; copied only when they are not there already. */
export function aligned(bytes: Uint8Array, width: number): ArrayBuffer {
  const { buffer, byteOffset, byteLength } = bytes;
  if (
    byteOffset === 0 &&
    byteLength === buffer.byteLength &&
    buffer instanceof ArrayBuffer &&
    byteLength % width === 0
  ) {
    return buffer;
  }
  // Not `bytes.slice()`: of a Buffer that is another view of the same memory, and its `buffer` a whole pool.
  return new Uint8Array(bytes).buffer;
}

function floatsText(values: Float32Array | Float64Array | Float16Array): string {
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i] ?? 0;
    // True for NaN, the infinities and -0, whose plain text JSON would refuse or lose.
    if (value - value !== 0 || (value === 0 && 1 / value < 0)) return unusualFloatsText(values);
  }
  return `[${values.join(',')}]`;
}

function unusualFloatsText(values: Float32Array | Float64Array | Float16Array): string {
  const texts = Array.from(values, (value) => {
    if (!Number.isFinite(value)) return `"${value}"`;
    return Object.is(value, -0) ? '-0' : `${value}`;
  });
  return `[${texts.join(',')}]`;
}

function stringOf(element: Uint8Array, name: string): string {
  try {
    return JSON.stringify(decoder.decode(element));
  } catch (cause) {
    throw new PlimsollError({
      code: 'output-not-utf8',
      category: 'input',
      message: `tensor "${name}" has elements that are not UTF-8 text, which JSON cannot carry`,
      next: 'ask for it in binary form: "parameters": {"binary_data": true} at the output',
      cause,
    });
  }
}
