import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadHighsSolver } from '../../../adapters/highs/highs-solver.ts';
import { aNode, aReplica, tinyNodes, tinyReplicas } from '../../../testing/builders/packing/packing-builders.ts';
import { searchPacking } from '../../../testing/oracles/packing-search.ts';
import { planStep } from '../forecast/find-full.ts';
import type { LinearSolver } from '../linear-program.ts';
import type { NamedNode, NamedReplicas } from '../named/named-task.ts';
import { findFirstUnfit, largestOf, trailingLargest } from './first-unfit.ts';
import { isCutOff, readFitCut } from './fit-cut.ts';
import { makeFitJudge } from './fit-judge.ts';
import { listWorstLosses } from './node-losses.ts';
import { fitsInOrder } from './place-in-order.ts';

let solver: LinearSolver;
beforeAll(async () => {
  solver = await loadHighsSolver();
});

const named = (shapes: readonly NamedNode['shape'][]): readonly NamedNode[] =>
  shapes.map((shape, at) => ({ name: `n${at}`, shape }));
const fitsBySearch = (nodes: readonly NamedNode[], rows: readonly NamedReplicas[]): boolean =>
  rows.every(({ count }) => count === 0) ||
  Number.isFinite(
    searchPacking({
      objective: 'fewest-nodes',
      replicas: rows.filter(({ count }) => count > 0).map(({ shape, count }) => ({ shape, count })),
      nodes: nodes.map(({ shape }) => ({ shape, count: 1 })),
    }),
  );

describe('the first counts that do not fit', () => {
  test('are those that a look at all of them finds, in any order of counts', () => {
    const counts = fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 9 }));
    fc.assert(
      fc.property(
        fc.array(counts, { maxLength: 30 }),
        fc.array(counts, { minLength: 1, maxLength: 3 }),
        (steps, corners) => {
          const fits = ([a = 0, b = 0]: readonly number[]): boolean => corners.some(([x, y]) => a <= x && b <= y);
          const first = steps.findIndex((step) => !fits(step));
          expect(findFirstUnfit(steps, fits)).toBe(first === -1 ? null : first);
        },
      ),
    );
  });

  test('of growing counts are found by few questions', () => {
    let asked = 0;
    const steps = Array.from({ length: 1_000 }, (_, at) => [at]);
    expect(findFirstUnfit(steps, ([count = 0]) => (asked += 1) > 0 && count < 700)).toBe(700);
    expect(asked).toBeLessThan(25);
  });

  test('are the largest of each service over some days', () => {
    expect(
      largestOf([
        [1, 5],
        [3, 2],
      ]),
    ).toEqual([3, 5]);
    expect(trailingLargest([[1], [4], [2], [1], [0]], 3)).toEqual([[1], [4], [4], [4], [2]]);
  });
});

describe('the worst losses of nodes', () => {
  const [small, large, other] = [aNode(), aNode({ devices: 4 }), aNode({ model: 'A10' })];

  test('leave out nodes that are no larger than another one, and are one of each shape', () => {
    const lost = (down: number) => listWorstLosses(named([small, large, large, other]), down)?.map((each) => each.lost);
    expect(lost(1)).toEqual([['n1'], ['n3']]);
    expect(lost(2)).toEqual([
      ['n1', 'n2'],
      ['n1', 'n3'],
    ]);
    expect(lost(0)).toEqual([[]]);
    // One large node alone cannot stand for two small ones.
    expect(listWorstLosses(named([small, small, large]), 2)?.map((each) => each.lost)).toEqual([
      ['n0', 'n1'],
      ['n0', 'n2'],
    ]);
    expect(listWorstLosses(named([small]), 3)).toEqual([{ lost: ['n0'], left: [] }]);
  });

  test('are too many of forty kinds, three at once', () => {
    const kinds = Array.from({ length: 40 }, (_, at) => aNode({ model: `M${at}` }));
    expect(listWorstLosses(named(kinds), 3)).toBeNull();
  });
});

const tinyRows = fc
  .array(fc.tuple(tinyReplicas, fc.integer({ min: 0, max: 2 })), { minLength: 1, maxLength: 2 })
  .map((rows) => rows.map(([shape, count], at) => ({ name: `r${at}`, shape, count })));

