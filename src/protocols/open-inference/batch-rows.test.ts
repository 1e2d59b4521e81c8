import { describe, expect, it } from 'vitest';
import { readBatchRows, rowsHeadBytes } from './batch-rows.ts';

const rowsOf = (text: string): number => readBatchRows(text.slice(0, rowsHeadBytes));

describe('the rows of a request', () => {
  it('are the first size of the first input', () => {
    expect(rowsOf('{"inputs":[{"name":"x","datatype":"FP32","shape":[8,2],"data":[1]},{"shape":[3]}]}')).toBe(8);
    expect(rowsOf('{"inputs": [ { "shape" : [ 12 ], "name": "x" } ]}')).toBe(12);
  });

  it('are read before binary data, whatever these hold', () => {
    expect(rowsOf('{"inputs":[{"shape":[4,3],"parameters":{"binary_data_size":48}}]}\u0000\u00ff"shape":[9]')).toBe(4);
  });

  it('are 0 where the head names no shape, a scalar, or a size below zero', () => {
    const late = `{"inputs":[{"data":[${'1,'.repeat(2_000)}1],"shape":[2001]}]}`;
    expect([
      rowsOf(''),
      rowsOf('{"inputs":[]}'),
      rowsOf('{"shape":[]}'),
      rowsOf('{"shape":[-1]}'),
      rowsOf(late),
    ]).toEqual([0, 0, 0, 0, 0]);
  });
});
