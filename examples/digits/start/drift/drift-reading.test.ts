import { expect, it } from 'vitest';
import type { TriageAnswer } from '../../../../src/core/monitoring/triage/answer.ts';
import { diagnosisLines } from './drift-reading.ts';

it('tells a cause, its evidence and remedy, and what else may be so with the command that decides', () => {
  const answer: TriageAnswer = {
    verdict: 'named',
    signs: ['quality-fell'],
    causes: [
      {
        cause: 'concept',
        replicas: [],
        evidence: ['labels say that quality fell'],
        remedy: { what: 'train', command: 'plimsoll rollback --model' },
      },
    ],
    besides: {
      why: 'wrong labels look the same',
      decides: [
        { observation: 'new labels', command: 'plimsoll labels ask 30' },
        { observation: 'time', command: null },
      ],
    },
  };
  expect(diagnosisLines(answer)).toEqual([
    'CAUSE   concept',
    '        because labels say that quality fell',
    'REMEDY  train: plimsoll rollback --model',
    'BESIDES wrong labels look the same',
    '        would decide: new labels (plimsoll labels ask 30)',
    '        would decide: time',
  ]);
});
