import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadHighsSolver } from '../../../adapters/highs/highs-solver.ts';
import { aNode, aReplica, tinyNodes, tinyReplicas } from '../../../testing/builders/packing/packing-builders.ts';
import { searchPacking } from '../../../testing/oracles/packing-search.ts';
import type { LinearSolver } from '../linear-program.ts';
import { nanoPerUnit, type PackingTask } from '../packing-task.ts';
import { planPlacement } from './plan-placement.ts';
import { priceConstraints, type ConstraintPrice } from './price-constraints.ts';

let solver: LinearSolver;
beforeAll(async () => {
  solver = await loadHighsSolver();
});

function pricesOf(task: PackingTask): readonly ConstraintPrice[] {
  const { certificate, placement } = planPlacement(task, solver);
  return priceConstraints(task, certificate, placement);
}

const devicesOf = (prices: readonly ConstraintPrice[]): readonly string[] =>
  prices.map(({ change, atMostNano }) => `${change.kind} ${Number(atMostNano) / nanoPerUnit}`).sort();

describe('what one change gives at most', () => {
  test('is a whole node, or a device where devices are short', () => {
    const task: PackingTask = {
      objective: 'most-accelerators',
      replicas: [{ shape: aReplica({ cpuMilli: 1_000 }), count: 9 }],
      nodes: [{ shape: aNode(), count: 2 }],
    };
    expect(devicesOf(pricesOf(task))).toEqual(['device 1', 'node 2']);
  });

  test('is nothing for devices where CPU is short, and the limit of a service has a price', () => {
    const chat = { service: 'chat', atMost: 1 };
    const task: PackingTask = {
      objective: 'most-accelerators',
      replicas: [{ shape: aReplica({ cpuMilli: 1_000, perNode: chat }), count: 9 }],
      nodes: [{ shape: aNode(), count: 2 }],
    };
    expect(devicesOf(pricesOf(task))).toEqual(['node 1', 'per-node 2']);
    const dear = { ...task, replicas: [{ shape: aReplica({ cpuMilli: 9_000 }), count: 9 }] };
    expect(devicesOf(pricesOf(dear))).toEqual(['node 1']);
    expect(devicesOf(pricesOf({ ...dear, nodes: [{ shape: aNode({ cpuMilli: 17_000 }), count: 2 }] }))).toEqual([
      'cpu 1',
      'node 1',
    ]);
  });

  test('prices a limit once that two classes share, and widens it for both', () => {
    const chat = { service: 'chat', atMost: 1 };
    const task: PackingTask = {
      objective: 'most-accelerators',
      replicas: [
        { shape: aReplica({ cpuMilli: 1_000, perNode: chat }), count: 9 },
        { shape: aReplica({ cpuMilli: 2_000, perNode: chat }), count: 9 },
      ],
      nodes: [{ shape: aNode(), count: 2 }],
    };
    expect(devicesOf(pricesOf(task))).toEqual(['node 1', 'per-node 2']);
  });

  test('is what reserved room and a model keep away from replicas', () => {
    const task: PackingTask = {
      objective: 'most-accelerators',
      replicas: [
        { shape: aReplica({ cpuMilli: 0, memoryMib: 0 }), count: 1, reserved: true },
        { shape: aReplica({ models: ['T4'] }), count: 9 },
      ],
      nodes: [
        { shape: aNode({ model: 'A10' }), count: 1 },
        { shape: aNode(), count: 2 },
      ],
    };
    // The A10 has room for the reserved device, which costs nothing at these prices, and then two more devices.
    expect(devicesOf(pricesOf(task))).toContain('models 2');
    const full = { ...task, nodes: task.nodes.slice(1) };
    expect(devicesOf(pricesOf(full))).toEqual(['device 1', 'node 2', 'reserved 1']);
  });

  test('is never less than what the best packing with one more node or device gains beyond the bound', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(tinyReplicas, fc.integer({ min: 1, max: 2 })), { minLength: 1, maxLength: 2 }),
        fc.array(tinyNodes, { minLength: 1, maxLength: 2 }),
        fc.constantFrom('node', 'device', 'models'),
        (replicas, nodes, kind) => {
          const task: PackingTask = {
            objective: 'most-accelerators',
            replicas: replicas.map(([shape, count]) => ({ shape, count })),
            nodes: nodes.map((shape) => ({ shape, count: 1 })),
          };
          const { certificate, placement } = planPlacement(task, solver);
          const found = priceConstraints(task, certificate, placement).find(
            ({ change }) => change.kind === kind && ('replica' in change ? change.replica : change.nodeClass) === 0,
          );
          const [node, ...others] = task.nodes;
          const [replica, ...rest] = task.replicas;
          if (node === undefined || replica === undefined || (kind === 'device' && node.shape.devices === 0)) return;
          const changed: Record<typeof kind, PackingTask> = {
            node: { ...task, nodes: [{ ...node, count: 2 }, ...others] },
            device: {
              ...task,
              nodes: [{ ...node, shape: { ...node.shape, devices: node.shape.devices + 1 } }, ...others],
            },
            models: { ...task, replicas: [{ ...replica, shape: { ...replica.shape, models: [] } }, ...rest] },
          };
          const atMost = Number(certificate.boundNano) + Number(found?.atMostNano ?? 0n);
          expect(searchPacking(changed[kind])).toBeLessThanOrEqual(atMost);
        },
      ),
      { numRuns: 25 },
    );
  });
});
