import { expect, it } from 'vitest';
import type { Contract } from '../../core/contract/contract.ts';
import type { PinnedModel } from '../../core/evidence/lock/lock.ts';
import { digestOf } from '../../core/units/digest.ts';
import { requireSignatureFit, signatureMisfit } from './signature-fit.ts';

const tensor = (name: string, size: number) => ({ name, datatype: 'FP32', shape: [-1, size] });
const signature = { inputs: [tensor('image', 784)], outputs: [tensor('probabilities', 10)] };
const contract = (asked: typeof signature | undefined): Contract =>
  ({ code: { args: [], files: [], ...(asked === undefined ? {} : { signature: asked }) } }) as unknown as Contract;
const model = (told: typeof signature): PinnedModel => ({
  name: 'digits',
  version: 3,
  digest: digestOf('m'),
  format: 'onnx',
  signature: told,
});

it('lets a model through that fits, and everything where the contract asks nothing', () => {
  expect(signatureMisfit(contract(signature), model(signature))).toBeNull();
  expect(signatureMisfit(contract(undefined), model({ inputs: [], outputs: [] }))).toBeNull();
});

it('refuses one that does not fit, naming the tensor, and exits 1', () => {
  const misfit = signatureMisfit(contract(signature), model({ ...signature, inputs: [tensor('image', 1024)] }));
  expect(misfit).toMatchObject({ code: 'signature-unfit', category: 'refused' });
  expect(misfit?.message).toContain('the code sends the input image FP32 [-1,784], and the model takes FP32 [-1,1024]');
});

it('lets nothing start with a model that tells no signature, and calls it unknown, exit 3', () => {
  expect(() => requireSignatureFit(contract(signature), model({ inputs: [], outputs: [] }))).toThrow(
    expect.objectContaining({ code: 'signature-unknown', category: 'unavailable' }),
  );
});
