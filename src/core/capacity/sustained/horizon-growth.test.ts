import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../statistics/random.ts';
import { drawArrivals } from './draw-arrivals.ts';
import { growthOf, type SentRequest } from './horizon-growth.ts';

const upTo = (count: number): number[] => Array.from({ length: count }, (_, at) => at + 1);
/** So many requests, 100 ms apart. */
const apart = (count: number, timeMs: (at: number) => number): readonly SentRequest[] =>
  upTo(count).map((at) => ({ dueMs: 100 * at, timeMs: timeMs(at) }));

/** Requests of a server that serves one after the other, whose work takes so many times longer at each moment. */
function served(
  perSecond: number,
  durationMs: number,
  workMs: number,
  slowness: (share: number) => number,
  seed: number,
) {
  let freeMs = 0;
  return drawArrivals(perSecond, durationMs, seededRandom(seed)).map((dueMs) => {
    const beginMs = Math.max(dueMs, freeMs);
    freeMs = beginMs + workMs * slowness(beginMs / durationMs);
    return { dueMs, timeMs: freeMs - dueMs };
  });
}

const meanGrowth = (perSecond: number, slowness: (share: number) => number): number => {
  const logs = upTo(40).map((seed) => Math.log(growthOf(served(perSecond, 60_000, 10, slowness, seed)) ?? NaN));
  return Math.exp(logs.reduce((sum, log) => sum + log, 0) / logs.length);
};

describe('the growth of a horizon', { timeout: 120_000 }, () => {
  it('compares the last third with the first, without the first twentieth', () => {
    // Of 100 the thirds are 5 to 36 and 69 to 100.
    expect(growthOf(apart(100, (at) => (at < 5 ? 1 : at <= 36 ? 10 : at < 69 ? 50 : 15)))).toBeCloseTo(1.5, 6);
    expect(growthOf(apart(100, () => 10))).toBeCloseTo(1, 6);
  });

  it('compares requests that found as many under way', () => {
    // Pairs that come together wait for each other, and come in the last third alone: the replica is as fast as before.
    const singles = apart(60, () => 10);
    const pairs = upTo(30).flatMap((at) => [
      { dueMs: 6_000 + 100 * at, timeMs: 10 },
      { dueMs: 6_000 + 100 * at, timeMs: 20 },
    ]);
    expect(growthOf([...singles, ...pairs])).toBeCloseTo(1, 6);
  });

  it('is the median of what can be compared, whatever a few requests take', () => {
    // Every tenth request takes 50 times as long, and two in three of these come in the last third.
    const slow = new Set([8, 20, 72, 80, 88, 96]);
    const sent = upTo(100).map((at) => ({ dueMs: 1_000 * at, timeMs: (slow.has(at) ? 50 : 1) * (at <= 50 ? 10 : 11) }));
    expect(growthOf(sent)).toBeCloseTo(1.1, 6);
  });

  it('leaves out what failed, and is null where too few can be compared', () => {
    expect(growthOf(apart(100, (at) => (at % 2 === 0 ? Infinity : 10)))).toBeCloseTo(1, 6);
    expect(growthOf(apart(100, () => Infinity))).toBeNull();
    expect(growthOf(apart(12, () => 10))).toBeNull();
    expect(growthOf([])).toBeNull();
    expect(growthOf(apart(100, () => 0))).toBeNull();
  });

  it('does not move with the unit of time', () => {
    fc.assert(
      fc.property(fc.integer({ min: -6, max: 6 }), fc.integer({ min: 1, max: 50 }), (power, seed) => {
        // Powers of two scale without rounding, so that each request stays in its third.
        const sent = served(70, 20_000, 10, (share) => 1 + 0.2 * share, seed);
        const scaled = sent.map(({ dueMs, timeMs }) => ({ dueMs: 2 ** power * dueMs, timeMs: 2 ** power * timeMs }));
        expect(growthOf(scaled)).toBeCloseTo(growthOf(sent) ?? NaN, 6);
      }),
      { numRuns: 20 },
    );
  });

  it.each([30, 60, 85])('of a steady server at %i percent of what it can is 1', (perSecond) => {
    expect(Math.abs(Math.log(meanGrowth(perSecond, () => 1)))).toBeLessThan(0.01);
  });

  it.each([30, 60, 80])(
    'of a server at %i percent that loses 10% of its speed is that of 0.633 of the horizon',
    (perSecond) => {
      // 1 / (1 - 0.1 share): from 0.208 to 0.842 of the horizon times grow by a factor of 1.069.
      expect(Math.abs(Math.log(meanGrowth(perSecond, (share) => 1 / (1 - 0.1 * share)) / 1.069))).toBeLessThan(0.012);
    },
  );
});
