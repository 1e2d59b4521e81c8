import { expect, it } from 'vitest';
import type { SubjectState } from '../../../src/core/evidence/lock/lock.ts';
import { digestOf } from '../../../src/core/units/digest.ts';
import { isMoved, subjectsWords } from './moved.ts';

const [one, two] = [digestOf('one'), digestOf('two')];
const subject = (measured: typeof one | null, present: typeof one | null, unknown?: string): SubjectState => ({
  subject: 'model',
  knownBy: 'bundle',
  measured,
  present,
  ...(unknown === undefined ? {} : { unknown }),
});

it('tells what moved, came or went from what is not known', () => {
  expect(isMoved(subject(one, one))).toBe(false);
  expect(isMoved(subject(one, two))).toBe(true);
  expect(isMoved(subject(one, null))).toBe(true);
  expect(isMoved(subject(null, two))).toBe(true);
  expect(isMoved(subject(one, null, 'no replica runs'))).toBe(false);
});

it('counts what moved before what is not known, and all where nothing did', () => {
  const unknown = subject(one, null, 'no replica runs');
  expect(subjectsWords({})).toBe(null);
  expect(subjectsWords({ subjects: [subject(one, one)] })).toBe('1 subject');
  expect(subjectsWords({ subjects: [subject(one, one), unknown] })).toBe('1 not known');
  expect(subjectsWords({ subjects: [subject(one, two), subject(one, one), unknown] })).toBe('1 moved');
});
