import { PlimsollError } from '../../core/units/errors.ts';
import { describe } from './datatype.ts';

/** Fixed-width elements, row-major and little-endian. */
export interface FixedTensor {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

/** Elements of any length. */
export interface BytesTensor {
  readonly name: string;
  readonly datatype: 'BYTES';
  readonly shape: readonly number[];
  readonly elements: readonly Uint8Array[];
}

/** A tensor with its contents; the same form that the port of the inference engine takes. */
export type WireTensor = FixedTensor | BytesTensor;

export function isBytesTensor(tensor: WireTensor): tensor is BytesTensor {
  return 'elements' in tensor;
}

/** More dimensions than any model here has; bounds what a request can make us loop over. */
const maxRank = 32;
/** Elements of one tensor: past this no body that we accept could carry it. */
const maxElements = 2 ** 40;

/** Number of elements; 1 for a scalar (no dimensions), 0 when any dimension is 0. */
export function elementCount(shape: readonly number[]): number {
  let count = 1;
  for (const size of shape) count *= size;
  return count;
}

/** @throws PlimsollError `shape-invalid`. */
export function parseShape(value: unknown, where: string): readonly number[] {
  if (!Array.isArray(value)) throw invalidShape(where, `expected an array of sizes, got ${describe(value)}`);
  if (value.length > maxRank) throw invalidShape(where, `${value.length} dimensions; at most ${maxRank} are accepted`);
  let count = 1;
  for (const size of value as unknown[]) {
    if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) {
      throw invalidShape(where, `a size must be a whole number of at least 0, got ${describe(size)}`);
    }
    count *= size === 0 ? 1 : size;
  }
  if (count > maxElements) throw invalidShape(where, `[${value.join(', ')}] has more elements than any body can carry`);
  return value as readonly number[];
}

function invalidShape(where: string, message: string): PlimsollError {
  return new PlimsollError({
    code: 'shape-invalid',
    category: 'input',
    message: `${where}: invalid shape: ${message}`,
    next: 'send the full shape of the data, batch included, as whole numbers',
  });
}
