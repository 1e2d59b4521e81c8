import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { combineComparisons, compareGoldenCase, describeOffence } from './golden-comparison.ts';
import type { GoldenCase, GoldenTensor, GoldenTolerance } from './golden.ts';

const tolerance: GoldenTolerance = { absolute: 0.01, relative: 0.1, argMax: true };
const strict: GoldenTolerance = { absolute: 0, relative: 0, argMax: false };

function tensor(
  data: GoldenTensor['data'],
  datatype = 'FP32',
  shape: readonly number[] = [1, data.length],
): GoldenTensor {
  return { name: 'y', datatype, shape, data };
}
function pinned(output: GoldenTensor, id = 'case-1'): GoldenCase {
  return { id, inputs: [], outputs: [output] };
}
function compare(expected: GoldenTensor, actual: GoldenTensor, bands = tolerance) {
  return compareGoldenCase(pinned(expected), [actual], bands);
}

describe('golden comparison', () => {
  it('accepts a value on the edge of its band and refuses one beyond it', () => {
    // band of 1: 0.01 + 0.1 * 1 = 0.11
    expect(compare(tensor([1], 'FP64'), tensor([1.1], 'FP64')).verdict).toBe('pass');
    const outside = compare(tensor([1], 'FP64'), tensor([1.12], 'FP64'));
    expect(outside.offence).toMatchObject({ rule: 'value', index: [0, 0], expected: 1, actual: 1.12 });
    expect(outside.largest?.ofBand).toBeGreaterThan(1);
  });

  it('names the first offending input, output and index', () => {
    const { offence } = compare(tensor([0, 0, 5, 5], 'FP32', [2, 2]), tensor([0, 0, 5, 9], 'FP32', [2, 2]));
    expect(offence).toMatchObject({ caseId: 'case-1', output: 'y', index: [1, 1], expected: 5, actual: 9 });
    expect(offence && describeOffence(offence)).toBe('input case-1: y[1, 1] is 9, expected 5 +/- 0.51');
  });

  it('keeps looking after the first offence, so that the largest deviation is the largest', () => {
    const { offence, largest } = compare(tensor([0, 0]), tensor([1, 7]), strict);
    expect(offence?.index).toEqual([0, 0]);
    expect(largest).toMatchObject({ index: [0, 1], absolute: 7, ofBand: Infinity });
  });

  it('refuses an arg-max flip when the pinned margin exceeds the band, although each value is within', () => {
    const bands = { absolute: 0.1, relative: 0, argMax: true };
    // margin 0.15 > band 0.1, and each value moves by 0.08 only
    const flip = compare(tensor([0.575, 0.425]), tensor([0.495, 0.505]), bands);
    expect(flip.offence).toMatchObject({ rule: 'arg-max', index: [0], expected: 0, actual: 1 });
    // margin 0.05 <= band: the leader was never certain
    expect(compare(tensor([0.525, 0.475]), tensor([0.49, 0.51]), bands).verdict).toBe('pass');
    expect(compare(tensor([0.575, 0.425]), tensor([0.495, 0.505]), { ...bands, argMax: false }).verdict).toBe('pass');
  });

  it.each([
    ['NaN', 'NaN', 'pass'],
    ['NaN', 0, 'fail'],
    [0, 'NaN', 'fail'],
    ['Infinity', 'Infinity', 'pass'],
    ['Infinity', '-Infinity', 'fail'],
    [1e30, 'Infinity', 'fail'],
  ] as const)('compares %s with %s: %s', (expected, actual, verdict) => {
    expect(compare(tensor([expected]), tensor([actual])).verdict).toBe(verdict);
  });

  it('compares integers, booleans and bytes exactly, whatever the bands', () => {
    const wide = { absolute: 100, relative: 1, argMax: true };
    expect(compare(tensor(['9007199254740993'], 'INT64'), tensor(['9007199254740992'], 'INT64'), wide).verdict).toBe(
      'fail',
    );
    expect(compare(tensor(['7'], 'INT64'), tensor([7], 'INT64'), wide).verdict).toBe('pass');
    expect(compare(tensor([true], 'BOOL'), tensor([1], 'BOOL'), wide).verdict).toBe('pass');
    expect(compare(tensor([true], 'BOOL'), tensor([false], 'BOOL'), wide).verdict).toBe('fail');
    expect(compare(tensor(['cat'], 'BYTES'), tensor(['car'], 'BYTES'), wide).offence).toMatchObject({
      expected: 'cat',
      actual: 'car',
      band: null,
    });
  });

  it('refuses a missing output, another datatype and another shape, each by name', () => {
    expect(compareGoldenCase(pinned(tensor([1])), [], tolerance).offence?.rule).toBe('missing-output');
    expect(compare(tensor([1]), tensor([1], 'FP64')).offence?.rule).toBe('datatype');
    expect(compare(tensor([1, 2]), tensor([1, 2], 'FP32', [2, 1])).offence).toMatchObject({
      rule: 'shape',
      expected: '[1, 2]',
      actual: '[2, 1]',
    });
    expect(compare(tensor([1, 2]), tensor([1], 'FP32', [1, 2])).offence?.rule).toBe('shape');
  });

  it('ignores outputs that were never pinned', () => {
    const extra = { ...tensor([9]), name: 'extra' };
    expect(compareGoldenCase(pinned(tensor([1])), [extra, tensor([1])], tolerance).verdict).toBe('pass');
  });

  it('fails when nothing was compared', () => {
    expect(combineComparisons([]).verdict).toBe('fail');
  });

  const floats = fc.array(fc.double({ noNaN: false, noDefaultInfinity: false }), { minLength: 1, maxLength: 12 });
  const asData = (values: readonly number[]) => values.map((value) => (Number.isFinite(value) ? value : String(value)));

  it('always passes on the very same answer, with no band at all', () => {
    fc.assert(
      fc.property(floats, (values) => {
        const same = tensor(asData(values), 'FP64');
        expect(compare(same, same, { ...strict, argMax: true }).verdict).toBe('pass');
      }),
    );
  });

  it('never passes an answer whose largest deviation is outside its band', () => {
    const pair = fc.tuple(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
    );
    fc.assert(
      fc.property(fc.array(pair, { minLength: 1, maxLength: 8 }), (pairs) => {
        const result = compare(
          tensor(
            pairs.map(([a]) => a),
            'FP64',
          ),
          tensor(
            pairs.map(([, b]) => b),
            'FP64',
          ),
        );
        if ((result.largest?.ofBand ?? 0) > 1) expect(result.verdict).toBe('fail');
      }),
    );
  });
});
