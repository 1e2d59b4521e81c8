import { describe, expect, it } from 'vitest';
import { fakePlan } from '../../dev/fake-plan.ts';
import {
  amountWords,
  bindingWords,
  fullWords,
  growthWords,
  limitsWords,
  moneyWords,
  nextWords,
  poolWords,
  replicasOf,
  weekOf,
} from './plan-words.ts';

const report = fakePlan('scaling', '5%/week', Date.parse('2026-11-29T03:00:00Z')).plan!;
const withFull = (full: Partial<typeof report.full>) => ({ ...report, full: { ...report.full, ...full } });

describe('the words of a plan', () => {
  it('say when the pool is full, and between which days', () => {
    const full = { notFound: '2027-02-01', early: '2027-01-04', late: '2027-03-07', share: 1 };
    expect(fullWords(withFull(full))).toBe(
      'The pool is full on 2027-02-01 by the estimate. 90% of the draws: 2027-01-04 to 2027-03-07.',
    );
    expect(fullWords(withFull({ ...full, early: report.from, late: null }))).toContain(
      `90% of the draws: today to after ${report.until}.`,
    );
    expect(fullWords(withFull({ notFound: null, early: null, late: null, share: 0.124 }))).toBe(
      `The pool is not full by ${report.until} by the estimate. 12% of the draws are full by then.`,
    );
  });

  it('say what has to fit, and what binds', () => {
    expect(poolWords({ ...report, pool: 'h100', nodes: 3, devices: 6, nodesDown: 1, devicesDown: 2 })).toBe(
      'h100 has 6 devices on 3 nodes. All replicas have to fit while any one node is lost, of up to 2 devices.',
    );
    expect(poolWords({ ...report, nodesDown: 0 })).toContain('No room is kept for lost nodes.');
    expect(bindingWords({ ...report, binding: [] })).toBeNull();
    expect(bindingWords({ ...report, binding: [{ lost: ['a1'], alike: 3, proven: true }] })).toBe(
      'On that day no placement exists without a1, one of 3 that are alike.',
    );
    expect(bindingWords({ ...report, binding: [{ lost: [], alike: 0, proven: false }] })).toBe(
      'On that day no placement was found, with all nodes there.',
    );
  });

  it('give a number with its interval only where it has one', () => {
    expect(limitsWords({ lower: 4, estimate: 4, upper: 4 }, amountWords)).toBe('4');
    expect(limitsWords({ lower: 3, estimate: 4.25, upper: 6 }, amountWords)).toBe('4.3 (3 to 6)');
    expect(limitsWords({ lower: 1.2e9, estimate: 1.25e9, upper: 1.3e9 }, moneyWords)).toBe('1,250 (1,200 to 1,300)');
    expect(growthWords('recorded')).toBe('as recorded');
    expect(growthWords('5%/week')).toBe('+5% a week');
  });

  it('say what comes next as a command, or in words', () => {
    expect(nextWords('plimsoll capacity, or state it: --per-replica a=14/s').command).toBe('plimsoll capacity');
    expect(nextWords('growth=5%/week')).toEqual({ command: null, words: 'Choose a growth of the demand above.' });
    expect(nextWords('ask for fewer lost nodes').words).toBe('Next: ask for fewer lost nodes.');
  });

  it('add up replicas of services, and find the week of a day', () => {
    const two = { lower: 1, estimate: 2, upper: 3 };
    expect(replicasOf({ replicas: [two, two] })).toEqual({ lower: 2, estimate: 4, upper: 6 });
    const weeks = ['2026-11-30', '2026-12-07', '2026-12-14'].map((from) => ({ from }));
    expect([
      weekOf(weeks, '2026-12-13'),
      weekOf(weeks, '2026-12-14'),
      weekOf(weeks, '2026-11-01'),
      weekOf(weeks, null),
    ]).toEqual([1, 2, null, null]);
  });
});
