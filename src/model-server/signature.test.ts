import { describe, expect, test } from 'vitest';
import type { WireTensor } from '../protocols/open-inference/tensor.ts';
import { isBatchable, matchRequest, type Signature } from './signature.ts';

const signature: Signature = {
  inputs: [
    { name: 'ids', datatype: 'INT64', shape: [-1, -1] },
    { name: 'scale', datatype: 'FP32', shape: [-1, 1] },
  ],
  outputs: [{ name: 'scores', datatype: 'FP32', shape: [-1, 3] }],
};

const ids = (shape: readonly number[]): WireTensor => ({
  name: 'ids',
  datatype: 'INT64',
  shape,
  bytes: new Uint8Array(),
});
const scale = (shape: readonly number[], datatype = 'FP32'): WireTensor => ({
  name: 'scale',
  datatype,
  shape,
  bytes: new Uint8Array(),
});
const request = (inputs: readonly WireTensor[], outputs: readonly string[] = []) => ({
  id: null,
  inputs,
  outputs: outputs.map((name) => ({ name, binary: null })),
  binaryOutput: false,
});
const match = (inputs: readonly WireTensor[], outputs: readonly string[] = []) =>
  matchRequest(signature, true, request(inputs, outputs));

describe('matchRequest', () => {
  test('puts inputs in the order of the model and counts rows', () => {
    const matched = match([scale([2, 1]), ids([2, 5])]);
    expect(matched.inputs.map(({ name }) => name)).toEqual(['ids', 'scale']);
    expect(matched.rows).toBe(2);
  });

  test('the batch key tells free sizes and wanted outputs apart, and not rows', () => {
    const key = (rows: number, length: number, outputs: readonly string[] = []) =>
      match([ids([rows, length]), scale([rows, 1])], outputs).batchKey;
    expect(key(1, 5)).toBe(key(2, 5));
    expect(key(1, 5)).not.toBe(key(1, 6));
    expect(key(1, 5)).not.toBe(key(1, 5, ['scores']));
  });

  test.each([
    ['input-missing', [ids([1, 5])], [], /"scale" is missing/],
    ['input-unknown', [ids([1, 5]), scale([1, 1]), { ...ids([1, 5]), name: 'idss' }], [], /did you mean "ids"/],
    ['input-datatype', [ids([1, 5]), scale([1, 1], 'FP64')], [], /must be FP32, the request says FP64/],
    ['input-shape', [ids([1, 5]), scale([1, 2])], [], /\[-1, 1\].*\[1, 2\]/],
    ['input-shape', [ids([5]), scale([1, 1])], [], /\[-1, -1\].*\[5\]/],
    ['rows-differ', [ids([2, 5]), scale([1, 1])], [], /"ids" 2, "scale" 1/],
    ['rows-none', [ids([0, 5]), scale([0, 1])], [], /no rows/],
    ['output-unknown', [ids([1, 5]), scale([1, 1])], ['score'], /did you mean "scores"/],
  ] as [string, WireTensor[], string[], RegExp][])('%s', (code, inputs, outputs, message) => {
    expect(() => match(inputs, outputs)).toThrow(
      expect.objectContaining({ code, category: 'input', message: expect.stringMatching(message) as string }) as Error,
    );
  });
});

test('only a model whose tensors all begin with a free dimension is batchable', () => {
  expect(isBatchable(signature)).toBe(true);
  expect(isBatchable({ ...signature, outputs: [{ name: 'loss', datatype: 'FP32', shape: [] }] })).toBe(false);
  expect(isBatchable({ ...signature, inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 2] }] })).toBe(false);
});
