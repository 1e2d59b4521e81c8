import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Predictions } from '../core/evaluation/predictions.ts';
import { decodePredictions, encodePredictions } from './stored-predictions.ts';

const three: Predictions = {
  rows: 3,
  outputs: [
    {
      name: 'p',
      datatype: 'FP32',
      rowShape: [2],
      lengths: null,
      values: Float32Array.of(0.25, 0.75, 1, 0, NaN, -Infinity),
    },
    { name: 'text', datatype: 'BYTES', rowShape: [], lengths: null, values: ['a\n', 'ß', ''] },
    {
      name: 'ranks',
      datatype: 'FP64',
      rowShape: null,
      lengths: Int32Array.of(1, 0, 2),
      values: Float64Array.of(1, 2, 3),
    },
  ],
};

describe('stored predictions', () => {
  it('read back as what was written, numbers that JSON has not included', () => {
    expect(decodePredictions(encodePredictions(three))).toEqual(three);
  });

  it('are null where a byte is missing, too many, or the header lies', () => {
    const bytes = encodePredictions(three);
    for (let length = 0; length < bytes.length; length += 1)
      expect(decodePredictions(bytes.subarray(0, length))).toBeNull();
    expect(decodePredictions(Uint8Array.from([...bytes, 0]))).toBeNull();
    const head = JSON.stringify({
      predictionsVersion: 1,
      rows: 9e15,
      outputs: [{ name: 'x', datatype: 'FP32', rowShape: null, elements: 'float32', bytes: 4 }],
    });
    expect(decodePredictions(new TextEncoder().encode(`${head}\n....`))).toBeNull();
  });

  it('never throw for foreign bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => decodePredictions(bytes) === null));
  });
});
