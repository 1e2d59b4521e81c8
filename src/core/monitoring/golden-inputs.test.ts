import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TensorSpec } from '../units/tensor.ts';
import { goldenInputs } from './golden-inputs.ts';

const input = (datatype: string, shape: readonly number[], name = 'x'): TensorSpec => ({ name, datatype, shape });
const one = (value: unknown, spec: TensorSpec) => goldenInputs({ [spec.name]: value }, [spec], 7)[0];

describe('goldenInputs', () => {
  it('takes the column of each input and leaves the others', () => {
    const row = { image: [0, 0.5, 1, 0.25], label: 3, mask: true };
    expect(goldenInputs(row, [input('FP32', [-1, 4], 'image'), input('BOOL', [-1], 'mask')], 1)).toEqual([
      { name: 'image', datatype: 'FP32', shape: [1, 4], data: [0, 0.5, 1, 0.25] },
      { name: 'mask', datatype: 'BOOL', shape: [1], data: [true] },
    ]);
  });

  it.each([
    [
      [1, 2, 3, 4, 5, 6],
      [-1, 2, 3],
      [1, 2, 3],
    ],
    [
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
      [-1, 2, 3],
      [1, 2, 3],
    ],
    [
      [1, 2, 3, 4, 5, 6],
      [-1, -1, 3],
      [1, 2, 3],
    ],
    [
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
      [-1, -1, -1],
      [1, 2, 3],
    ],
    [
      [1, 2, 3, 4, 5, 6],
      [1, 6],
      [1, 6],
    ],
    [[1, 2, 3, 4, 5, 6], [6], [6]],
    [5, [], []],
    [5, [-1, 1], [1, 1]],
    [[], [-1, -1], [1, 0]],
  ])('shapes %j for %j as %j', (value, shape, expected) => {
    const tensor = one(value, input('FP64', shape));
    expect(tensor?.shape).toEqual(expected);
    expect(tensor?.data).toEqual([value].flat(5));
  });

  it('keeps what JSON numbers cannot carry as text', () => {
    expect(one('9223372036854775807', input('INT64', [-1]))?.data).toEqual(['9223372036854775807']);
    expect(one(5, input('UINT64', [-1]))?.data).toEqual(['5']);
    expect(one(['NaN', '-Infinity', 1], input('FP16', [-1, 3]))?.data).toEqual(['NaN', '-Infinity', 1]);
    expect(one(['a', ''], input('BYTES', [-1, 2]))?.data).toEqual(['a', '']);
  });

  it.each([
    [[1, 2], input('FP32', [-1, 3]), /it has 2 elements, and 3 are needed/],
    [[1, 2, 3], input('FP32', [-1, -1, 2]), /it has 3 elements, and 2 or a multiple are needed/],
    [[[1, 2], [3]], input('FP32', [-1, -1, -1]), /nested 2 deep and regular/],
    [[1, 2], input('FP32', [-1, -1, -1]), /nested 2 deep/],
    ['1', input('FP32', [-1]), /"1" is not a number/],
    [null, input('FP32', [-1]), /null is not a number/],
    [{ a: 1 }, input('FP32', [-1]), /\{"a":1\} is not a number/],
    [1.5, input('INT32', [-1]), /1.5 is not an integer/],
    [2 ** 53, input('INT64', [-1]), /9007199254740992 is not an integer/],
    [300, input('UINT8', [-1]), /300 is beyond UINT8/],
    ['9223372036854775808', input('INT64', [-1]), /is beyond INT64/],
    [2, input('BOOL', [-1]), /2 is neither true nor false/],
    [2, input('BYTES', [-1]), /2 is not text/],
    [2, input('COMPLEX64', [-1]), /cannot state the datatype COMPLEX64/],
  ])('refuses %j for %j', (value, spec, message) => {
    expect(() => one(value, spec)).toThrow(expect.objectContaining({ code: 'row-unfit', category: 'input' }));
    expect(() => one(value, spec)).toThrow(message);
    expect(() => one(value, spec)).toThrow(/^line 7 does not fit the input x /);
  });

  it('names the column that was probably meant', () => {
    expect(() => goldenInputs({ imagee: [1], label: 2 }, [input('FP32', [-1, 1], 'image')], 2)).toThrow(
      /no such column; the columns are imagee, label \(is it imagee\?\)/,
    );
  });

  it('gives as many elements as the shape says, whatever the shape', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 3 });
    fc.assert(
      fc.property(sizes, fc.nat(5), (shape, freeAxis) => {
        const elements = shape.reduce((product, size) => product * size, 1);
        const stated = [-1, ...shape.map((size, axis) => (axis === freeAxis ? -1 : size))];
        const tensor = one(
          Array.from({ length: elements }, (_, n) => n),
          input('INT32', stated),
        );
        expect(tensor?.shape).toEqual([1, ...shape]);
      }),
    );
  });
});
