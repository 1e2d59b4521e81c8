/** Open Inference Protocol datatypes by the number that onnx.proto's TensorProto.DataType gives them. */
const numbers = {
  FP32: 1,
  UINT8: 2,
  INT8: 3,
  UINT16: 4,
  INT16: 5,
  INT32: 6,
  INT64: 7,
  BYTES: 8,
  BOOL: 9,
  FP16: 10,
  FP64: 11,
  UINT32: 12,
  UINT64: 13,
  BF16: 16,
} as const;

export type OnnxDatatype = keyof typeof numbers;

export function datatypeOf(datatype: OnnxDatatype): number {
  return numbers[datatype];
}
