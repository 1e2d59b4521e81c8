import type { Precision } from '../../core/hardware/model/model-facts.ts';

/** What an ONNX file holds, as far as the precision of its weights needs it. */
export interface OnnxElements {
  /** Types of all initializers and constants, as ONNX names them. */
  readonly types: ReadonlySet<string>;
  /** Types of those of two dimensions and more: weights, and neither scales nor zero points. */
  readonly weightTypes: ReadonlySet<string>;
  /** Names of operators. */
  readonly operators: ReadonlySet<string>;
}

/** Types that are the precision of a weight; integers of other widths are shapes and indices. */
const precisionOfType: Readonly<Record<string, Precision>> = {
  float: 'fp32',
  float16: 'fp16',
  bfloat16: 'bf16',
  int8: 'int8',
  uint8: 'int8',
  int4: 'int4',
  uint4: 'int4',
  float8e4m3fn: 'fp8',
  float8e4m3fnuz: 'fp8',
  float8e5m2: 'fp8',
  float8e5m2fnuz: 'fp8',
  float4e2m1: 'fp4',
};
/** Types of weights that no precision here names. */
const unnamed = /^(?:float6|int2|uint2|datatype-)/;
/** Operators that make numbers of the types of their zero points, so that a zero point tells the precision too. */
const quantizing = [
  'QuantizeLinear',
  'DequantizeLinear',
  'QLinearConv',
  'QLinearMatMul',
  'MatMulInteger',
  'ConvInteger',
];
const quantized: readonly Precision[] = ['int8', 'int4', 'fp8', 'fp4'];
/** Operators of ONNX Runtime that keep numbers of four bits in bytes. */
const packed = ['MatMulNBits', 'GatherBlockQuantized', 'QMoE', 'MatMulBnb4'];

/**
 * Precisions that the weights of the file are stored in, or are quantized to; null where it holds no weights, or some of a type that
 * no precision names.
 *
 * | type | counts |
 * |---|---|
 * | of a weight | always |
 * | of a scale or zero point, of 8 or 4 bits | beside operators that quantize (Q/DQ) |
 * | bytes beside `MatMulNBits` | as 4 bits |
 */
export function readOnnxPrecisions({ types, weightTypes, operators }: OnnxElements): readonly Precision[] | null {
  if ([...weightTypes].some((type) => unnamed.test(type))) return null;
  const isPacked = packed.some((name) => operators.has(name));
  const precisionOf = (type: string): readonly Precision[] => {
    const precision = precisionOfType[type];
    if (precision === undefined) return [];
    return [isPacked && precision === 'int8' ? 'int4' : precision];
  };
  const stored = [...weightTypes].flatMap(precisionOf);
  const doesQuantize = quantizing.some((name) => operators.has(name));
  const beside = doesQuantize ? [...types].flatMap(precisionOf).filter((one) => quantized.includes(one)) : [];
  const found = [...new Set([...stored, ...beside])].sort();
  return found.length === 0 ? null : found;
}
