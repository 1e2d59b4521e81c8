import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countFewestGpus, listCoverCounts } from '../../../../testing/oracles/slice-oracle.ts';
import { migBoards } from '../../../hardware/tables/mig-profiles.ts';
import type { SlicedService } from '../operating-points.ts';
import { makeSliceChoice, type SliceChoice } from '../service-options.ts';
import { dropHarder, keepNearest, measureRoom } from './dominance.ts';
import { listCovers } from './list-covers.ts';
import { makePacker } from './pack-counts.ts';

const board = migBoards.find(({ name }) => name.startsWith('A100-80'))!;
const serviceOf = (ratePerSecond: number, carried: readonly number[]): SlicedService => ({
  id: 'a',
  ratePerSecond,
  latencyMs: 1,
  points: carried.map((throughputPerSecond, at) => ({
    profile: board.profiles[at]!.profile,
    batch: 1,
    processes: 1,
    throughputPerSecond,
    latencyMs: 1,
  })),
});
const choiceOf = (service: SlicedService): SliceChoice => makeSliceChoice([service], board);
const all = choiceOf(
  serviceOf(
    1,
    board.profiles.map(() => 1),
  ),
);
/** Counts in the order of the choice, as counts in the order of the board. */
const onBoard = (choice: SliceChoice, counts: readonly number[]): readonly number[] =>
  board.profiles.map((profile) => counts[choice.profiles.indexOf(profile)] ?? 0);

const countsOf = (profiles: number, instances: number) =>
  fc
    .array(fc.nat(profiles - 1), { maxLength: instances })
    .map((chosen) => Array.from({ length: profiles }, (_, at) => chosen.filter((each) => each === at).length));

describe('searching a whole plan', () => {
  it('packs instances on the fewest GPUs, and says when fewer do not hold them', () => {
    fc.assert(
      fc.property(countsOf(all.profiles.length, 6), (counts) => {
        const fewest = countFewestGpus(onBoard(all, counts), board);
        const pack = makePacker(all);
        const packing = pack(counts, fewest);
        expect(packing.answer).toBe('fits');
        if (fewest > 0) expect(pack(counts, fewest - 1).answer).toBe('does-not-fit');
        if (packing.answer !== 'fits') return;
        expect(packing.layouts.length).toBeLessThanOrEqual(fewest);
        counts.forEach((count, at) => {
          const room = packing.layouts.reduce((sum, index) => sum + (all.layouts[index]?.counts[at] ?? 0), 0);
          expect(room).toBeGreaterThanOrEqual(count);
        });
      }),
      { numRuns: 300 },
    );
  });

  it('packs a thousand GPUs', () => {
    const packing = makePacker(all)(
      all.profiles.map(({ profile }) => (profile === '1g.10gb' ? 7_000 : 0)),
      1_000,
    );
    expect(packing.answer).toBe('fits');
    expect(
      makePacker(all)(
        all.profiles.map(({ profile }) => (profile === '1g.10gb' ? 7_001 : 0)),
        1_000,
      ).answer,
    ).toBe('does-not-fit');
  });

  it('drops what is harder to place only where the other fits on as few GPUs, with no more slices', () => {
    const nested = makeSliceChoice(
      [
        {
          ...serviceOf(1, []),
          points: serviceOf(
            1,
            board.profiles.map(() => 1),
          ).points.filter((each) => !each.profile.includes('+')),
        },
      ],
      board,
    );
    expect([nested.nested, all.nested]).toEqual([true, false]);
    for (const choice of [nested, all]) {
      const counts = countsOf(choice.profiles.length, 5);
      fc.assert(
        fc.property(counts, counts, (one, other) => {
          const rooms = [measureRoom(one, choice.nested), measureRoom(other, choice.nested)];
          if (!rooms[0]!.every((room, at) => room <= rooms[1]![at]!)) return;
          const [fewest, most] = [one, other].map((each) => countFewestGpus(onBoard(choice, each), board));
          expect(fewest).toBeLessThanOrEqual(most!);
          const slices = [one, other].map((each) =>
            each.reduce((sum, count, at) => sum + count * choice.computeSlices[at]!, 0),
          );
          expect(slices[0]).toBeLessThanOrEqual(slices[1]!);
        }),
        { numRuns: 400 },
      );
    }
  });

  it('keeps the first of equals, and what no earlier one is easier than', () => {
    const elements = [
      [1, 1, 0],
      [0, 2, 0],
      [3, 0, 0],
      [1, 1, 0],
      [1, 0, 1],
    ].map((counts) => ({ counts }));
    expect(dropHarder(elements, true).map(({ counts }) => counts)).toEqual([
      [1, 1, 0],
      [3, 0, 0],
    ]);
    expect(dropHarder(elements, false).map(({ counts }) => counts)).toEqual([
      [1, 1, 0],
      [0, 2, 0],
      [3, 0, 0],
      [1, 0, 1],
    ]);
  });

  it('keeps those nearest to a target, by slices', () => {
    const elements = [
      [4, 0],
      [0, 2],
      [1, 1],
      [2, 1],
    ].map((counts) => ({ counts }));
    expect(keepNearest(elements, [2, 1], [1, 2], 2).map(({ counts }) => counts)).toEqual([
      [2, 1],
      [1, 1],
    ]);
    expect(keepNearest(elements, [2, 1], [1, 2], 4)).toBe(elements);
  });

  it('lists every way to carry a rate within a cost that has no instance to spare', () => {
    const carried = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 4 });
    const prices = fc.array(fc.bigInt({ min: 0n, max: 9n }), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(
        carried,
        fc.integer({ min: 1, max: 30 }),
        prices,
        fc.bigInt({ min: 0n, max: 60n }),
        (each, rate, numerators, most) => {
          const service = serviceOf(rate, each);
          const choice = choiceOf(service);
          const [options] = choice.services;
          const costOf = (counts: readonly number[]): bigint =>
            counts.reduce((sum, count, at) => sum + BigInt(count) * (numerators[at] ?? 0n), 0n);
          const expected = listCoverCounts(service, board)
            .map((counts) => choice.profiles.map((profile) => counts[board.profiles.indexOf(profile)] ?? 0))
            .filter((counts) => costOf(counts) <= most)
            .filter((counts) => {
              const sum = counts.reduce((total, count, at) => total + count * options!.carriedMillionths[at]!, 0);
              return counts.every((count, at) => count === 0 || sum - options!.carriedMillionths[at]! < rate * 1e6);
            });
          const list = listCovers(options!, numerators, most, []);
          expect(list.complete).toBe(true);
          expect(list.covers.map(({ counts }) => counts.join()).sort()).toEqual(
            expected.map((counts) => counts.join()).sort(),
          );
          for (const { counts, cost } of list.covers) expect(cost).toBe(costOf(counts));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('lists what is near where there is too much to list, and says so', () => {
    const service = serviceOf(3_000, [7, 5, 11, 13]);
    const choice = choiceOf(service);
    const near = [0, 100, 0, 150];
    const list = listCovers(choice.services[0]!, [7n, 5n, 11n, 13n], 4_000n, near);
    expect(list.complete).toBe(false);
    for (const { counts } of list.covers) {
      counts.forEach((count, at) => expect(Math.abs(count - near[at]!)).toBeLessThanOrEqual(4));
    }
  });
});
