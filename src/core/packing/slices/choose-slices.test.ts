import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findFewest } from '../../../testing/oracles/slice-oracle.ts';
import { migBoards, type MigBoard } from '../../hardware/tables/mig-profiles.ts';
import { findBoundError } from './bound/slice-bound.ts';
import { chooseSlices, solveSliceChoice } from './choose-slices.ts';
import { findPlanErrors } from './find-plan-errors.ts';
import type { OperatingPoint, SlicedService } from './operating-points.ts';
import type { SlicePlan } from './slice-plan.ts';

const boardOf = (name: string): MigBoard => migBoards.find((board) => board.name.startsWith(name))!;
const a100 = boardOf('A100-80');

const point = (profile: string, throughputPerSecond: number, latencyMs = 10, processes = 1): OperatingPoint => ({
  profile,
  batch: 8,
  processes,
  throughputPerSecond,
  latencyMs,
});
const service = (id: string, ratePerSecond: number, ...points: OperatingPoint[]): SlicedService => ({
  id,
  ratePerSecond,
  latencyMs: 20,
  points,
});

function planOf(services: readonly SlicedService[], board = a100): SlicePlan {
  const answer = chooseSlices(services, board);
  if (answer.answer !== 'plan') throw new Error(JSON.stringify(answer.problems));
  expect(findPlanErrors(services, board, answer.plan.gpus)).toEqual([]);
  expect(findBoundError(services, board, answer.plan.bound)).toBeNull();
  return answer.plan;
}

const describeGpus = (plan: SlicePlan): readonly string[] =>
  plan.gpus.map(({ instances }) =>
    instances.map((each) => `${each.service}:${each.point.profile}@${each.start}`).join(' '),
  );

