import { expect, it } from 'vitest';
import type { Cause, TriageAnswer } from '../../src/core/monitoring/triage/answer.ts';
import { judgeOutcome } from './outcome.ts';

const remedy = { what: '', command: '' };
const named = (...causes: readonly Cause[]): TriageAnswer => ({
  verdict: 'named',
  causes: causes.map((cause) => ({ cause, replicas: [], evidence: [], remedy })),
  signs: [],
});
const abstains: TriageAnswer = { verdict: 'abstains', why: 'x', decides: [], signs: [] };

it.each<[string, readonly Cause[], readonly TriageAnswer[]]>([
  ['named', ['node'], [abstains, named('node')]],
  ['wrong', ['node'], [named('data'), named('node')]],
  ['wrong', [], [named('data')]],
  ['part', ['node', 'data'], [named('node')]],
  ['named', ['node', 'data'], [named('node'), named('node', 'data')]],
  ['wrong', ['node', 'data'], [named('node', 'data', 'concept')]],
  ['abstained', ['node'], [abstains]],
  ['unseen', ['node'], []],
])('%s: %j', (verdict, causes, answers) => {
  const given = answers.map((answer, at) => ({ of: 'alarm', afterMs: at, answer }));
  expect(judgeOutcome({ causes }, given).verdict).toBe(verdict);
});
