import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TensorSpec } from '../units/tensor.ts';
import { signatureCompatibility, type Signature } from './signature-compatibility.ts';

const image: TensorSpec = { name: 'image', datatype: 'FP32', shape: [-1, 784] };
const scores: TensorSpec = { name: 'scores', datatype: 'FP32', shape: [-1, 10] };
const present: Signature = { inputs: [image], outputs: [scores] };

describe('signatureCompatibility', () => {
  it.each<[string, Signature, 'pass' | 'fail', RegExp]>([
    ['the same', present, 'pass', /as it was/],
    ['one more output', { ...present, outputs: [scores, { ...scores, name: 'more' }] }, 'pass', /more is new/],
    ['an input of any width', { ...present, inputs: [{ ...image, shape: [-1, -1] }] }, 'pass', /as it was/],
    ['an output of a fixed batch', { ...present, outputs: [{ ...scores, shape: [1, 10] }] }, 'pass', /as it was/],
    ['no input', { ...present, inputs: [] }, 'fail', /the input image is gone/],
    [
      'one more input',
      { ...present, inputs: [image, { ...image, name: 'mask' }] },
      'fail',
      /mask is new, and no caller/,
    ],
    ['no output', { ...present, outputs: [] }, 'fail', /the output scores is gone/],
    [
      'another datatype',
      { ...present, inputs: [{ ...image, datatype: 'FP16' }] },
      'fail',
      /was FP32 \[-1,784\] and is FP16/,
    ],
    ['another rank', { ...present, inputs: [{ ...image, shape: [784] }] }, 'fail', /is FP32 \[784\]/],
    ['another width', { ...present, inputs: [{ ...image, shape: [-1, 1024] }] }, 'fail', /is FP32 \[-1,1024\]/],
    ['a fixed batch of inputs', { ...present, inputs: [{ ...image, shape: [1, 784] }] }, 'fail', /is FP32 \[1,784\]/],
    ['an output of any width', { ...present, outputs: [{ ...scores, shape: [-1, -1] }] }, 'fail', /scores was/],
  ])('judges %s', (_what, next, verdict, reason) => {
    const judged = signatureCompatibility(present, next);
    expect(judged.verdict).toBe(verdict);
    expect(judged.reasons.join('; ')).toMatch(reason);
  });

  it('is unknown, never pass, where a model tells nothing', () => {
    expect(signatureCompatibility(null, present).verdict).toBe('unknown');
    expect(signatureCompatibility(present, null).verdict).toBe('unknown');
    expect(signatureCompatibility(null, null).verdict).toBe('unknown');
  });

  it('passes for itself, and is as transitive as what callers see', () => {
    const spec = fc.record({
      name: fc.constantFrom('a', 'b'),
      datatype: fc.constantFrom('FP32', 'INT64'),
      shape: fc.array(fc.constantFrom(-1, 1, 2), { maxLength: 2 }),
    });
    const specs = fc.uniqueArray(spec, { selector: ({ name }) => name, maxLength: 2 });
    const signature = fc.record({ inputs: specs, outputs: specs });
    const passes = (a: Signature, b: Signature) => signatureCompatibility(a, b).verdict === 'pass';
    fc.assert(
      fc.property(signature, signature, signature, (a, b, c) => {
        expect(passes(a, a)).toBe(true);
        if (passes(a, b) && passes(b, c)) expect(passes(a, c)).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
});
