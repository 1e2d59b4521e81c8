import { onnxDatatype } from './datatypes.ts';
import { onnxInvalid } from './onnx-errors.ts';
import { expectWireType, type ProtobufField, type ProtobufReader } from './protobuf-reader.ts';

/** What a TensorProto says of itself; its data is stepped over. */
export interface OnnxTensor {
  readonly name: string;
  readonly elements: number;
  /** As ONNX names it: `float`, `bfloat16`, `float8e4m3fn`. */
  readonly datatype: string;
  readonly rank: number;
  /** Of its data in memory, from its shape; of text, the bytes in the file. */
  readonly dataBytes: number;
  readonly external: { readonly location: string; readonly endsAtBytes: number } | null;
}

const textAtMost = 64 * 1024;
const rankAtMost = 64;
const decoder = new TextDecoder();

export async function text(reader: ProtobufReader, field: ProtobufField): Promise<string> {
  return decoder.decode(await reader.content(field, textAtMost));
}

/** A repeated int64, packed or not. */
export async function appendIntegers(reader: ProtobufReader, field: ProtobufField, list: number[]): Promise<void> {
  if (field.wireType === 0) list.push(field.value);
  else list.push(...packedVarints(await reader.content(field, rankAtMost * 10), field.at));
  if (list.length > rankAtMost) throw onnxInvalid(`a shape of more than ${rankAtMost} dimensions`, field.at);
}

function packedVarints(bytes: Uint8Array, at: number): number[] {
  const values: number[] = [];
  let value = 0n;
  let shift = 0n;
  for (const byte of bytes) {
    value |= BigInt(byte & 0x7f) << shift;
    shift += 7n;
    if (shift > 70n) throw onnxInvalid('a number of more than ten bytes', at);
    if (byte >= 0x80) continue;
    values.push(Number(BigInt.asIntN(64, value)));
    value = 0n;
    shift = 0n;
  }
  if (shift > 0n) throw onnxInvalid('a list of numbers that ends inside one', at);
  return values;
}

export async function readTensor(reader: ProtobufReader, tensor: ProtobufField): Promise<OnnxTensor> {
  expectWireType(tensor, 2);
  const dims: number[] = [];
  const external = new Map<string, string>();
  const found = {
    name: '',
    datatype: 0,
    isExternal: false,
    rawBytes: null as number | null,
    inlineBytes: 0,
    strings: 0,
    segment: false,
  };
  await reader.eachField(tensor.start, tensor.end, (field) => {
    switch (field.number) {
      case 1:
        return appendIntegers(reader, field, dims);
      case 2:
        expectWireType(field, 0);
        found.datatype = field.value;
        return undefined;
      case 3:
        found.segment = true;
        return undefined;
      case 8:
        return text(reader, field).then((name) => void (found.name = name));
      case 9:
        expectWireType(field, 2);
        found.rawBytes = (found.rawBytes ?? 0) + field.end - field.start;
        return undefined;
      case 6:
        found.strings += 1;
        found.inlineBytes += field.end - field.start;
        return undefined;
      case 4:
      case 5:
      case 7:
      case 10:
      case 11:
        found.inlineBytes += field.end - field.start;
        return undefined;
      case 13:
        return readEntry(reader, field, external);
      case 14:
        expectWireType(field, 0);
        found.isExternal = field.value === 1;
        return undefined;
      default:
        return undefined;
    }
  });
  const elements = elementsOf(dims, tensor.at);
  const { bits, name: datatype } = onnxDatatype(found.datatype);
  const shapeBytes = bits === null ? null : Math.ceil((elements * bits) / 8);
  const told = { name: found.name, elements, datatype, rank: dims.length };
  if (found.isExternal) {
    const reference = externalReference(external, shapeBytes, tensor.at);
    return { ...told, dataBytes: reference.dataBytes, external: reference };
  }
  const label = found.name === '' ? 'a tensor' : `the tensor ${found.name}`;
  if (found.rawBytes !== null && shapeBytes !== null && !found.segment && found.rawBytes !== shapeBytes) {
    throw onnxInvalid(
      `${label} holds ${found.rawBytes} bytes where its shape [${dims.join(',')}] of ${datatype} takes ${shapeBytes}`,
      tensor.at,
    );
  }
  // No encoding of numbers puts more than eight elements into a byte; of text, each has a field of its own.
  const elementsHeld = bits === null ? found.strings : found.inlineBytes * 8;
  if (found.rawBytes === null && elements > elementsHeld) {
    throw onnxInvalid(`${label} states ${elements} elements and holds ${found.inlineBytes} bytes`, tensor.at);
  }
  return { ...told, dataBytes: shapeBytes ?? found.rawBytes ?? found.inlineBytes, external: null };
}

function elementsOf(dims: readonly number[], at: number): number {
  let elements = 1;
  for (const dim of dims) {
    elements *= dim;
    if (dim < 0 || !Number.isSafeInteger(elements * 16)) {
      throw onnxInvalid(`a tensor of the shape [${dims.join(',')}], which no memory holds`, at);
    }
  }
  return elements;
}

function externalReference(
  entries: ReadonlyMap<string, string>,
  shapeBytes: number | null,
  at: number,
): { readonly location: string; readonly endsAtBytes: number; readonly dataBytes: number } {
  const location = entries.get('location');
  if (location === undefined || location === '') throw onnxInvalid('external data without a location', at);
  const dataBytes = integerEntry(entries, 'length', at) ?? shapeBytes ?? 0;
  const endsAtBytes = (integerEntry(entries, 'offset', at) ?? 0) + dataBytes;
  if (!Number.isSafeInteger(endsAtBytes)) throw onnxInvalid(`external data of an impossible length in ${location}`, at);
  return { location, endsAtBytes, dataBytes };
}

function integerEntry(entries: ReadonlyMap<string, string>, key: string, at: number): number | null {
  const written = entries.get(key);
  if (written === undefined) return null;
  if (!/^\d{1,15}$/.test(written)) throw onnxInvalid(`external data whose ${key} is \`${written.slice(0, 40)}\``, at);
  return Number(written);
}

async function readEntry(reader: ProtobufReader, entry: ProtobufField, into: Map<string, string>): Promise<void> {
  expectWireType(entry, 2);
  let key = '';
  let value = '';
  await reader.eachField(entry.start, entry.end, (field) => {
    if (field.number === 1) return text(reader, field).then((found) => void (key = found));
    if (field.number === 2) return text(reader, field).then((found) => void (value = found));
    return undefined;
  });
  if (into.size < 32) into.set(key, value);
}
