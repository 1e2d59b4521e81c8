import { onnxDatatype } from './datatypes.ts';
import { onnxInvalid } from './onnx-errors.ts';
import { expectWireType, type ProtobufField, type ProtobufReader } from './protobuf-reader.ts';
import { text } from './tensor.ts';

/** An input or an output of the graph. */
export interface OnnxValue {
  readonly name: string;
  /** In words: `tensor(float)`, `sequence(map(int64,tensor(float)))`. */
  readonly type: string;
  /** Datatype of the Open Inference Protocol; null when it is no tensor, or of a datatype that the protocol lacks. */
  readonly datatype: string | null;
  /** Sizes, -1 for a dimension that the caller chooses; null when the file does not even state the rank. */
  readonly shape: readonly number[] | null;
  /** Name of each dynamic dimension, as `batch`; null for the others. */
  readonly dimensionNames: readonly (string | null)[];
}

type OnnxType = Omit<OnnxValue, 'name'>;
const untyped: OnnxType = { type: 'unknown', datatype: null, shape: null, dimensionNames: [] };
const rankAtMost = 64;

export async function readValueInfo(reader: ProtobufReader, value: ProtobufField): Promise<OnnxValue> {
  expectWireType(value, 2);
  let name = '';
  let found = untyped;
  await reader.eachField(value.start, value.end, (field) => {
    if (field.number === 1) return text(reader, field).then((read) => void (name = read));
    if (field.number === 2) return readType(reader, field).then((read) => void (found = read));
    return undefined;
  });
  return { name, ...found };
}

async function readType(reader: ProtobufReader, type: ProtobufField): Promise<OnnxType> {
  expectWireType(type, 2);
  let found = untyped;
  const composite = (word: string) => (parts: readonly string[]) =>
    void (found = { ...untyped, type: `${word}(${parts.join(',')})` });
  await reader.eachField(type.start, type.end, (field) => {
    switch (field.number) {
      case 1:
        return readTensorType(reader, field).then((read) => void (found = read));
      case 4:
        return readParts(reader, field).then(composite('sequence'));
      case 5:
        return readParts(reader, field).then(composite('map'));
      case 7:
        composite('opaque')([]);
        return undefined;
      case 8:
        return readTensorType(reader, field).then(({ type }) => composite('sparse')([type]));
      case 9:
        return readParts(reader, field).then(composite('optional'));
      default:
        return undefined;
    }
  });
  return found;
}

/** Element type of a sequence or an optional, or key and value of a map. */
async function readParts(reader: ProtobufReader, parent: ProtobufField): Promise<readonly string[]> {
  expectWireType(parent, 2);
  const parts: string[] = [];
  await reader.eachField(parent.start, parent.end, (field) => {
    if (field.wireType === 0) {
      parts.push(onnxDatatype(field.value).name);
      return undefined;
    }
    return readType(reader, field).then(({ type }) => void parts.push(type));
  });
  return parts.slice(0, 2);
}

async function readTensorType(reader: ProtobufReader, tensor: ProtobufField): Promise<OnnxType> {
  expectWireType(tensor, 2);
  let number = 0;
  let shape: number[] | null = null;
  const dimensionNames: (string | null)[] = [];
  await reader.eachField(tensor.start, tensor.end, (field) => {
    if (field.number === 1) {
      expectWireType(field, 0);
      number = field.value;
      return undefined;
    }
    if (field.number !== 2) return undefined;
    expectWireType(field, 2);
    const sizes = (shape ??= []);
    return reader.eachField(field.start, field.end, (dimension) => {
      if (dimension.number !== 1) return undefined;
      if (sizes.length >= rankAtMost) throw onnxInvalid(`a shape of more than ${rankAtMost} dimensions`, field.at);
      return readDimension(reader, dimension).then((read) => {
        sizes.push(read.size);
        dimensionNames.push(read.name);
      });
    });
  });
  const { name, datatype } = onnxDatatype(number);
  return { type: `tensor(${name})`, datatype, shape, dimensionNames };
}

async function readDimension(
  reader: ProtobufReader,
  dimension: ProtobufField,
): Promise<{ readonly size: number; readonly name: string | null }> {
  expectWireType(dimension, 2);
  let size = -1;
  let name: string | null = null;
  await reader.eachField(dimension.start, dimension.end, (field) => {
    if (field.number === 2) return text(reader, field).then((read) => void (name = read));
    if (field.number !== 1) return undefined;
    expectWireType(field, 0);
    if (!Number.isSafeInteger(field.value)) throw onnxInvalid('a dimension beyond 2^53', field.at);
    // Some exporters write a negative size for one that the caller chooses.
    size = Math.max(-1, field.value);
    return undefined;
  });
  return { size, name: size === -1 && name !== '' ? name : null };
}
