import { expect, it } from 'vitest';
import { contractProblems, loadContract, minimalContract } from '../../testing/builders/contract-texts.ts';
import { effectiveCapture } from './defaults.ts';

const captureOf = (monitoring: string) =>
  effectiveCapture(loadContract(minimalContract.replace(/^monitoring:.*$/m, `monitoring: { ${monitoring} }`)).contract);
const kept = { redact: [], content: false, retentionMs: 604_800_000, maxBytes: 67_108_864 };

it.each([
  ['golden: digits-golden', null],
  ['falseAlarms: 1 per 30d', { ...kept, sampleShare: 0, controlShare: 0.1 }],
  ['capture: { sample: 5% }', { ...kept, sampleShare: 0.05, controlShare: 0.1 }],
  ['capture: { sample: 5% }, control: 0%', { ...kept, sampleShare: 0.05, controlShare: 0 }],
  ['falseAlarms: 1 per 30d, control: 0%', null],
  ['control: 20%', { ...kept, sampleShare: 0, controlShare: 0.2 }],
  [
    'capture: { sample: 1%, redact: [email], content: true, retention: 1h, maxBytes: 1MiB }',
    {
      ...{ sampleShare: 0.01, controlShare: 0.1, redact: ['email'] },
      ...{ content: true, retentionMs: 3_600_000, maxBytes: 1_048_576 },
    },
  ],
])('%s', (monitoring, expected) => expect(captureOf(monitoring)).toEqual(expected));

it.each([
  ['capture: { sample: 0% }', 'above zero'],
  ['capture: { sample: 5%, maxBytes: 1kB }', 'at least `1MiB`'],
  ["capture: { sample: 5%, redact: ['$..content'] }", '`$.messages[*].content`'],
  ['capture: { sample: 5%, content: sometimes }', '`true` or `false`'],
  ['control: 0.1', '`10%`'],
  ['slices: [region]', '`falseAlarms` beside it'],
  ['falseAlarms: 1 per 30d, slices: [region, region]', 'each feature once'],
  ['falseAlarms: 1 per 30d, slices: [a, b, c]', '2 names of features at most'],
  ['falseAlarms: 1 per 30d, slices: []', '2 names of features at most'],
])('%s is refused, with what is expected', (monitoring, expected) => {
  const text = minimalContract.replace(/^monitoring:.*$/m, `monitoring: { ${monitoring} }`);
  expect(contractProblems(text).map((problem) => problem.expected)).toEqual([expect.stringContaining(expected)]);
});
