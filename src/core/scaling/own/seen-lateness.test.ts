import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lateBudget, nothingSeen, observeLateness, unluckyCounts } from './seen-lateness.ts';

describe('what was seen to be late', () => {
  it('is what arrived while the oldest request had waited too long', () => {
    const calm = observeLateness(nothingSeen, { elapsedMs: 2_000, arrivals: 90, tooLong: false, foretoldShare: 0.1 });
    expect(observeLateness(calm, { elapsedMs: 0, arrivals: 10, tooLong: true, foretoldShare: 0.1 })).toEqual({
      arrivals: 100,
      late: 10,
      foretold: 10,
    });
  });

  it('counts half after an hour', () => {
    const seen = observeLateness(
      { arrivals: 100, late: 10, foretold: 20 },
      { elapsedMs: 3_600_000, arrivals: 0, tooLong: false, foretoldShare: 0 },
    );
    expect(seen).toEqual({ arrivals: 50, late: 5, foretold: 10 });
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
      fc.property(fc.nat(10_000), fc.nat(10_000), fc.nat(1_000), (late, more, rate) => {
        const budget = (each: number): number =>
          lateBudget(0.01, { arrivals: 1e5, late: each, foretold: 0 }, rate / 10);
        expect(budget(late + more)).toBeLessThanOrEqual(budget(late));
        expect(budget(late)).toBeGreaterThan(0.001);
      }),
    );
  });
});

describe('requests that a replay calls unlucky', () => {
  it('count for what they turned out to be worth, and whole while little was seen', () => {
    expect(unluckyCounts(nothingSeen)).toBe(1);
    expect(unluckyCounts({ arrivals: 1e6, late: 40, foretold: 490 })).toBeCloseTo(0.1, 12);
    expect(unluckyCounts({ arrivals: 1e6, late: 0, foretold: 1e5 })).toBe(0.1);
    expect(unluckyCounts({ arrivals: 1e6, late: 1e5, foretold: 0 })).toBe(1);
  });
});
