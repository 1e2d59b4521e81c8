import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planWarmPools, type PooledService } from './plan-warm-pool.ts';
import { findLeastSpares, replaySpares } from './replay-spares.ts';
import { priceMiss, sizeWarmPool } from './size-warm-pool.ts';
import { makeSpareKey } from './spare-key.ts';
import { readStartOrders, type StartOrder } from './start-order.ts';
import { findSharesUnderWay } from './starts-under-way.ts';

const order = (atMs: number, starts = 1, service = 'a'): StartOrder => ({ service, atMs, starts });
const drawnOrders = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 1, max: 3 })), { maxLength: 12 })
  .map((drawn) => drawn.map(([atMs, starts]) => order(atMs, starts)).sort((a, b) => a.atMs - b.atMs));

describe('readStartOrders', () => {
  it('takes the steps up of recorded decisions', () => {
    const decisions = [
      { atMs: 0, before: 1, desired: 1 },
      { atMs: 5, before: 1, desired: 4 },
      { atMs: 9, before: 4, desired: 2 },
    ];
    expect(readStartOrders('a', decisions)).toEqual([order(5, 3)]);
  });
});

describe('findSharesUnderWay', () => {
  it('is the share of the time for each number of starts', () => {
    const shares = findSharesUnderWay([order(10), order(15, 2)], 20, { fromMs: 0, toMs: 100 });
    expect(shares.map((share) => Number(share.toFixed(9)))).toEqual([0.75, 0.05, 0.05, 0.15]);
  });

  it('leaves out what lies beyond the recorded time', () => {
    expect(findSharesUnderWay([order(95)], 20, { fromMs: 0, toMs: 100 })).toEqual([0.95, 0.05]);
    expect(findSharesUnderWay([order(-15)], 20, { fromMs: 0, toMs: 100 })).toEqual([0.95, 0.05]);
    expect(findSharesUnderWay([], 20, { fromMs: 5, toMs: 5 })).toEqual([1]);
  });

  it('is what counting at each millisecond gives', () => {
    fc.assert(
      fc.property(drawnOrders, fc.integer({ min: 1, max: 30 }), (orders, windowMs) => {
        const counted = new Map<number, number>();
        for (let atMs = 0; atMs < 130; atMs += 1) {
          const n = orders.reduce(
            (sum, each) => sum + (each.atMs <= atMs && atMs < each.atMs + windowMs ? each.starts : 0),
            0,
          );
          counted.set(n, (counted.get(n) ?? 0) + 1);
        }
        const shares = findSharesUnderWay(orders, windowMs, { fromMs: 0, toMs: 130 });
        shares.forEach((share, n) => expect(share).toBeCloseTo((counted.get(n) ?? 0) / 130, 9));
        expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9);
      }),
    );
  });
});

describe('sizeWarmPool', () => {
  const shares = [0.9, 0.07, 0.025, 0.005];

  it('is the least number whose excess the price of a miss allows', () => {
    const size = sizeWarmPool(shares, { spareSecond: 1, miss: 4_000 }, 40_000);
    expect(size).toMatchObject({ spares: 2, allowedShare: 0.01 });
    expect(size.beyondShare).toBeCloseTo(0.005, 12);
  });

  it('keeps none where a miss costs nothing, and as many as ever were under way where it costs without end', () => {
    expect(sizeWarmPool(shares, { spareSecond: 1, miss: 0 }, 40_000).spares).toBe(0);
    expect(sizeWarmPool(shares, { spareSecond: 1, miss: 1e12 }, 40_000)).toMatchObject({ spares: 3, beyondShare: 0 });
  });

  it('costs least of all numbers of spares', () => {
    const drawn = fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(drawn, fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 100 }), (weights, h, c) => {
        const total = weights.reduce((sum, each) => sum + each, 0);
        fc.pre(total > 0);
        const drawnShares = weights.map((each) => each / total);
        const costOf = (n: number) =>
          h * n + c * 10 * drawnShares.reduce((sum, share, starts) => sum + share * Math.max(0, starts - n), 0);
        const { spares } = sizeWarmPool(drawnShares, { spareSecond: h, miss: c * 10 }, 1_000);
        for (let n = 0; n <= weights.length; n += 1) expect(costOf(spares)).toBeLessThanOrEqual(costOf(n) + 1e-6);
      }),
    );
  });
});