describe('a judge of counts', () => {
  test(
    'says yes only where a search fits them after each loss, and impossible only where it does not',
    { timeout: 120_000 },
    () => {
      fc.assert(
        fc.property(
          tinyRows,
          fc.array(tinyNodes, { minLength: 1, maxLength: 3 }),
          fc.integer({ min: 0, max: 2 }),
          (rows, shapes, down) => {
            const nodes = named(shapes);
            const judge = makeFitJudge({ nodes, rows, fixed: [], nodesDown: down }, solver);
            const subsets = listSubsets(nodes, Math.min(down, nodes.length));
            const fits = subsets.every((lost) =>
              fitsBySearch(
                nodes.filter((node) => !lost.includes(node)),
                rows,
              ),
            );
            const found = judge.judge(rows.map(({ count }) => count));
            expect(found === 'yes' && !fits).toBe(false);
            expect(found === 'impossible' && fits).toBe(false);
          },
        ),
        { numRuns: 40 },
      );
    },
  );

  test('knows what fewer and more replicas mean without a plan', () => {
    const nodes = named([aNode({ cpuMilli: 9_000, devices: 3 }), aNode({ cpuMilli: 9_000, devices: 3 })]);
    const rows = [{ name: 'a', count: 0, shape: aReplica() }];
    const judge = makeFitJudge({ nodes, rows, fixed: [], nodesDown: 1 }, solver);
    // Two of 4 cores fit on 9 cores; a third has a device, and no cores.
    expect([judge.judge([3], false), judge.judge([2]), judge.judge([3])]).toEqual(['impossible', 'yes', 'impossible']);
    const planned = judge.planned();
    expect([judge.judge([1]), judge.judge([9])]).toEqual(['yes', 'impossible']);
    expect(judge.planned()).toBe(planned);
    expect(judge.listBinding([3])).toEqual([{ lost: ['n0'], allPlaced: 'impossible' }]);
    expect(judge.listBinding([2])).toEqual([]);
  });

  test('refuses more ways to lose nodes than it can look at', () => {
    const nodes = named(Array.from({ length: 40 }, (_, at) => aNode({ model: `M${at}` })));
    expect(makeFitJudge({ nodes, rows: [], fixed: [], nodesDown: 3 }, solver).judge([])).toBe('unknown');
  });
});

test('replicas that are placed one after the other are found by a search too', { timeout: 120_000 }, () => {
  fc.assert(
    fc.property(tinyRows, fc.array(tinyNodes, { minLength: 1, maxLength: 3 }), (rows, shapes) => {
      if (fitsInOrder(named(shapes), rows)) expect(fitsBySearch(named(shapes), rows)).toBe(true);
    }),
    { numRuns: 200 },
  );
});

test('replicas that few nodes accept are placed first, and the others leave these nodes alone', () => {
  const nodes = named([aNode({ model: 'A100' }), aNode({ model: 'T4' })]);
  const rows = [
    { name: 'any', count: 2, shape: aReplica() },
    { name: 'picky', count: 2, shape: aReplica({ models: ['A100'] }) },
  ];
  expect(fitsInOrder(nodes, rows)).toBe(true);
  expect(fitsInOrder(nodes, [...rows, { name: 'one', count: 1, shape: aReplica() }])).toBe(false);
});

test('a cut of one certificate cuts off no counts that fit', { timeout: 120_000 }, () => {
  let cuts = 0;
  fc.assert(
    fc.property(
      tinyRows,
      fc.array(tinyNodes, { minLength: 1, maxLength: 2 }),
      fc.array(fc.nat(3), { minLength: 2, maxLength: 2 }),
      (rows, shapes, others) => {
        const nodes = named(shapes);
        const { named: task, plan } = planStep(nodes, rows, solver);
        if (plan === null || plan.allPlaced === 'yes') return;
        const cut = readFitCut(task, plan.certificate);
        if (plan.allPlaced === 'impossible') expect(isCutOff(cut, rows)).toBe(true);
        const changed = rows.map((row, at) => ({ ...row, count: others[at] ?? 0 }));
        if (!isCutOff(cut, changed)) return;
        cuts += 1;
        expect(fitsBySearch(nodes, changed)).toBe(false);
      },
    ),
    { numRuns: 40, seed: 1 },
  );
  expect(cuts).toBeGreaterThan(5);
});

function listSubsets<Item>(items: readonly Item[], size: number): readonly (readonly Item[])[] {
  if (size === 0) return [[]];
  return items.flatMap((item, at) => listSubsets(items.slice(at + 1), size - 1).map((rest) => [item, ...rest]));
}
