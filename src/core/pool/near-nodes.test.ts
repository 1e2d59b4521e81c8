import { expect, it } from 'vitest';
import { findNearNodes } from './near-nodes.ts';

const devices = [
  { uuid: 'GPU-1', numaNode: 1 },
  { uuid: 'GPU-2', numaNode: 0 },
  { uuid: 'GPU-3', numaNode: 1 },
  { uuid: 'GPU-4', numaNode: null },
  { uuid: null, numaNode: 5 },
  { uuid: 'GPU-6', numaNode: 0 },
  { uuid: 'GPU-6', numaNode: 1 },
];

it.each([
  [['GPU-1'], [1]],
  [
    ['GPU-1', 'GPU-2', 'GPU-3'],
    [0, 1],
  ],
  [['GPU-1', 'GPU-4'], []],
  [['GPU-1', 'GPU-9'], []],
  [['GPU-6'], []],
  [[], []],
  [null, []],
])('of the accelerators %j is on the NUMA nodes %j', (uuids, expected) => {
  expect(findNearNodes(devices, uuids)).toEqual(expected);
});

it('tells none where the accelerators of the node are not known', () => {
  expect(findNearNodes(null, ['GPU-1'])).toEqual([]);
});
