import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom, type Random } from '../../statistics/random.ts';
import { beginHistory, forecastRate, observeArrivals, type DemandHistory } from './demand-history.ts';

const bucketMs = 2_000;
const horizonMs = 60_000;

/** Poisson count by sums of exponentials (Knuth). */
function poisson(mean: number, random: Random): number {
  let [count, product] = [0, random.nextShare()];
  const limit = Math.exp(-mean);
  while (product > limit) {
    count += 1;
    product *= random.nextShare();
  }
  return count;
}

function after(rates: readonly number[], begun = beginHistory(bucketMs)): DemandHistory {
  return rates.reduce(
    (history, rate, index) => observeArrivals(history, (index + 1) * bucketMs, rate, horizonMs),
    observeArrivals(begun, 0, 0, horizonMs),
  );
}

describe('the history of arrivals', () => {
  it('counts every arrival once, however the times of signals and buckets lie', () => {
    const steps = fc.array(
      fc.record({ ms: fc.integer({ min: 1, max: 9_000 }), rate: fc.integer({ min: 0, max: 50 }) }),
    );
    fc.assert(
      fc.property(steps, (each) => {
        let [atMs, total] = [0, 0];
        let history = observeArrivals(beginHistory(bucketMs), 0, null, horizonMs);
        for (const { ms, rate } of each) {
          atMs += ms;
          total += (ms * rate) / 1_000;
          history = observeArrivals(history, atMs, rate, horizonMs);
        }
        const counted = history.arrivals.reduce((sum, count) => sum + count, 0) + history.open.arrivals;
        expect(counted).toBeCloseTo(total, 6);
        expect(history.forecasts).toHaveLength(history.arrivals.length);
      }),
    );
  });

  it('takes signals that were seen before for nothing new', () => {
    const history = after([10, 10]);
    expect(observeArrivals(history, 4_000, 99, horizonMs)).toBe(history);
  });

  it('leaves out time of which nothing is known', () => {
    const history = observeArrivals(after([10, 10, 10]), 60_000, null, horizonMs);
    expect(history.arrivals).toEqual([20, 20, 20]);
    expect(observeArrivals(history, 62_000, 10, horizonMs).arrivals).toEqual([20, 20, 20, 20]);
  });

  it('is bounded', () => {
    expect(after(new Array<number>(3_000).fill(1)).arrivals).toHaveLength(1_200);
  });
});

describe('the forecast', () => {
  it('follows a steady rise ahead by its horizon', () => {
    const history = after(Array.from({ length: 1_000 }, (_, index) => 10 + index * 0.02));
    const expected = 10 + 1_000 * 0.02 + 0.01 * (horizonMs / 1_000);
    expect(forecastRate(history, horizonMs)).toBeGreaterThan(expected - 0.5);
    expect(forecastRate(history, horizonMs)).toBeLessThan(expected + 0.5);
  });

  it('takes a jump for a change at once, and the noise of Poisson arrivals for none', () => {
    const random = seededRandom(5);
    const noise = Array.from({ length: 600 }, () => poisson(40, random) / 2);
    const calm = after(noise);
    expect(calm.level).toBeGreaterThan(18);
    expect(calm.level).toBeLessThan(22);
    const jumped = observeArrivals(calm, 601 * bucketMs, 160, horizonMs);
    expect(jumped.level).toBeGreaterThan(100);
  });

  it('is never below zero and never beyond half as much again as the level', () => {
    const rates = fc.array(fc.double({ min: 0, max: 1_000, noNaN: true }), { maxLength: 60 });
    fc.assert(
      fc.property(rates, (each) => {
        const history = after(each);
        expect(forecastRate(history, horizonMs)).toBeGreaterThanOrEqual(0);
        expect(forecastRate(history, horizonMs)).toBeLessThanOrEqual(history.level * 1.5 + 1e-9);
      }),
    );
  });
});
