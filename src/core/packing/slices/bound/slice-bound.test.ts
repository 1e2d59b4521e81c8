import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { listCoverCounts } from '../../../../testing/oracles/slice-oracle.ts';
import { migBoards } from '../../../hardware/tables/mig-profiles.ts';
import type { SlicedService } from '../operating-points.ts';
import { makeSliceChoice } from '../service-options.ts';
import { findCheapestCover } from './cheapest-cover.ts';
import { findInstancePrices } from './find-prices.ts';
import { findBoundError, makeSliceBound, type SliceBound } from './slice-bound.ts';

const board = migBoards.find(({ name }) => name.startsWith('A100-80'))!;
const service = (id: string, ratePerSecond: number, carried: Readonly<Record<string, number>>): SlicedService => ({
  id,
  ratePerSecond,
  latencyMs: 10,
  points: Object.entries(carried).map(([profile, throughputPerSecond]) => ({
    profile,
    batch: 1,
    processes: 1,
    throughputPerSecond,
    latencyMs: 10,
  })),
});
const boundOf = (services: readonly SlicedService[]): SliceBound => {
  const choice = makeSliceChoice(services, board);
  return makeSliceBound(choice, findInstancePrices(choice).prices);
};

/** Four services that need two 1g or one 2g each. */
const four = ['a', 'b', 'c', 'd'].map((id) => service(id, 2, { '1g.10gb': 1, '2g.20gb': 2 }));

describe('the bound of GPUs', () => {
  it('is 2 GPUs for four services of 2/7 of a GPU each', () => {
    const bound = boundOf(four);
    expect(bound).toEqual({
      gpus: 2,
      denominator: 7n,
      prices: [
        { profile: '1g.10gb', numerator: 1n },
        { profile: '2g.20gb', numerator: 2n },
      ],
      shares: ['a', 'b', 'c', 'd'].map((id) => ({ service: id, numerator: 2n })),
    });
    expect(findBoundError(four, board, bound)).toBeNull();
  });

  it('counts whole instances: three services that use a tenth of a 4g each need three GPUs', () => {
    const three = ['a', 'b', 'c'].map((id) => service(id, 1, { '4g.40gb': 10 }));
    expect(boundOf(three).gpus).toBe(3);
  });

  it('uses that a 3g takes half of the memory: three of them need two GPUs, with 9 of 14 compute slices', () => {
    const three = ['a', 'b', 'c'].map((id) => service(id, 1, { '3g.40gb': 1 }));
    expect(boundOf(three)).toMatchObject({ gpus: 2, denominator: 2n, prices: [{ numerator: 1n }] });
  });

  it.each([
    [
      'a layout that costs more than a GPU',
      {
        prices: [
          { profile: '1g.10gb', numerator: 1n },
          { profile: '2g.20gb', numerator: 3n },
        ],
      },
      'costs more than one GPU',
    ],
    [
      'a price below 0',
      {
        prices: [
          { profile: '1g.10gb', numerator: -1n },
          { profile: '2g.20gb', numerator: 2n },
        ],
      },
      'below 0',
    ],
    ['no price', { prices: [{ profile: '2g.20gb', numerator: 2n }] }, 'no price'],
    [
      'a share that is too large',
      { shares: ['a', 'b', 'c', 'd'].map((id) => ({ service: id, numerator: id === 'c' ? 3n : 2n })) },
      'c can be carried for less',
    ],
    [
      'a share that is missing',
      { shares: ['a', 'b', 'c'].map((id) => ({ service: id, numerator: 2n })) },
      'd does not have one share',
    ],
    [
      'a share given twice',
      { shares: ['a', 'b', 'c', 'd', 'd'].map((id) => ({ service: id, numerator: 2n })) },
      'd does not have one share',
    ],
    [
      'a share of nobody',
      { shares: ['a', 'b', 'c', 'd', 'e'].map((id) => ({ service: id, numerator: 2n })) },
      'belongs to no service',
    ],
    ['more GPUs than the shares', { gpus: 3 }, 'prove 2 GPUs'],
    ['no denominator', { denominator: 0n }, 'denominator'],
  ])('is refused with %s', (_name, change, because) => {
    expect(findBoundError(four, board, { ...boundOf(four), ...change })).toContain(because);
  });

  it('has shares that are the cheapest of all ways to carry a rate', () => {
    const carried = fc.dictionary(
      fc.constantFrom('1g.10gb', '2g.20gb', '3g.40gb', '4g.40gb', '7g.80gb'),
      fc.integer({ min: 1, max: 30 }),
      { minKeys: 1, maxKeys: 4 },
    );
    const prices = fc.array(fc.bigInt({ min: 0n, max: 12n }), { minLength: 5, maxLength: 5 });
    fc.assert(
      fc.property(carried, fc.integer({ min: 1, max: 40 }), prices, (each, rate, numerators) => {
        const one = service('a', rate, each);
        const choice = makeSliceChoice([one], board);
        const cover = findCheapestCover(choice.services[0]!, numerators);
        const all = listCoverCounts(one, board).map((counts) =>
          choice.profiles.reduce((sum, profile, at) => {
            const count = counts[board.profiles.indexOf(profile)] ?? 0;
            return sum + BigInt(count) * (numerators[at] ?? 0n);
          }, 0n),
        );
        const cheapest = all.reduce((low, cost) => (cost < low ? cost : low));
        expect(cover.cost).toBe(cheapest);
        expect(cover.costAtLeast).toBe(cheapest);
        const counted = cover.counts.reduce((sum, count, at) => sum + BigInt(count) * (numerators[at] ?? 0n), 0n);
        expect(counted).toBe(cheapest);
        const rateCarried = cover.counts.reduce(
          (sum, count, at) => sum + count * (choice.services[0]!.carriedMillionths[at] ?? 0),
          0,
        );
        expect(rateCarried).toBeGreaterThanOrEqual(rate * 1e6);
      }),
      { numRuns: 400 },
    );
  });

  it('stays a bound where the search for the cheapest instances is cut short', () => {
    // So many ways to carry the rate at prices in proportion to what is carried that they are not all tried.
    const many = service('a', 9e6 + 0.5, { '1g.10gb': 7, '2g.20gb': 13, '3g.40gb': 22, '4g.40gb': 31, '7g.80gb': 57 });
    const [options] = makeSliceChoice([many], board).services;
    const cover = findCheapestCover(options!, [7n, 13n, 22n, 31n, 57n]);
    expect(cover.costAtLeast).toBeLessThanOrEqual(cover.cost);
    expect(cover.costAtLeast).toBeGreaterThanOrEqual(9_000_000n);
  });
});
