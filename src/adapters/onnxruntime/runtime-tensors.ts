import { Tensor, type InferenceSession } from 'onnxruntime-node';
import { binaryOf, tensorFromBinary } from '../../protocols/open-inference/binary-elements.ts';
import { elementCount } from '../../protocols/open-inference/tensor.ts';
import type { TensorSpec } from '../../core/units/tensor.ts';
import { datatypeOfRuntime, typeOfDatatype } from './tensor-types.ts';

/** What the caller sent cannot be carried by the runtime; the message is for the caller. */
export class UncarriableInput extends Error {}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** A runtime tensor over the given bytes, uncopied except for strings. */
export function runtimeTensor(spec: TensorSpec, shape: readonly number[], bytes: Uint8Array): Tensor {
  if (spec.datatype === 'BYTES') return new Tensor('string', stringsOf(spec, shape, bytes), shape);
  const type = typeOfDatatype(spec.datatype);
  if (type === undefined) throw new UncarriableInput(`input "${spec.name}" has the datatype ${spec.datatype}`);
  const view = type.view(bytes);
  if (type.runtimeType !== 'float16') return new Tensor(type.runtimeType as 'float32', view as Float32Array, shape);
  // `new Tensor('float16', ...)` turns the words into a Float16Array, which the native side reads as empty.
  return Object.defineProperty(new Tensor('uint16', view as Uint16Array, shape), 'type', { value: 'float16' });
}

function stringsOf(spec: TensorSpec, shape: readonly number[], bytes: Uint8Array): string[] {
  // Copied out of shared memory first: text is decoded from memory that nobody else can change.
  const tensor = tensorFromBinary(spec.name, 'BYTES', shape, bytes.slice());
  if (!('elements' in tensor)) return [];
  return tensor.elements.map((element, index) => {
    if (element.includes(0)) {
      throw new UncarriableInput(
        `input "${spec.name}": element ${index} holds a zero byte, where ONNX Runtime's binding would cut the string off`,
      );
    }
    try {
      return strictUtf8.decode(element);
    } catch {
      throw new UncarriableInput(`input "${spec.name}": element ${index} is not UTF-8, which ONNX strings must be`);
    }
  });
}

/** Row-major little-endian bytes of a result; strings with a 4-byte length each, as the protocol's binary form has them. */
export function resultBytes(name: string, tensor: Tensor): { shape: readonly number[]; bytes: Uint8Array } {
  const data: unknown = tensor.data;
  if (ArrayBuffer.isView(data)) {
    return { shape: tensor.dims, bytes: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) };
  }
  const encoder = new TextEncoder();
  const elements = (data as readonly string[]).map((text) => encoder.encode(text));
  return { shape: tensor.dims, bytes: binaryOf({ name, datatype: 'BYTES', shape: tensor.dims, elements }) };
}

/** @throws Error with a sentence for a value that is no tensor or has a type that the binding cannot carry. */
export function specOf(metadata: InferenceSession.ValueMetadata): TensorSpec {
  if (!metadata.isTensor) throw new Error(`"${metadata.name}" is a sequence or a map; only tensors are supported`);
  const datatype = datatypeOfRuntime(metadata.type);
  if (datatype === null) throw new Error(`"${metadata.name}" has the type ${metadata.type}, which is not supported`);
  const shape = metadata.shape.map((size) => (typeof size === 'number' ? size : -1));
  return { name: metadata.name, datatype, shape };
}

/** Zeros (empty strings) of the smallest shape that the input allows. */
export function zeroTensor(spec: TensorSpec): Tensor {
  const shape = spec.shape.map((size) => (size === -1 ? 1 : size));
  const count = elementCount(shape);
  const width = typeOfDatatype(spec.datatype)?.elementBytes ?? 4;
  return runtimeTensor(spec, shape, new Uint8Array(count * width));
}
