export interface OnnxDatatype {
  /** Datatype of the Open Inference Protocol; null for one that the protocol does not have. */
  readonly datatype: string | null;
  /** The name in ONNX. */
  readonly name: string;
  /** Bits of one element; null for text. */
  readonly bits: number | null;
}

const type = (name: string, bits: number | null, datatype: string | null = null): OnnxDatatype => ({
  name,
  bits,
  datatype,
});

/** `TensorProto.DataType` of onnx.proto (ONNX 1.20, IR version 14; 2026-11). */
const byNumber: Readonly<Record<number, OnnxDatatype>> = {
  1: type('float', 32, 'FP32'),
  2: type('uint8', 8, 'UINT8'),
  3: type('int8', 8, 'INT8'),
  4: type('uint16', 16, 'UINT16'),
  5: type('int16', 16, 'INT16'),
  6: type('int32', 32, 'INT32'),
  7: type('int64', 64, 'INT64'),
  8: type('string', null, 'BYTES'),
  9: type('bool', 8, 'BOOL'),
  10: type('float16', 16, 'FP16'),
  11: type('double', 64, 'FP64'),
  12: type('uint32', 32, 'UINT32'),
  13: type('uint64', 64, 'UINT64'),
  14: type('complex64', 64),
  15: type('complex128', 128),
  16: type('bfloat16', 16, 'BF16'),
  17: type('float8e4m3fn', 8),
  18: type('float8e4m3fnuz', 8),
  19: type('float8e5m2', 8),
  20: type('float8e5m2fnuz', 8),
  21: type('uint4', 4),
  22: type('int4', 4),
  23: type('float4e2m1', 4),
  24: type('float8e8m0', 8),
  25: type('uint2', 2),
  26: type('int2', 2),
  27: type('float6e2m3', 6),
  28: type('float6e3m2', 6),
};

/** A number that this table does not know yet is a datatype without a size. */
export function onnxDatatype(number: number): OnnxDatatype {
  return byNumber[number] ?? type(`datatype-${number}`, null);
}
