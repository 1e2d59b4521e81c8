import { expect, it } from 'vitest';
import type { FeatureProgram } from '../../contract/contract.ts';
import { digestOfPrograms } from '../../contract/feature-programs.ts';
import { beginControl, observeControlRow } from '../detectors/concurrent-control.ts';
import { addToWindow, closeWindow, emptyWindow } from '../watch/windows/windows.ts';
import { customFeatures, customGroup, exchangeLine, readCustomValues, withCustomFeatures } from './custom-features.ts';
import { mostFeatures, readRow } from './read-row.ts';

const program: FeatureProgram = {
  module: 'features.ts',
  files: [],
  gives: { ratio: 'number', region: 'category' },
  timeoutMs: 1_000,
};
const exchange = {
  inputs: [
    { name: 'amount', kind: 'numbers', shape: [2], data: [3, 9] },
    { name: 'pair', kind: 'numbers', shape: [2, 2], data: [1, Number.NaN, 7, 8] },
    { name: 'text', kind: 'texts', values: ['a', 'b'] },
  ],
  outputs: [{ name: 'finish', kind: 'category', value: 'stop' }],
  status: 200,
} as const;

it('gives a program the first row as one line of JSON', () => {
  expect(exchangeLine(exchange)).toBe(
    '{"inputs":{"amount":3,"pair":[1,null],"text":"a"},"outputs":{"finish":"stop"},"status":200}',
  );
  const huge = { name: 'x', kind: 'numbers', shape: [1, 70_000], data: new Float64Array(70_000) } as const;
  expect(exchangeLine({ ...exchange, inputs: [huge] })).toContain('"x":null');
});

it.each([
  ['{"ratio":2,"region":"north"}', { ratio: 2, region: 'north' }],
  ['{"ratio":"2","region":7}', { ratio: null, region: '7' }],
  ['{"ratio":null,"region":null}', { ratio: null, region: null }],
  ['{"other":1}', { ratio: null, region: null }],
])('reads %s', (line, values) => {
  expect(readCustomValues(program, line)).toEqual({ values });
});

it.each(['', '3', 'null', '[]', 'ratio: 3', '{"ratio":'])('names `%s` as no answer', (line) => {
  expect(readCustomValues(program, line)).toMatchObject({ because: expect.stringContaining('no JSON object') });
});

it('adds features to a row, and leaves out what is not known', () => {
  const known = withCustomFeatures(readRow(exchange), [program], { ratio: 2, region: null });
  expect(known.features.slice(-2)).toEqual(customFeatures([program]));
  expect(known.values).toMatchObject({ amount: 3, ratio: 2, region: null });
  const unknown = withCustomFeatures(readRow(exchange), [program], {});
  expect(unknown.features).toEqual(known.features);
  expect(Object.keys(unknown.values)).not.toContain('ratio');
});

it('keeps a feature that Plimsoll reads by the same name, and the bound of all features', () => {
  const same = { ...program, gives: { amount: 'category', ratio: 'number' } } as const;
  const row = withCustomFeatures(readRow(exchange), [same], { amount: 'x', ratio: 1 });
  expect(row.values['amount']).toBe(3);
  expect(row.features.filter(({ name }) => name === 'amount')).toHaveLength(1);
  const many = Array.from({ length: 600 }, (_, at) => ({ name: `n${at}`, kind: 'texts', values: ['a'] }) as const);
  const wide = withCustomFeatures(readRow({ ...exchange, inputs: many }), [program], { ratio: 1, region: 'a' });
  expect(wide.features).toHaveLength(mostFeatures);
  expect(wide.values['ratio']).toBe(1);
});

it('makes another digest of other files, names or programs, and not of another time limit', () => {
  const digest = digestOfPrograms([program], { 'features.ts': 'sha256:a' });
  expect(digestOfPrograms([{ ...program, timeoutMs: 5 }], { 'features.ts': 'sha256:a' })).toBe(digest);
  expect(digestOfPrograms([program], { 'features.ts': 'sha256:b' })).not.toBe(digest);
  expect(digestOfPrograms([{ ...program, gives: { ratio: 'number' } }], { 'features.ts': 'sha256:a' })).not.toBe(
    digest,
  );
});

it('counts a value that is not known neither as a value nor as missing', () => {
  const features = [...customFeatures([program]), { name: 'amount', group: 'amount', kind: 'numeric' as const }];
  let window = emptyWindow;
  for (let at = 0; at < 20; at += 1) {
    window = addToWindow(window, features, at < 5 ? { ratio: at, region: null, amount: 1 } : { amount: 1 }, at);
  }
  expect(window.tallies['ratio']).toMatchObject({ n: 5, missing: 0, mean: 2 });
  expect(window.tallies['region']).toMatchObject({ n: 0, missing: 5 });
  expect(Object.keys(closeWindow(window, 1, 100, 1)?.tallies ?? {})).toEqual(['amount']);
});

it('bets on nothing where a value is not known', () => {
  const features = [{ name: 'ratio', group: customGroup, kind: 'numeric' as const }];
  let state = beginControl({ features, aggregates: [] });
  const eligible = [
    { arm: 'a', propensityShare: 0.5 },
    { arm: 'b', propensityShare: 0.5 },
  ];
  const row = (values: Readonly<Record<string, number | null>>) =>
    ({ eligible, drawn: 'a', outcome: 'answered', values }) as const;
  for (let at = 0; at < 50; at += 1) state = observeControlRow(state, row({ ratio: at % 3 }));
  const before = state;
  state = observeControlRow(state, row({}));
  expect(state.learners).toEqual(before.learners);
  expect(observeControlRow(before, row({ ratio: null })).learners).not.toEqual(before.learners);
});
