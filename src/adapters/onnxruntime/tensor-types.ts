/** ONNX Runtime's names for element types, by the protocol's datatype, and the typed array that its binding wants. */
export interface TensorType {
  readonly datatype: string;
  readonly runtimeType: string;
  readonly elementBytes: number;
  /** `shared` must start at a multiple of the element's width. */
  readonly view: (shared: Uint8Array) => ArrayBufferView;
}

const viewAs =
  <View extends ArrayBufferView>(
    make: new (buffer: ArrayBufferLike, offset: number, length: number) => View,
    elementBytes: number,
  ) =>
  (bytes: Uint8Array): View =>
    new make(bytes.buffer, bytes.byteOffset, bytes.byteLength / elementBytes);

export const tensorTypes: readonly TensorType[] = [
  { datatype: 'BOOL', runtimeType: 'bool', elementBytes: 1, view: viewAs(Uint8Array, 1) },
  { datatype: 'UINT8', runtimeType: 'uint8', elementBytes: 1, view: viewAs(Uint8Array, 1) },
  { datatype: 'UINT16', runtimeType: 'uint16', elementBytes: 2, view: viewAs(Uint16Array, 2) },
  { datatype: 'UINT32', runtimeType: 'uint32', elementBytes: 4, view: viewAs(Uint32Array, 4) },
  { datatype: 'UINT64', runtimeType: 'uint64', elementBytes: 8, view: viewAs(BigUint64Array, 8) },
  { datatype: 'INT8', runtimeType: 'int8', elementBytes: 1, view: viewAs(Int8Array, 1) },
  { datatype: 'INT16', runtimeType: 'int16', elementBytes: 2, view: viewAs(Int16Array, 2) },
  { datatype: 'INT32', runtimeType: 'int32', elementBytes: 4, view: viewAs(Int32Array, 4) },
  { datatype: 'INT64', runtimeType: 'int64', elementBytes: 8, view: viewAs(BigInt64Array, 8) },
  // The native side reads half floats from 16-bit words and refuses a Float16Array.
  { datatype: 'FP16', runtimeType: 'float16', elementBytes: 2, view: viewAs(Uint16Array, 2) },
  { datatype: 'FP32', runtimeType: 'float32', elementBytes: 4, view: viewAs(Float32Array, 4) },
  { datatype: 'FP64', runtimeType: 'float64', elementBytes: 8, view: viewAs(Float64Array, 8) },
];

export function typeOfDatatype(datatype: string): TensorType | undefined {
  return tensorTypes.find((type) => type.datatype === datatype);
}

/** `BYTES` for strings; null for a type that the binding cannot carry. */
export function datatypeOfRuntime(runtimeType: string): string | null {
  if (runtimeType === 'string') return 'BYTES';
  return tensorTypes.find((type) => type.runtimeType === runtimeType)?.datatype ?? null;
}
