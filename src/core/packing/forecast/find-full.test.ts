import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadHighsSolver } from '../../../adapters/highs/highs-solver.ts';
import { aNode, aReplica, tinyNodes, tinyReplicas } from '../../../testing/builders/packing/packing-builders.ts';
import { searchPacking } from '../../../testing/oracles/packing-search.ts';
import type { LinearSolver } from '../linear-program.ts';
import { findFull } from './find-full.ts';
import { makeForecastSteps, makeGrowthSteps, readGrowth } from './forecast-steps.ts';

let solver: LinearSolver;
beforeAll(async () => {
  solver = await loadHighsSolver();
});

/** Two nodes of two devices. */
const nodes = ['n1', 'n2'].map((name) => ({ name, shape: aNode() }));
const chat = { name: 'chat', count: 1, shape: aReplica({ cpuMilli: 1_000 }) };
const day = (text: string): number => Date.parse(`${text}T00:00:00Z`);

describe('steps of a forecast', () => {
  const words = { ...chat, name: 'words', count: 2 };

  test('are one for each time, and a service keeps its last number', () => {
    const steps = makeForecastSteps(
      [chat, words],
      [
        { atMs: day('2027-02-01'), service: 'chat', replicas: 3 },
        { atMs: day('2027-01-01'), service: 'chat', replicas: 2 },
        { atMs: day('2027-03-01') + 60_000, service: 'words', replicas: 0 },
      ],
    );
    expect(steps.map(({ at, replicas }) => [at, ...replicas.map(({ count }) => count)])).toEqual([
      ['2027-01-01', 2, 2],
      ['2027-02-01', 3, 2],
      ['2027-03-01T00:01:00.000Z', 3, 0],
    ]);
  });

  test('of a growth are rounded up, leave reserved room as it is, and end where devices cannot be enough', () => {
    const reserved = { ...chat, name: 'spare', reserved: true };
    const steps = makeGrowthSteps(nodes, [{ ...chat, count: 2 }, reserved], { share: 0.5, period: 'week' });
    expect(steps.map(({ at, replicas }) => [at, ...replicas.map(({ count }) => count)])).toEqual([
      ['now', 2, 1],
      ['in 1 week', 3, 1],
      ['in 2 weeks', 5, 1],
    ]);
    expect(readGrowth('2.5%/month')).toEqual({ share: 0.025, period: 'month' });
    for (const text of ['5%', '0%/week', '5/week', '5%/year']) expect(readGrowth(text)).toBeNull();
  });
});

describe('when not all fits any more', () => {
  const steps = (...counts: readonly number[]) =>
    counts.map((count, at) => ({ at: String(at), replicas: [{ ...chat, count }] }));

  test('is the first step with a proof, found by halving where replicas only grow', () => {
    const found = findFull(nodes, steps(...Array.from({ length: 64 }, (_, at) => at)), solver);
    expect(found).toMatchObject({ onlyGrows: true, firstNotFound: 5, firstImpossible: 5 });
    expect(found.judged.length).toBeLessThan(10);
  });

  test('is the first of all steps where replicas also fall', () => {
    const found = findFull(nodes, steps(1, 5, 2, 6), solver);
    expect(found).toMatchObject({ onlyGrows: false, firstNotFound: 1, firstImpossible: 1 });
    expect(found.judged.map(({ allPlaced }) => allPlaced)).toEqual(['yes', 'impossible']);
    expect(findFull(nodes, steps(3, 1, 4), solver)).toMatchObject({ firstNotFound: null, firstImpossible: null });
  });

  test('knows that reserved room and replicas without a device have to be placed too', () => {
    const spare = { ...chat, name: 'spare', count: 2, reserved: true };
    const idle = { name: 'idle', count: 5, shape: aReplica({ cpuMilli: 7_000, devices: 0, deviceMilli: 0 }) };
    const now = (...replicas: readonly (typeof chat)[]) => [{ at: 'now', replicas }];
    expect(findFull(nodes, now({ ...chat, count: 3 }, spare), solver)).toMatchObject({ firstImpossible: 0 });
    expect(findFull(nodes, now(idle), solver)).toMatchObject({ firstImpossible: 0 });
  });

  test('a plan is found only where a search finds one, and a proof only where it finds none', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(tinyReplicas, fc.integer({ min: 0, max: 2 })), { minLength: 1, maxLength: 2 }),
        fc.array(tinyNodes, { minLength: 1, maxLength: 2 }),
        (replicas, shapes) => {
          const drawn = shapes.map((shape, at) => ({ name: `n${at}`, shape }));
          const rows = replicas.map(([shape, count], at) => ({ name: `r${at}`, shape, count }));
          const { judged } = findFull(drawn, [{ at: 'now', replicas: rows }], solver);
          const fits = Number.isFinite(
            searchPacking({
              objective: 'fewest-nodes',
              replicas: rows.map(({ shape, count }) => ({ shape, count })),
              nodes: shapes.map((shape) => ({ shape, count: 1 })),
            }),
          );
          expect(judged[0]?.allPlaced === 'yes' && !fits).toBe(false);
          expect(judged[0]?.allPlaced === 'impossible' && fits).toBe(false);
        },
      ),
      { numRuns: 25 },
    );
  });
});