describe('priceMiss', () => {
  it('is what the missing replica would have carried in the time that a spare saves', () => {
    expect(priceMiss({ ratePerSecond: 20, lateRequestPrice: 5, savedMs: 35_000 })).toBe(3_500);
    expect(priceMiss({ ratePerSecond: 20, lateRequestPrice: 5, savedMs: -1 })).toBe(0);
  });
});

describe('replaySpares', () => {
  it('gives a spare to each start while there is one, and replaces it', () => {
    expect(replaySpares([order(0), order(4_000), order(12_000)], 1, 10_000)).toEqual({ starts: 3, found: 2 });
    expect(replaySpares([order(0, 3)], 2, 10_000)).toEqual({ starts: 3, found: 2 });
    expect(replaySpares([order(0), order(10_000)], 1, 10_000).found).toBe(2);
    expect(replaySpares([order(0)], 0, 10_000).found).toBe(0);
  });

  it('finds no fewer with more spares, and all of them with as many as starts', () => {
    fc.assert(
      fc.property(drawnOrders, fc.integer({ min: 1, max: 30 }), (orders, replaceMs) => {
        let before = -1;
        for (let spares = 0; spares <= 36; spares += 1) {
          const { found } = replaySpares(orders, spares, replaceMs);
          expect(found).toBeGreaterThanOrEqual(before);
          before = found;
        }
        expect(before).toBe(replaySpares(orders, 36, replaceMs).starts);
      }),
    );
  });

  it('never needs more for all orders of a pool than for each service by itself', () => {
    fc.assert(
      fc.property(drawnOrders, drawnOrders, fc.integer({ min: 1, max: 30 }), (a, b, replaceMs) => {
        const joint = [...a, ...b].sort((x, y) => x.atMs - y.atMs);
        const own = findLeastSpares(a, 1, replaceMs) + findLeastSpares(b, 1, replaceMs);
        expect(findLeastSpares(joint, 1, replaceMs)).toBeLessThanOrEqual(own);
      }),
    );
  });
});

describe('planWarmPools', () => {
  const service = (name: string, orders: readonly StartOrder[], fits = 'x'): PooledService => ({
    ...{ name, fits, orders, startMs: 40_000, ratePerSecond: 10 },
    ...{ lateRequestPrice: 10, acceleratorSecondPrice: 1 },
  });
  const time = { fromMs: 0, toMs: 400_000 };

  it('sizes services together that start at different times, and each group by itself', () => {
    const [first, second] = planWarmPools(
      [
        service('a', [order(0)]),
        service('b', [order(100_000)]),
        service('c', [order(200_000, 1)]),
        service('other', [order(0, 2)], 'y'),
      ],
      time,
      5_000,
    );
    // 10 requests/s late for 35 s at 10 each: 3,500; a spare for 40 s: 40, so 1.14% of the time.
    expect(first).toMatchObject({
      fits: 'x',
      starts: 3,
      alone: 3,
      foundShare: 1,
      foundAloneShare: 1,
      pricePerHour: 3_600,
    });
    expect(first?.joint.spares).toBe(1);
    expect(first?.joint.allowedShare).toBeCloseTo(40 / 3_500, 12);
    expect(second).toMatchObject({ fits: 'y', joint: { spares: 2 }, alone: 2 });
  });

  it('keeps none where nothing was ever started', () => {
    expect(planWarmPools([service('a', [])], time, 5_000)).toMatchObject([
      { starts: 0, alone: 0, joint: { spares: 0 }, foundShare: null },
    ]);
  });
});

describe('makeSpareKey', () => {
  const sharing = ['mps', 'mig'] as const;
  const needs = { command: ['serve'], devices: 1, sharing, deviceMemoryBytes: null, selector: {} };
  it('is the same for one image on the same devices, whatever the command', () => {
    const image = 'registry.example/a@sha256:1';
    expect(makeSpareKey({ ...needs, image, sharing: ['mig', 'mps'] })).toBe(
      makeSpareKey({ ...needs, image, command: [] }),
    );
    expect(makeSpareKey({ ...needs, image })).not.toBe(makeSpareKey({ ...needs, image, devices: 2 }));
    expect(makeSpareKey(needs)).not.toBe(makeSpareKey({ ...needs, command: ['other'] }));
  });
});
