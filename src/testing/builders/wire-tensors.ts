import fc from 'fast-check';
import { datatypes, elementBytes, type Datatype } from '../../protocols/open-inference/datatype.ts';
import { elementCount, type WireTensor } from '../../protocols/open-inference/tensor.ts';

/** Any tensor of the protocol. `exactBits` false leaves out NaN payloads, which the JSON form has no text for. */
export function anyTensor(name: string, exactBits = true): fc.Arbitrary<WireTensor> {
  return fc
    .tuple(fc.constantFrom(...datatypes), fc.array(fc.nat(4), { maxLength: 3 }))
    .chain(([datatype, shape]) => tensorOf(name, datatype, shape, exactBits));
}

function tensorOf(
  name: string,
  datatype: Datatype,
  shape: readonly number[],
  exactBits: boolean,
): fc.Arbitrary<WireTensor> {
  const count = elementCount(shape);
  const exactly = { minLength: count, maxLength: count };
  if (datatype === 'BYTES') {
    const element = exactBits ? fc.uint8Array({ maxLength: 8 }) : fc.string({ unit: 'grapheme' }).map(utf8);
    return fc.array(element, exactly).map((elements) => ({ name, datatype, shape, elements }));
  }
  if (datatype === 'BOOL') {
    return fc.array(fc.boolean(), exactly).map((values) => ({
      name,
      datatype,
      shape,
      bytes: Uint8Array.from(values, Number),
    }));
  }
  const width = count * elementBytes[datatype];
  return fc
    .uint8Array({ minLength: width, maxLength: width })
    .filter((bytes) => exactBits || !hasNaN(datatype, bytes))
    .map((bytes) => ({ name, datatype, shape, bytes: bytes.slice() }));
}

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

function hasNaN(datatype: string, bytes: Uint8Array): boolean {
  const { buffer } = bytes.slice();
  if (datatype === 'FP16') return new Float16Array(buffer).some(Number.isNaN);
  if (datatype === 'FP32') return new Float32Array(buffer).some(Number.isNaN);
  return datatype === 'FP64' && new Float64Array(buffer).some(Number.isNaN);
}

/** A body as it goes over the wire: the JSON object, then the binary parts. */
export function wireBytes(body: { readonly json: string; readonly binary: readonly Uint8Array[] }): {
  readonly bytes: Uint8Array;
  readonly headerLength: number | null;
} {
  const json = utf8(body.json);
  const bytes = Buffer.concat([json, ...body.binary]);
  return { bytes: new Uint8Array(bytes), headerLength: body.binary.length === 0 ? null : json.length };
}
