import { expect, it } from 'vitest';
import type { Contract } from '../../core/contract/contract.ts';
import { requireEvaluationFit } from './evaluation-fit.ts';

const label = { name: 'label', datatype: 'INT64', shape: [-1] };
const scores = { name: 'probabilities', datatype: 'FP32', shape: [-1, 10] };
const text = { name: 'text', datatype: 'BYTES', shape: [-1] };
const asks = (metric: string, output?: string) =>
  ({
    evaluation: { dataset: 'd', slices: [], output, gates: [{ metric, confidenceShare: 0.95 }] },
  }) as unknown as Contract;
const judge = (contract: Contract, ...outputs: (typeof label)[]) => {
  return () => requireEvaluationFit(contract, { inputs: [], outputs });
};

it('asks for the output of a model that has several, as evaluate does', () => {
  expect(judge(asks('accuracy'), label, scores)).toThrow('several outputs: label, probabilities');
  expect(judge(asks('accuracy', 'scores'), label, scores)).toThrow('no output scores');
  expect(judge(asks('accuracy', 'label'), label, scores)).not.toThrow();
});

it('refuses a metric of text for an output of numbers', () => {
  expect(judge(asks('exact-match'), scores)).toThrow('exact-match is of text, and the output probabilities is FP32');
  expect(judge(asks('exact-match'), text)).not.toThrow();
});

it('says nothing of a model that tells no outputs, or where nothing is asked', () => {
  expect(judge(asks('exact-match'))).not.toThrow();
  expect(() => requireEvaluationFit(asks('accuracy'), null)).not.toThrow();
  expect(judge({} as Contract, label, scores)).not.toThrow();
});
