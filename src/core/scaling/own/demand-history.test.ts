import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom, type Random } from '../../statistics/random.ts';
import {
  beginHistory,
  expectedRate,
  meanRate,
  observeArrivals,
  seenRate,
  tickMs,
  type DemandHistory,
} from './demand-history.ts';

const horizonMs = 60_000;
const lookout = { horizonMs, passingMs: 1_000 };

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

function after(rates: readonly number[], begun = beginHistory(1)): DemandHistory {
  return rates.reduce(
    (history, rate, index) => observeArrivals(history, (index + 1) * tickMs, rate, lookout),
    observeArrivals(begun, 0, 0, lookout),
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
        let history = observeArrivals(beginHistory(3), 0, null, lookout);
        for (const { ms, rate } of each) {
          atMs += ms;
          total += (ms * rate) / 1_000;
          history = observeArrivals(history, atMs, rate, lookout);
        }
        const counted =
          history.arrivals.reduce((sum, count) => sum + count, 0) +
          history.openBucket.arrivals +
          history.openTick.arrivals;
        expect(counted).toBeCloseTo(total, 6);
        expect(history.expected).toHaveLength(history.arrivals.length);
      }),
    );
  });

  it('takes signals that were seen before for nothing new', () => {
    const history = after([10, 10]);
    expect(observeArrivals(history, 4_000, 99, lookout)).toBe(history);
  });

  it('leaves out time of which nothing is known', () => {
    const history = observeArrivals(after([10, 10, 10]), 60_000, null, lookout);
    expect(history.arrivals).toEqual([20, 20, 20]);
    expect(observeArrivals(history, 62_000, 10, lookout).arrivals).toEqual([20, 20, 20, 20]);
  });

  it('leaves out a long hold, of which the present rate says nothing', () => {
    const before = after(Array<number>(30).fill(10));
    const held = observeArrivals(before, (before.seenMs ?? 0) + 3_600_000, 500, lookout);
    expect(held).toMatchObject({ arrivals: before.arrivals, level: before.level, lastArrivalMs: before.lastArrivalMs });
    expect(held.seenMs).toBe((before.seenMs ?? 0) + 3_600_000);
    const next = observeArrivals(held, (held.seenMs ?? 0) + tickMs, 10, lookout);
    expect(next.arrivals.at(-1)).toBe(20);
    expect(next.arrivals).toHaveLength(before.arrivals.length + 1);
    // Half a minute late is late, and no hold.
    expect(observeArrivals(before, (before.seenMs ?? 0) + 30_000, 10, lookout).arrivals).toHaveLength(30 + 15);
  });

  it('has buckets of several ticks, and their mean rate', () => {
    const history = after([10, 20, 30, 40, 50, 60], beginHistory(3));
    expect(history.arrivals).toEqual([120, 300]);
    expect(meanRate(history)).toBe(35);
  });

  it('is bounded', () => {
    expect(after(new Array<number>(4_000).fill(1)).arrivals).toHaveLength(2_400);
  });
});

describe('the forecast', () => {
  it('follows a steady rise ahead by its horizon', () => {
    const history = after(Array.from({ length: 1_000 }, (_, index) => 10 + index * 0.02));
    const expected = 10 + 1_000 * 0.02 + 0.01 * (horizonMs / 1_000);
    expect(expectedRate(history, horizonMs)).toBeGreaterThan(expected - 0.5);
    expect(expectedRate(history, horizonMs)).toBeLessThan(expected + 0.5);
  });

  it('takes a jump for a change at once, and the noise of Poisson arrivals for none', () => {
    const random = seededRandom(5);
    const noise = Array.from({ length: 600 }, () => poisson(40, random) / 2);
    const calm = after(noise);
    expect(calm.level).toBeGreaterThan(18);
    expect(calm.level).toBeLessThan(22);
    const jumped = observeArrivals(calm, 601 * tickMs, 160, lookout);
    expect(jumped.level).toBeGreaterThan(100);
  });

  it('stays with a change: what came before it does not pull it back', () => {
    const calm = after(new Array<number>(100).fill(20));
    let history = calm;
    for (let tick = 101; tick <= 110; tick += 1) {
      history = observeArrivals(history, tick * tickMs, 160, lookout);
      expect(history.level).toBeGreaterThan(155);
    }
    expect(observeArrivals(history, 111 * tickMs, 20, lookout).level).toBeLessThan(25);
  });

  it('finds its place within a tick where a reading ends in the middle of the change', () => {
    let history = after(new Array<number>(600).fill(20));
    for (const rate of [40, 80, 80]) history = observeArrivals(history, (history.seenMs ?? 0) + tickMs, rate, lookout);
    expect(history.level).toBeGreaterThan(75);
  });

  it('keeps its trend over a change, and takes none from a level that still finds its place', () => {
    const rising = after(Array.from({ length: 900 }, (_, index) => 10 + index * 0.02));
    let jumped = rising;
    for (let tick = 901; tick <= 908; tick += 1) jumped = observeArrivals(jumped, tick * tickMs, 90, lookout);
    expect(jumped.level).toBeGreaterThan(85);
    expect(jumped.trend).toBeCloseTo(rising.trend, 12);
  });

  it('has a dispersion of one for Poisson arrivals, wherever readings end, and none of silence', () => {
    const random = seededRandom(9);
    let history = observeArrivals(beginHistory(1), 0, null, lookout);
    // The first reading is half a tick long, and all that follow end in the middle of one.
    history = observeArrivals(history, tickMs / 2, poisson(20, random), lookout);
    for (let reading = 1; reading <= 3_000; reading += 1) {
      history = observeArrivals(history, (reading + 0.5) * tickMs, poisson(40, random) / 2, lookout);
    }
    expect(history.dispersion).toBeGreaterThan(0.8);
    expect(history.dispersion).toBeLessThan(1.25);
    let silent = history;
    for (let reading = 3_001; reading <= 3_600; reading += 1) {
      silent = observeArrivals(silent, (reading + 0.5) * tickMs, 0, lookout);
    }
    expect(silent.dispersion).toBeGreaterThan(0.8);
  });

  it('is not taken for seen before by what is going on now', () => {
    const calm = after(new Array<number>(100).fill(20));
    const rush = [101, 102, 103].reduce((history, tick) => observeArrivals(history, tick * tickMs, 160, lookout), calm);
    expect(seenRate(rush, 10 * tickMs)).toBeCloseTo(20, 1);
    expect(seenRate(rush, 0)).toBeGreaterThan(150);
    expect(seenRate(beginHistory(1), 0)).toBe(0);
  });

  it('lets a rush pass that is over before a request waits too long', () => {
    const patient = { horizonMs, passingMs: 16_000 };
    const calm = after(new Array<number>(100).fill(20));
    expect(observeArrivals(calm, 101 * tickMs, 100, lookout).level).toBe(100);
    expect(observeArrivals(calm, 101 * tickMs, 100, patient).level).toBeLessThan(60);
  });

  it('is never below zero and never beyond half as much again as the level', () => {
    const rates = fc.array(fc.double({ min: 0, max: 1_000, noNaN: true }), { maxLength: 60 });
    fc.assert(
      fc.property(rates, (each) => {
        const history = after(each);
        expect(expectedRate(history, horizonMs)).toBeGreaterThanOrEqual(0);
        expect(expectedRate(history, horizonMs)).toBeLessThanOrEqual(history.level * 1.5 + 1e-9);
      }),
    );
  });
});