describe('choosing MIG slices from operating points', () => {
  it('takes a smaller slice whose point carries the rate, however much memory a larger one has', () => {
    const plan = planOf([service('a', 90, point('1g.10gb', 100), point('3g.40gb', 500))]);
    expect(describeGpus(plan)).toEqual(['a:1g.10gb@0']);
    expect(plan).toMatchObject({ slices: 1, gpusProof: 'prices', slicesAtLeast: 1 });
  });

  it('takes a larger slice where only that is inside the objective', () => {
    const plan = planOf([service('a', 90, point('1g.10gb', 100, 21), point('3g.40gb', 500, 20))]);
    expect(describeGpus(plan)).toEqual(['a:3g.40gb@0']);
  });

  it('takes as many processes in an instance as carry most inside the objective', () => {
    const [first] = planOf([
      service('a', 250, point('1g.10gb', 100, 10, 1), point('1g.10gb', 260, 19, 3), point('1g.10gb', 300, 25, 4)),
    ]).gpus;
    expect(first?.instances.map((instance) => instance.point.processes)).toEqual([3]);
  });

  it('needs two GPUs for eight 1g, since a GPU holds seven', () => {
    const plan = planOf([service('a', 800, point('1g.10gb', 100))]);
    expect(plan).toMatchObject({ slices: 8, gpusProof: 'prices' });
    expect(plan.gpus).toHaveLength(2);
    expect(plan.bound).toMatchObject({ gpus: 2, denominator: 7n, shares: [{ service: 'a', numerator: 8n }] });
  });

  it('gives up a slice for a GPU: three 3g need two GPUs, and 4g with 3g need one', () => {
    const services = [
      service('a', 100, point('3g.40gb', 100)),
      service('b', 200, point('1g.10gb', 40), point('4g.40gb', 200), point('3g.40gb', 120)),
    ];
    const plan = planOf(services);
    expect(plan.gpus).toHaveLength(1);
    expect(plan.slices).toBe(7);
  });

  it('prefers one instance to two of as many slices together', () => {
    const plan = planOf([service('a', 100, point('1g.10gb', 50), point('2g.20gb', 100))]);
    expect(describeGpus(plan)).toEqual(['a:2g.20gb@4']);
  });

  it('needs no GPU for no services', () => {
    expect(planOf([])).toMatchObject({ gpus: [], slices: 0, bound: { gpus: 0 } });
  });

  it('carries exactly the rate, where doubles would miss it', () => {
    // 0.1 + 0.1 + 0.1 is above 0.3 in doubles, and 0.7 + 0.1 below 0.8.
    expect(planOf([service('a', 0.3, point('1g.10gb', 0.1))]).slices).toBe(3);
    expect(planOf([service('a', 0.8, point('1g.10gb', 0.1), point('2g.20gb', 0.7))]).slices).toBe(3);
  });

  it('names the nearest point of a service that no point is inside the objective of', () => {
    const answer = chooseSlices([service('a', 1, point('1g.10gb', 9, 30), point('2g.20gb', 9, 25))], a100);
    expect(answer).toMatchObject({
      answer: 'not-possible',
      problems: [
        { kind: 'no-point-inside', service: 'a', limitMs: 20, nearest: { profile: '2g.20gb', latencyMs: 25 } },
      ],
    });
  });

  it('rules out a bound that is too low by search', () => {
    // Seven profiles, and a layout for each line of the Fano plane: the four profiles that are not on the line. Seven GPUs
    // hold four of each profile, so that the bound is 7/4. Two lines meet, and two GPUs miss the profile where they do.
    const lines = ['124', '235', '346', '457', '561', '672', '713'];
    const ids = ['1', '2', '3', '4', '5', '6', '7'];
    const only = (id: string, value: number) => ids.map((each) => (each === id ? value : 0));
    const plan = solveSliceChoice({
      profiles: ids.map((id) => ({
        profile: `1g.${id}gb`,
        memoryMib: 1,
        measured: false,
        starts: [0],
        size: 1,
        maxInstances: 1,
      })),
      computeSlices: ids.map(() => 1),
      nested: false,
      layouts: lines.map((line) => ({
        counts: ids.map((id) => (line.includes(id) ? 0 : 1)),
        instances: ids.flatMap((id, profile) => (line.includes(id) ? [] : [{ profile, start: profile }])),
      })),
      services: ids.map((id) => ({
        id,
        rateMillionths: 1,
        carriedMillionths: only(id, 1),
        points: ids.map((each) => (each === id ? point(`1g.${id}gb`, 1e-6) : null)),
      })),
    });
    expect(plan.bound).toMatchObject({ gpus: 2, denominator: 4n });
    expect(plan.gpusProof).toBe('search');
    expect(plan.gpus).toHaveLength(3);
    expect(plan.gpus.flatMap((gpu) => gpu.instances.map((each) => each.service)).sort()).toEqual(ids);
  });

  it.each([['A100-80'], ['A30'], ['H100-80']])(
    'has the fewest GPUs and slices that trying every way finds on %s',
    (name) => {
      const board = boardOf(name);
      const profiles = board.profiles.map(({ profile }) => profile);
      const points = fc.uniqueArray(
        fc.record({
          profile: fc.constantFrom(...profiles),
          batch: fc.constantFrom(1, 8),
          processes: fc.constantFrom(1, 2),
          throughputPerSecond: fc.integer({ min: 30, max: 200 }),
          latencyMs: fc.integer({ min: 5, max: 22 }),
        }),
        { minLength: 1, maxLength: 4, selector: (each) => `${each.profile} ${each.batch} ${each.processes}` },
      );
      const services = fc
        .array(fc.record({ ratePerSecond: fc.integer({ min: 20, max: 130 }), points }), { minLength: 1, maxLength: 3 })
        .map((all) => all.map((each, at) => ({ id: `s${at}`, latencyMs: 20, ...each })))
        .filter((all) => all.every((each) => each.points.some(({ latencyMs }) => latencyMs <= 20)));
      fc.assert(
        fc.property(services, (all) => {
          const plan = planOf(all, board);
          expect(plan.gpusProof).not.toBe('none');
          expect({ gpus: plan.gpus.length, slices: plan.slices }).toEqual(findFewest(all, board));
          expect(plan.slicesAtLeast).toBe(plan.slices);
        }),
        { numRuns: 150 },
      );
    },
  );
});
