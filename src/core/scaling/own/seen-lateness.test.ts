import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  computeWaitShare,
  lateBudget,
  nothingSeen,
  observeLateness,
  unluckyCounts,
  type SeenLateness,
} from './seen-lateness.ts';

const spellMs = 300_000;
const calm = { elapsedMs: 2_000, arrivals: 90, answers: 90, tooLong: false, foretoldShare: 0.1, spellMs };
const late = { ...calm, elapsedMs: 0, arrivals: 10, answers: 10, tooLong: true };

describe('what was seen to be late', () => {
  it('is what was answered while the oldest request had waited too long', () => {
    const seen = observeLateness(nothingSeen, calm);
    expect(observeLateness(seen, { ...late, answers: 35 })).toMatchObject({ arrivals: 100, late: 35, foretold: 10 });
  });

  it('is what arrived meanwhile where answers are not known', () => {
    expect(observeLateness(nothingSeen, { ...late, answers: null }).late).toBe(10);
  });

  it('counts half after an hour', () => {
    const before = { arrivals: 100, late: 10, foretold: 20, spells: 2, spellLeftMs: 0 };
    const hour = { elapsedMs: 3_600_000, arrivals: 0, answers: 0, tooLong: false, foretoldShare: 0, spellMs };
    expect(observeLateness(before, hour)).toEqual({ arrivals: 50, late: 5, foretold: 10, spells: 1, spellLeftMs: 0 });
  });

  it('is of one spell while little time lies between', () => {
    const twice = observeLateness(observeLateness(nothingSeen, late), { ...late, elapsedMs: 299_000 });
    expect(twice.spells).toBeLessThan(1);
    expect(observeLateness(twice, { ...late, elapsedMs: 1_000 }).spells).toBeGreaterThan(1.9);
  });

  it('takes nothing from a replay while no more are late than it may show, and what is beyond that', () => {
    expect(lateBudget(0.01, nothingSeen, 0)).toBeCloseTo(0.006, 12);
    expect(lateBudget(0.01, { arrivals: 1_000, late: 5, foretold: 0 }, 0)).toBeCloseTo(0.006, 12);
    expect(lateBudget(0.01, { arrivals: 1_000, late: 8, foretold: 0 }, 0)).toBeCloseTo(0.003, 12);
    expect(lateBudget(0.01, { arrivals: 1_000, late: 500, foretold: 0 }, 0)).toBeCloseTo(0.0015, 12);
  });

  it('is held against two hours at the mean rate, so that one bad minute is not all that is known', () => {
    expect(lateBudget(0.01, { arrivals: 100, late: 36, foretold: 0 }, 10)).toBeCloseTo(0.006, 12);
    expect(lateBudget(0.01, { arrivals: 72_000, late: 540, foretold: 0 }, 10)).toBeCloseTo(0.0035, 12);
    expect(lateBudget(0.01, { arrivals: 144_000, late: 1_080, foretold: 0 }, 10)).toBeCloseTo(0.0035, 12);
  });

  it('leaves no more with more late ones, whatever was seen', () => {
    fc.assert(
      fc.property(fc.nat(10_000), fc.nat(10_000), fc.nat(1_000), (few, more, rate) => {
        const seen = (each: number): SeenLateness => ({ arrivals: 1e5, late: each, foretold: 0, spells: 3 });
        const budget = (each: number): number => lateBudget(0.01, seen(each), rate / 10);
        const wait = (each: number): number => computeWaitShare(0.01, seen(each), rate / 10);
        expect(budget(few + more)).toBeLessThanOrEqual(budget(few));
        expect(budget(few)).toBeGreaterThan(0.001);
        expect(wait(few + more)).toBeLessThanOrEqual(wait(few));
        expect(wait(few)).toBeGreaterThanOrEqual(0.5);
      }),
    );
  });
});

describe('the wait of a replay', () => {
  const seen = (share: number, spells?: number): SeenLateness => ({
    ...{ arrivals: 1_000, late: 1_000 * share, foretold: 0 },
    ...(spells === undefined ? {} : { spells }),
  });

  it('is shorter the more were late, again and again', () => {
    expect(computeWaitShare(0.01, nothingSeen, 10)).toBe(1);
    expect(computeWaitShare(0.01, seen(0.005, 3), 0)).toBe(1);
    expect(computeWaitShare(0.01, seen(0.01, 3), 0)).toBeCloseTo(0.625, 12);
    expect(computeWaitShare(0.01, seen(0.5, 3), 0)).toBe(0.5);
  });

  it('is whole while they were late once, and in what older versions recorded', () => {
    expect(computeWaitShare(0.01, seen(0.5, 1), 0)).toBe(1);
    expect(computeWaitShare(0.01, seen(0.5), 0)).toBe(1);
  });
});

describe('requests that a replay calls unlucky', () => {
  it('count for what they turned out to be worth, and 0.6 while little was seen', () => {
    expect(unluckyCounts(nothingSeen)).toBeCloseTo(0.6, 12);
    expect(unluckyCounts({ arrivals: 1e6, late: 40, foretold: 490 })).toBeCloseTo(0.1, 12);
    expect(unluckyCounts({ arrivals: 1e6, late: 0, foretold: 1e5 })).toBe(0.1);
    expect(unluckyCounts({ arrivals: 1e6, late: 1e5, foretold: 0 })).toBe(1);
  });
});
