import { beforeAll, expect, test } from 'vitest';
import { loadHighsSolver } from '../../../adapters/highs/highs-solver.ts';
import { aNode, aReplica } from '../../../testing/builders/packing/packing-builders.ts';
import type { LinearSolver } from '../linear-program.ts';
import type { PackingTask, ReplicaClass } from '../packing-task.ts';
import { findConflict } from './find-conflict.ts';

let solver: LinearSolver;
beforeAll(async () => {
  solver = await loadHighsSolver();
});

/** Two nodes of 16 CPU, 64 GiB and two devices of model T4 each. */
const onTwoNodes = (...replicas: ReplicaClass[]): PackingTask => ({
  objective: 'fewest-nodes',
  replicas,
  nodes: [{ shape: aNode(), count: 2 }],
});
const cheap = { shape: aReplica({ cpuMilli: 100, memoryMib: 100, deviceMilli: 10 }), count: 3 };

test.each([
  ['devices', onTwoNodes(cheap, { shape: aReplica(), count: 5 }), ['devices', 1]],
  ['cpu', onTwoNodes(cheap, { shape: aReplica({ cpuMilli: 10_000 }), count: 3 }), ['cpu', 1]],
  ['memory', onTwoNodes({ shape: aReplica({ memoryMib: 40_000 }), count: 3 }, cheap), ['memory', 0]],
  [
    'limits on a node',
    onTwoNodes(cheap, { shape: aReplica({ perNode: { service: 'chat', atMost: 1 } }), count: 3 }),
    ['per-node', 1],
  ],
  ['models', onTwoNodes(cheap, { shape: aReplica({ models: ['A10'] }), count: 1 }), ['models', 1]],
])('what conflicts is the limit and the class that breaks it: %s', (_what, task, expected) => {
  const found = findConflict(task, solver);
  if (found.verdict === 'unknown') throw new Error('no conflict was proven');
  expect(found.members.map(({ constraint: c }) => (c.kind === 'replicas' ? c.replica : c.kind))).toEqual(expected);
  expect(found.members.every(({ shown }) => shown)).toBe(true);
});

test('two classes that fit alone and not together are both named, and a third is not', () => {
  const large = aReplica({ cpuMilli: 10_000 });
  const other = aReplica({ cpuMilli: 9_000, deviceMilli: 500 });
  const found = findConflict(onTwoNodes({ shape: large, count: 2 }, cheap, { shape: other, count: 1 }), solver);
  expect(found).toMatchObject({
    verdict: 'conflict',
    members: [{ constraint: { kind: 'cpu' } }, { constraint: { replica: 0 } }, { constraint: { replica: 2 } }],
  });
});

test('reserved room is in a conflict as replicas are', () => {
  const reserved = { shape: aReplica({ cpuMilli: 0, memoryMib: 0 }), count: 2, reserved: true };
  const found = findConflict(onTwoNodes(cheap, reserved, { shape: aReplica(), count: 3 }), solver);
  expect(found).toMatchObject({
    verdict: 'conflict',
    members: [{ constraint: { kind: 'devices' } }, { constraint: { replica: 1 } }, { constraint: { replica: 2 } }],
  });
});

test('nothing is named where all can be placed', () => {
  expect(findConflict(onTwoNodes(cheap, { shape: aReplica(), count: 3 }), solver)).toEqual({ verdict: 'unknown' });
});
