import { PlimsollError } from '../../core/units/errors.ts';
import { elementBytes, type Datatype } from './datatype.ts';
import { elementCount, isBytesTensor, type WireTensor } from './tensor.ts';

/**
 * A binary tensor: little-endian, row-major; BOOL is one byte of 0 or 1; each BYTES element has its length in front as
 * an unsigned 32-bit number. The bytes are copied only when they do not start where a typed array can.
 * Source: Triton's docs/protocol/extension_binary_data.md (read 2026-11).
 * @throws PlimsollError `binary-size`, `binary-bool`, `binary-bytes`.
 */
export function tensorFromBinary(
  name: string,
  datatype: Datatype,
  shape: readonly number[],
  bytes: Uint8Array,
): WireTensor {
  const where = `tensor "${name}"`;
  const count = elementCount(shape);
  if (datatype === 'BYTES') return { name, datatype, shape, elements: splitElements(bytes, count, where) };
  const width = elementBytes[datatype];
  if (bytes.length !== count * width) {
    throw binaryError(
      'binary-size',
      `${where}: shape [${shape.join(', ')}] of ${datatype} needs ${count * width} bytes, binary_data_size is ${bytes.length}`,
    );
  }
  if (datatype === 'BOOL') assertBooleans(bytes, where);
  return { name, datatype, shape, bytes };
}

/** Length of the tensor in binary form, in bytes. */
export function binarySize(tensor: WireTensor): number {
  if (!isBytesTensor(tensor)) return tensor.bytes.length;
  let size = 0;
  for (const element of tensor.elements) size += 4 + element.length;
  return size;
}

/** The tensor in binary form; the tensor's own bytes, uncopied, for fixed-width datatypes. */
export function binaryOf(tensor: WireTensor): Uint8Array {
  if (!isBytesTensor(tensor)) return tensor.bytes;
  const joined = new Uint8Array(binarySize(tensor));
  const view = new DataView(joined.buffer);
  let offset = 0;
  for (const element of tensor.elements) {
    view.setUint32(offset, element.length, true);
    joined.set(element, offset + 4);
    offset += 4 + element.length;
  }
  return joined;
}

function splitElements(bytes: Uint8Array, count: number, where: string): Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const elements: Uint8Array[] = [];
  let offset = 0;
  // `count` is a claim of the client; the loop ends at the bytes that are really there.
  while (elements.length < count) {
    if (offset + 4 > bytes.length) throw truncated(where, elements.length, count, bytes.length);
    const length = view.getUint32(offset, true);
    if (offset + 4 + length > bytes.length) throw truncated(where, elements.length, count, bytes.length);
    elements.push(bytes.subarray(offset + 4, offset + 4 + length));
    offset += 4 + length;
  }
  if (offset !== bytes.length) {
    throw binaryError('binary-bytes', `${where}: ${bytes.length - offset} bytes are left after its ${count} elements`);
  }
  return elements;
}

function truncated(where: string, read: number, count: number, size: number): PlimsollError {
  return binaryError(
    'binary-bytes',
    `${where}: the ${size} bytes end inside element ${read} of ${count}; each element needs a 4-byte length and its bytes`,
  );
}

function assertBooleans(bytes: Uint8Array, where: string): void {
  for (let i = 0; i < bytes.length; i += 1) {
    if ((bytes[i] ?? 0) > 1) {
      throw binaryError('binary-bool', `${where}: element ${i} is the byte ${bytes[i]}; BOOL is 0 or 1`);
    }
  }
}

function binaryError(code: string, message: string): PlimsollError {
  return new PlimsollError({
    code,
    category: 'input',
    message,
    next: 'send little-endian, row-major bytes; binary_data_size must be their exact number',
  });
}
