import { beforeAll, describe, expect, it } from 'vitest';
import { loadHighsSolver } from '../../../adapters/highs/highs-solver.ts';
import { aNode, aReplica } from '../../../testing/builders/packing/packing-builders.ts';
import type { LinearSolver } from '../linear-program.ts';
import type { PackingTask } from '../packing-task.ts';
import { generateColumns } from './generate-columns.ts';

const options = { gapShare: 1e-6, roundsAtMost: 50, labelsAtMost: 100 };
let solver: LinearSolver;
beforeAll(async () => {
  solver = await loadHighsSolver();
});

/** Shares of 600: one fits on a device, so that ten need ten devices, though their sum is six. */
const shares = { shape: aReplica({ cpuMilli: 1_000, deviceMilli: 600 }), count: 10 };

describe('the linear program over fillings', () => {
  it('knows that shares do not add up on a device, as their sum does not', () => {
    const task: PackingTask = {
      objective: 'most-accelerators',
      replicas: [shares],
      nodes: [{ shape: aNode(), count: 3 }],
    };
    const found = generateColumns(task, solver, options);
    expect(found.value).toBeCloseTo(6 * 0.6, 6);
    expect(found.bound).toBeCloseTo(found.value, 4);
  });

  it('counts the nodes that all replicas need', () => {
    const task: PackingTask = { objective: 'fewest-nodes', replicas: [shares], nodes: [{ shape: aNode(), count: 9 }] };
    const found = generateColumns(task, solver, options);
    expect(found).toMatchObject({ unplaced: 0 });
    expect(found.value).toBeCloseTo(5, 6);
    expect(found.bound).toBeCloseTo(5, 4);
  });

  it('says how many replicas cannot be placed where all have to be', () => {
    const task: PackingTask = { objective: 'fewest-nodes', replicas: [shares], nodes: [{ shape: aNode(), count: 3 }] };
    expect(generateColumns(task, solver, options).unplaced).toBeCloseTo(4, 6);
  });

  it('prices what is scarce: CPU here, so that the replica with less of it is worth more', () => {
    const task: PackingTask = {
      objective: 'most-accelerators',
      replicas: [
        { shape: aReplica({ cpuMilli: 16_000 }), count: 10 },
        { shape: aReplica({ cpuMilli: 8_000 }), count: 1 },
      ],
      nodes: [{ shape: aNode(), count: 2 }],
    };
    const { value, pricesNano } = generateColumns(task, solver, options);
    // Half a node holds the second class twice, which is all there is of it. The other 1.5 nodes hold the first once each. One
    // more of the second class would take another half node: 1 device more of it, 0.5 less of the first.
    expect(value).toBeCloseTo(2.5, 6);
    expect(pricesNano).toEqual([0, 500_000_000]);
  });
});
