import { expect, it } from 'vitest';
import { problemText } from '../../core/contract/problem.ts';
import { contractProblems, loadContract, minimalContract } from '../../testing/builders/contract-texts.ts';

const withFeatures = (list: string): string =>
  minimalContract.replace('golden: digits-golden', `golden: digits-golden, features: ${list}`);

it('a program is a module or a command, with what it gives', () => {
  const list =
    '[{ module: f.ts, gives: { a.b: number } }, { command: [python, f.py], files: [lib], gives: { c: category }, timeout: 2s }]';
  expect(loadContract(withFeatures(list)).contract.monitoring?.features).toEqual([
    { module: 'f.ts', files: [], gives: { 'a.b': 'number' }, timeoutMs: 1_000 },
    { command: ['python', 'f.py'], files: ['lib'], gives: { c: 'category' }, timeoutMs: 2_000 },
  ]);
});

it.each([
  ['[{ gives: { a: number } }]', 'features are computed by one program'],
  ['[{ module: f.ts, command: [a], gives: { a: number } }]', 'features are computed by one program'],
  ['[{ module: ../f.ts, gives: { a: number } }]', 'module'],
  ['[{ module: f.ts }]', '`gives` is missing'],
  ['[{ module: f.ts, gives: {} }]', 'a program gives one feature at least'],
  ['[{ module: f.ts, gives: { a: text } }]', 'gives'],
  ['[{ module: f.ts, gives: { "a b": number } }]', 'gives'],
  ['[{ module: f.ts, gives: { a: number } }, { module: g.ts, gives: { a: number } }]', '`a` is given twice'],
  ['[{ module: f.ts, gives: { a: number }, timeout: 0s }]', 'timeout'],
  ['[]', 'features'],
])('features: %s is refused', (list, words) => {
  expect(contractProblems(withFeatures(list)).map(problemText).join('\n')).toContain(words);
});
