import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quantileMs, startDistribution, type ObservedStart } from './start-distribution.ts';
import { quantileUpperMs } from './start-limits.ts';

const start = (totalMs: number, outcome: ObservedStart['outcome'] = 'ready'): ObservedStart => ({
  totalMs,
  outcome,
  phases: [],
});

describe('the distribution of starts', () => {
  it('is the share that was ready by a time where every start was', () => {
    const distribution = startDistribution([start(30), start(10), start(20), start(20)]);
    expect(distribution).toEqual({ timesMs: [10, 20, 30], shares: [0.25, 0.75, 1], failureShare: 0, starts: 4 });
    expect([0.25, 0.5, 0.75, 0.9].map((share) => quantileMs(distribution, share))).toEqual([10, 20, 20, 30]);
  });

  it('is the estimate of Kaplan and Meier where starts still run', () => {
    // The remission times of 6-MP in Freireich et al. 1963, as every textbook prints their survival at 6, 7, 10, 13, 16, 22, 23.
    const ended = [6, 6, 6, 7, 10, 13, 16, 22, 23];
    const running = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35];
    const { timesMs, shares } = startDistribution([
      ...running.map((ms) => start(ms, 'running')),
      ...ended.map((ms) => start(ms)),
    ]);
    expect(timesMs).toEqual([6, 7, 10, 13, 16, 22, 23]);
    const survival = shares.map((share) => Number((1 - share).toFixed(4)));
    expect(survival).toEqual([0.8571, 0.8067, 0.7529, 0.6902, 0.6275, 0.5378, 0.4482]);
  });

  it('counts failed starts as an end of their own, which leaves the rest open', () => {
    const distribution = startDistribution([start(10), start(5, 'failed'), start(20), start(30, 'running')]);
    expect(distribution).toEqual({ timesMs: [10, 20], shares: [0.25, 0.5], failureShare: 0.25, starts: 4 });
    expect(quantileMs(distribution, 0.6)).toBeNull();
  });

  it('of no ready start says that nothing is known to become ready', () => {
    expect(startDistribution([])).toEqual({ timesMs: [0], shares: [0], failureShare: 0, starts: 0 });
    expect(startDistribution([start(7, 'failed')])).toEqual({
      timesMs: [7],
      shares: [0],
      failureShare: 1,
      starts: 1,
    });
  });

  it('always has increasing times and shares, and never more than one whole', () => {
    const starts = fc.array(
      fc.record({ totalMs: fc.nat({ max: 50 }), outcome: fc.constantFrom('ready', 'failed', 'running') }),
      { maxLength: 80 },
    );
    fc.assert(
      fc.property(starts, (given) => {
        const observed = given.map(({ totalMs, outcome }) => start(totalMs, outcome as ObservedStart['outcome']));
        const { timesMs, shares, failureShare } = startDistribution(observed);
        for (const list of [timesMs, shares]) {
          expect(list.every((value, at) => at === 0 || value > (list[at - 1] ?? 0))).toBe(true);
        }
        expect(failureShare).toBeGreaterThanOrEqual(0);
        expect((shares.at(-1) ?? 0) + failureShare).toBeLessThanOrEqual(1 + 1e-12);
        if (given.length > 0 && given.every(({ outcome }) => outcome !== 'running')) {
          expect((shares.at(-1) ?? 0) + failureShare).toBeCloseTo(1, 9);
        }
      }),
    );
  });
});

describe('the upper limit of a quantile', () => {
  const ready = Array.from({ length: 29 }, (_, at) => start(at + 1));

  it('is the largest of 29 starts for p90, and not known with fewer', () => {
    expect(quantileUpperMs(ready, 0.9, 0.95)).toBe(29);
    expect(quantileUpperMs(ready.slice(1), 0.9, 0.95)).toBeNull();
  });

  it('takes a failed or running start as longer than every other', () => {
    for (const outcome of ['failed', 'running'] as const) {
      expect(quantileUpperMs([...ready, start(1, outcome)], 0.9, 0.95)).toBeNull();
      const more = Array.from({ length: 46 }, (_, at) => start(at + 1));
      expect(quantileUpperMs([...more, start(1, outcome)], 0.9, 0.95)).toBe(46);
    }
  });
});
