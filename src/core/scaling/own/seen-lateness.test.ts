import { describe, expect, it } from 'vitest';
import { lateBudget, nothingSeen, observeLateness } from './seen-lateness.ts';

describe('what was seen to be late', () => {
  it('is what arrived while the oldest request had waited too long', () => {
    const calm = observeLateness(nothingSeen, { elapsedMs: 2_000, arrivals: 90, tooLong: false });
    expect(observeLateness(calm, { elapsedMs: 0, arrivals: 10, tooLong: true })).toEqual({ arrivals: 100, late: 10 });
  });

  it('counts half after an hour', () => {
    const seen = observeLateness({ arrivals: 100, late: 10 }, { elapsedMs: 3_600_000, arrivals: 0, tooLong: false });
    expect(seen).toEqual({ arrivals: 50, late: 5 });
  });

  it('leaves less to the replay the more of the allowed share it takes', () => {
    expect(lateBudget(0.01, nothingSeen)).toBeCloseTo(0.006, 12);
    expect(lateBudget(0.01, { arrivals: 1_000, late: 5 })).toBeCloseTo(0.003, 12);
    expect(lateBudget(0.01, { arrivals: 1_000, late: 500 })).toBeCloseTo(0.0003, 12);
  });
});
