import { expect, it } from 'vitest';
import { loadContract, minimalContract } from '../../../testing/builders/contract-texts.ts';
import { monitoringTermsOf } from './monitoring-terms.ts';

const inputsOf = (monitoring: string): string | undefined => {
  const text = minimalContract.replace(/^monitoring:.*$/m, `monitoring: { ${monitoring} }`);
  return monitoringTermsOf(loadContract(text).contract, 1, null, null, null)?.inputsOf;
};
const plain = 'falseAlarms: 1 per 30d, capture: { sample: 5% }';

it.each([
  'falseAlarms: 2 per 30d, capture: { sample: 5% }',
  `${plain}, window: 5m, slices: [region]`,
  `${plain}, tolerance: { sd: 0.3 }`,
  'falseAlarms: 1 per 30d, capture: { sample: 5%, content: true, retention: 1h }',
])('windows of inputs are the same with %s', (other) => {
  expect(inputsOf(other)).toBe(inputsOf(plain));
});

it.each([
  `${plain}, window: 10m`,
  `${plain}, control: 20%`,
  'falseAlarms: 1 per 30d, capture: { sample: 1% }',
  'falseAlarms: 1 per 30d, capture: { sample: 5%, redact: [email] }',
])('windows of inputs are others with %s', (other) => {
  expect(inputsOf(other)).toBeDefined();
  expect(inputsOf(other)).not.toBe(inputsOf(plain));
});
