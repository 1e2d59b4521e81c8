import { expect, test } from 'vitest';
import type { PackingTask } from '../packing-task.ts';
import type { NodeShape, ReplicaShape } from '../room.ts';
import { countEmptyMilli, findStranded } from './find-stranded.ts';

const half: ReplicaShape = { cpuMilli: 2_000, memoryMib: 100, devices: 1, deviceMilli: 500, models: ['T4'] };
const node = (more: Partial<NodeShape> = {}): NodeShape => ({
  cpuMilli: 8_000,
  memoryMib: 1_000,
  devices: 1,
  model: 'T4',
  ...more,
});

/** What is stranded on one node of this shape that holds one half. */
function strandedOn(shape: NodeShape, held: ReplicaShape = half, others: readonly ReplicaShape[] = []) {
  const replicas = [half, held, ...others].map((each) => ({ shape: each, count: 1 }));
  const task: PackingTask = { objective: 'most-accelerators', replicas, nodes: [{ shape, count: 1 }] };
  return findStranded(task, { nodes: [{ nodeClass: 0, held: [{ replica: 1, devices: [0] }] }], unplaced: [] });
}

test('room that a replica fits on is not stranded', () => {
  expect(strandedOn(node())).toEqual([]);
});

test.each([
  ['cpu', node({ cpuMilli: 3_000 })],
  ['memory', node({ memoryMib: 150 })],
  ['cpu-and-memory', node({ cpuMilli: 3_000, memoryMib: 150 })],
])('half a device is stranded for want of %s', (cause, shape) => {
  expect(strandedOn(shape)).toEqual([{ cause, deviceMilli: 500, nodes: 1 }]);
});

test('a device is stranded by the limit of a service where that alone keeps it free', () => {
  const limited: ReplicaShape = { ...half, perNode: { service: 'chat', atMost: 1 } };
  const task: PackingTask = {
    objective: 'most-accelerators',
    replicas: [{ shape: limited, count: 2 }],
    nodes: [{ shape: node(), count: 1 }],
  };
  const placement = { nodes: [{ nodeClass: 0, held: [{ replica: 0, devices: [0] }] }], unplaced: [1] };
  expect(findStranded(task, placement)).toEqual([{ cause: 'limits', deviceMilli: 500, nodes: 1 }]);
});

test('what is too small for every replica is a fragment, and a model that nobody accepts is said to be one', () => {
  expect(strandedOn(node(), { ...half, deviceMilli: 700 })).toEqual([
    { cause: 'fragments', deviceMilli: 300, nodes: 1 },
  ]);
  const other: ReplicaShape = { ...half, devices: 0, deviceMilli: 0, models: [] };
  const task: PackingTask = {
    objective: 'most-accelerators',
    replicas: [half, other].map((shape) => ({ shape, count: 1 })),
    nodes: [{ shape: node({ model: 'P100' }), count: 2 }],
  };
  const placement = { nodes: [{ nodeClass: 0, held: [{ replica: 1, devices: [] }] }], unplaced: [1, 0] };
  expect(findStranded(task, placement)).toEqual([{ cause: 'model', deviceMilli: 1_000, nodes: 1 }]);
  expect(countEmptyMilli(task, placement)).toBe(1_000);
});
