import { expect, test } from 'vitest';
import type { PredictedOutput } from '../../core/evaluation/predictions.ts';
import { referenceSummarySchema } from '../../schemas/artifact/reference-summary.ts';
import { referenceBytes, summarizeReference } from './evaluate-reference.ts';

async function* placed(rows: readonly Readonly<Record<string, unknown>>[]) {
  for (const [at, row] of rows.entries()) yield await Promise.resolve({ row, line: at + 1 });
}

const amount = { name: 'amount', datatype: 'FP32', shape: [-1, 1] };
const scores = (values: readonly number[]): PredictedOutput => ({
  name: 'scores',
  datatype: 'FP32',
  rowShape: [2],
  lengths: null,
  values: Float32Array.from(values),
});

test('rows and what was answered to them are one summary, and the file reads back as the same', async () => {
  const rows = placed([
    { amount: 1, label: 0 },
    { amount: 3, label: 1 },
  ]);
  const predictions = { rows: 2, outputs: [scores([0.25, 0.75, 1, 0])] };
  const summary = await summarizeReference({ rows, inputs: [amount], predictions });
  expect(summary).toMatchObject({
    rows: 2,
    ofRows: 2,
    features: [
      { name: 'amount', numeric: { mean: 2, sd: 1.41421 } },
      { name: 'scores.class', group: 'scores', shares: { '0': 0.5, '1': 0.5 } },
      { name: 'scores.confidence', numeric: { mean: 0.875 } },
      { name: 'scores.entropy' },
    ],
  });
  expect(referenceSummarySchema.parse(JSON.parse(new TextDecoder().decode(referenceBytes(summary))))).toEqual(summary);
});

test('rows are summarized by the values of what the contract slices by, and the file reads back as the same', async () => {
  const said = { name: 'said', datatype: 'BYTES', shape: [-1, 1] };
  const rows = placed(Array.from({ length: 6 }, (_, at) => ({ amount: at, said: at < 4 ? 'yes' : 'no' })));
  const predictions = { rows: 6, outputs: [scores(Array(6).fill([0.25, 0.75]).flat())] };
  const question = { rows, inputs: [amount, said], predictions, slices: ['said.value', 'nothing'] };
  const summary = await summarizeReference(question);
  expect(summary.slices).toMatchObject([
    { by: 'said.value', value: 'yes', rows: 4 },
    { by: 'said.value', value: 'no', rows: 2 },
  ]);
  const [yes] = summary.slices ?? [];
  expect(yes?.features.map(({ name }) => name)).toEqual(['amount', 'said.length', 'scores.class', 'said.words']);
  expect(yes?.features[0]).toMatchObject({ numeric: { mean: 1.5 } });
  expect(referenceSummarySchema.parse(JSON.parse(new TextDecoder().decode(referenceBytes(summary))))).toEqual(summary);
});

test('answers of different lengths and texts stay with their rows', async () => {
  const boxes: PredictedOutput = {
    name: 'boxes',
    datatype: 'FP32',
    rowShape: null,
    lengths: Int32Array.from([2, 1]),
    values: Float32Array.from([5, 6, 7]),
  };
  const said: PredictedOutput = {
    name: 'said',
    datatype: 'BYTES',
    rowShape: [],
    lengths: null,
    values: ['yes', 'no'],
  };
  const predictions = { rows: 2, outputs: [boxes, said] };
  const { features } = await summarizeReference({ rows: placed([{}, {}]), inputs: [], predictions });
  const named = (name: string) => features.find((feature) => feature.name === name);
  expect(named('boxes[1]')).toMatchObject({ missingShare: 0.5, numeric: { mean: 6 } });
  expect(named('boxes')).toMatchObject({ missingShare: 0.5, numeric: { mean: 7 } });
  expect(named('said.value')).toMatchObject({ shares: { yes: 0.5, no: 0.5 } });
});

test('a large dataset is read at even distances', async () => {
  const count = 50_000;
  const rows = placed(Array.from({ length: count }, (_, at) => ({ amount: at })));
  const predictions = { rows: count, outputs: [] };
  const summary = await summarizeReference({ rows, inputs: [amount], predictions });
  expect([summary.rows, summary.ofRows]).toEqual([16_667, count]);
  const [feature] = summary.features;
  expect(feature?.kind === 'numeric' ? feature.numeric?.mean : null).toBeCloseTo(count / 2, -1);
});
