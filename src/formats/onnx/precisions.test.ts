import { describe, expect, it } from 'vitest';
import { readOnnxPrecisions } from './precisions.ts';

const read = (weights: string, others = '', operators = '') => {
  const words = (text: string): string[] => text.split(' ').filter((word) => word !== '');
  return readOnnxPrecisions({
    types: new Set([...words(weights), ...words(others)]),
    weightTypes: new Set(words(weights)),
    operators: new Set(words(operators)),
  });
};

describe('the precisions of an ONNX file', () => {
  it.each([
    ['weights of 32 bits', 'float', '', '', ['fp32']],
    ['weights of two kinds', 'float16 float', '', '', ['fp16', 'fp32']],
    ['bfloat16 of opset 13', 'bfloat16', '', '', ['bf16']],
    ['FP8 of opset 19', 'float8e4m3fn', 'float', '', ['fp8']],
    ['the other kinds of FP8', 'float8e5m2 float8e5m2fnuz float8e4m3fnuz', '', '', ['fp8']],
    ['INT4 of opset 21', 'uint4', 'float', '', ['int4']],
    ['FP4 of opset 23', 'float4e2m1', 'float8e8m0', '', ['fp4']],
    ['INT8 weights', 'int8', 'float', 'DequantizeLinear', ['int8']],
    ['zero points of INT8 beside Q/DQ', 'float', 'uint8', 'QuantizeLinear Conv', ['fp32', 'int8']],
    ['zero points of FP8 beside Q/DQ', 'float', 'float8e4m3fn', 'QuantizeLinear', ['fp32', 'fp8']],
    ['bytes without any operator that quantizes', 'float', 'uint8', 'Conv', ['fp32']],
    ['four bits kept in bytes', 'uint8 float16', '', 'MatMulNBits', ['fp16', 'int4']],
    ['shapes and indices beside weights', 'float int64', 'int32 bool', '', ['fp32']],
    ['no weights', '', 'float', '', null],
    ['shapes alone', 'int64', '', '', null],
    ['a type that no precision names', 'float float6e2m3', '', '', null],
    ['a type of a later version', 'float datatype-40', '', '', null],
    ['two bits', 'int2', '', '', null],
  ] as const)('with %s', (_name, weights, others, operators, expected) => {
    expect(read(weights, others, operators)).toEqual(expected);
  });
});
