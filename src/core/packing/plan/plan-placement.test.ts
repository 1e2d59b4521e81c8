import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadHighsSolver } from '../../../adapters/highs/highs-solver.ts';
import {
  aNode,
  aReplica,
  tinyCutNodes,
  tinyNodes,
  tinyReplicas,
  tinyRuledReplicas,
} from '../../../testing/builders/packing/packing-builders.ts';
import { searchPacking } from '../../../testing/oracles/packing-search.ts';
import type { LinearSolver } from '../linear-program.ts';
import { nanoPerUnit, type PackingTask } from '../packing-task.ts';
import { findPlacementFault } from './placement.ts';
import { planPlacement, verifyPlan } from './plan-placement.ts';

let solver: LinearSolver;
beforeAll(async () => {
  solver = await loadHighsSolver();
});

const task: PackingTask = {
  objective: 'most-accelerators',
  replicas: [
    { shape: aReplica({ cpuMilli: 6_000 }), count: 4 },
    { shape: aReplica({ cpuMilli: 8_000, deviceMilli: 500 }), count: 4 },
    { shape: aReplica({ cpuMilli: 1_000, devices: 0, deviceMilli: 0 }), count: 2 },
  ],
  nodes: [{ shape: aNode(), count: 2 }],
};

describe('a plan', () => {
  it('fills all devices where that is possible, places the rest beside them, and proves it', () => {
    const plan = planPlacement(task, solver);
    expect(plan).toMatchObject({ valueNano: 4n * BigInt(nanoPerUnit), gapShare: 0 });
    expect(plan.placement.unplaced[2]).toBe(0);
    expect(verifyPlan(task, plan)).toEqual({ verdict: 'proven' });
  });

  it('uses as few nodes as possible, and each replica is placed', () => {
    const fewest = { ...task, objective: 'fewest-nodes' as const, nodes: [{ shape: aNode(), count: 9 }] };
    const plan = planPlacement(fewest, solver);
    // 4 * 6 + 4 * 8 + 2 * 1 = 58 CPU need four nodes of 16.
    expect(plan).toMatchObject({ valueNano: 4n * BigInt(nanoPerUnit), gapShare: 0 });
    expect(plan.placement.unplaced).toEqual([0, 0, 0]);
  });

  it('is refused once anything of it is changed', () => {
    const plan = planPlacement(task, solver);
    const [first, ...others] = plan.placement.nodes;
    if (first === undefined) throw new Error('the plan uses no node');
    const refused = (changed: Partial<typeof plan>) => verifyPlan(task, { ...plan, ...changed }).verdict;
    expect(refused({ valueNano: plan.valueNano + 1n })).toBe('refused');
    expect(refused({ gapShare: 0.5 })).toBe('refused');
    expect(refused({ placement: { ...plan.placement, nodes: others } })).toBe('refused');
    const twice = { ...first, held: [...first.held, ...first.held] };
    expect(refused({ placement: { ...plan.placement, nodes: [twice, ...others] } })).toBe('refused');
  });

  it('is never better than the best packing, and its bound is never worse', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('most-accelerators', 'fewest-nodes'),
        fc.array(fc.tuple(fc.oneof(tinyReplicas, tinyRuledReplicas), fc.integer({ min: 1, max: 2 })), {
          minLength: 1,
          maxLength: 2,
        }),
        fc.array(fc.tuple(fc.oneof(tinyNodes, tinyCutNodes), fc.integer({ min: 1, max: 2 })), {
          minLength: 1,
          maxLength: 2,
        }),
        (objective, replicas, nodes) => {
          const drawn: PackingTask = {
            objective,
            replicas: replicas.map(([shape, count]) => ({ shape, count })),
            nodes: nodes.map(([shape, count]) => ({ shape, count })),
          };
          const plan = planPlacement(drawn, solver);
          expect(verifyPlan(drawn, plan)).toEqual({ verdict: 'proven' });
          const best = searchPacking(drawn);
          if (objective === 'most-accelerators') {
            expect(Number(plan.valueNano)).toBeLessThanOrEqual(best);
            expect(Number(plan.certificate.boundNano)).toBeGreaterThanOrEqual(best);
          } else if (plan.placement.unplaced.every((count) => count === 0)) {
            expect(Number(plan.valueNano) / nanoPerUnit).toBeGreaterThanOrEqual(best);
            expect(Number(plan.certificate.boundNano) / nanoPerUnit).toBeLessThanOrEqual(best);
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('a placement does not hold', () => {
  const [held, model] = [[{ replica: 0, devices: [0] }], { nodeClass: 0 }];
  it.each([
    [
      'more nodes than there are',
      [
        { ...model, held },
        { ...model, held },
        { ...model, held },
      ],
      /more nodes of class 0/,
    ],
    ['a device twice', [{ ...model, held: [...held, ...held] }], /node 0: the replica does not fit/],
    ['replicas that do not add up', [{ ...model, held }], /class 0 do not add up/],
    ['a class that is not there', [{ ...model, held: [{ replica: 9, devices: [] }] }], /no replica class 9/],
    ['a node class that is not there', [{ nodeClass: 5, held: [] }], /no node class 5/],
  ])('with %s', (_what, nodes, fault) => {
    expect(findPlacementFault(task, { nodes, unplaced: [4, 4, 2] })).toMatch(fault);
  });

  it('with a device model that the replica does not accept', () => {
    const picky = { ...task, replicas: [{ shape: aReplica({ models: ['A10'] }), count: 1 }] };
    expect(findPlacementFault(picky, { nodes: [{ nodeClass: 0, held }], unplaced: [0] })).toMatch(/device model/);
  });
});
