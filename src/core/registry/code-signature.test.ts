import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codeSignatureFit } from './code-signature.ts';
import type { Signature } from './signature-compatibility.ts';

const spec = (name: string, shape: readonly number[], datatype = 'FP32') => ({ name, datatype, shape });
const code: Signature = { inputs: [spec('image', [-1, 784])], outputs: [spec('probabilities', [-1, 10])] };

describe('codeSignatureFit', () => {
  it.each<[string, Signature, RegExp | null]>([
    ['the very tensors', code, null],
    ['further outputs', { ...code, outputs: [...code.outputs, spec('features', [-1, 64])] }, null],
    ['an input of any size', { ...code, inputs: [spec('image', [-1, -1])] }, null],
    ['another size', { ...code, inputs: [spec('image', [-1, 1024])] }, /sends the input image FP32 \[-1,784\], and the model takes FP32 \[-1,1024\]/],
    ['a fixed batch', { ...code, inputs: [spec('image', [1, 784])] }, /input image/],
    ['another datatype', { ...code, inputs: [spec('image', [-1, 784], 'FP16')] }, /takes FP16/],
    ['another name', { ...code, inputs: [spec('pixels', [-1, 784])] }, /no such input \(it has pixels\)/],
    ['an input more', { ...code, inputs: [...code.inputs, spec('mask', [-1])] }, /takes the input mask FP32 \[-1\], and the code does not send it/],
    ['no such output', { ...code, outputs: [] }, /reads the output probabilities .* no such output \(it has none\)/],
    ['an output of any size', { ...code, outputs: [spec('probabilities', [-1, -1])] }, /gives FP32 \[-1,-1\]/],
  ])('judges a model with %s', (_what, model, refused) => {
    const { verdict, reasons } = codeSignatureFit(code, model);
    expect(verdict).toBe(refused === null ? 'pass' : 'fail');
    if (refused !== null) expect(reasons.join('; ')).toMatch(refused);
  }); // prettier-ignore
  it('is unknown, and no pass, of a model that tells nothing', () => {
    expect(codeSignatureFit(code, null).verdict).toBe('unknown');
    expect(codeSignatureFit(code, { inputs: [], outputs: [] }).verdict).toBe('unknown');
  });
  it('passes every signature against itself', () => {
    const tensors = fc.uniqueArray(
      fc.record({
        name: fc.string({ minLength: 1 }),
        datatype: fc.constantFrom('FP32', 'INT64'),
        shape: fc.array(fc.integer({ min: -1, max: 9 })),
      }),
      { selector: ({ name }) => name, minLength: 1 },
    );
    fc.assert(
      fc.property(
        tensors,
        tensors,
        (inputs, outputs) => codeSignatureFit({ inputs, outputs }, { inputs, outputs }).verdict === 'pass',
      ),
    );
  });
});
