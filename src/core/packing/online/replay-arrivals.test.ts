import { beforeAll, expect, test } from 'vitest';
import { loadHighsSolver } from '../../../adapters/highs/highs-solver.ts';
import { aNode, aReplica } from '../../../testing/builders/packing/packing-builders.ts';
import { seededRandom } from '../../statistics/random.ts';
import type { LinearSolver } from '../linear-program.ts';
import { takeRoom, findDevices, type ReplicaShape } from '../room.ts';
import { makeExpectedTask } from './expected-task.ts';
import { replayArrivals, type PlacementRule } from './replay-arrivals.ts';
import { makeRoomRule } from './room-rule.ts';
import { tuneDefaults, tuneRoomValue } from './tune-room-value.ts';

let solver: LinearSolver;
beforeAll(async () => {
  solver = await loadHighsSolver();
});

const types = [aReplica(), aReplica({ devices: 2 }), aReplica({ devices: 0, deviceMilli: 0 })];
const firstFit: PlacementRule = {
  name: 'first fit',
  choose(replica, room) {
    const type = types[replica] as ReplicaShape;
    const devices = findDevices(type, room);
    return devices === null ? null : { score: [0], after: takeRoom(type, room, devices) };
  },
};

test('what fits nowhere is lost, and shares are of all devices when a load has arrived', () => {
  const nodes = [aNode(), aNode()];
  // One device on node 0, two on node 1, then two that fit nowhere: 3 of 4 are held at load 1.25, and at load 0.25 one.
  expect(replayArrivals(firstFit, types, nodes, [0, 1, 1], [0.25, 1, 1.25])).toEqual([0.25, 0.75, 0.75]);
});

test('replicas without a device take CPU and no load', () => {
  // Four of them take all CPU of node 0.
  expect(replayArrivals(firstFit, types, [aNode()], [2, 2, 2, 2, 0, 0], [1])).toEqual([0]);
});

test('the expected task asks for the load, by frequency', () => {
  const nodes = [{ shape: aNode(), count: 5 }];
  const { replicas } = makeExpectedTask({ types, weights: [2, 1, 4] }, nodes, 1.2);
  // 10 devices at load 1.2: 12. Weights ask for 2 * 1 + 1 * 2 = 4 devices, so each weight counts 3.
  expect(replicas.map(({ count }) => count)).toEqual([6, 3, 12]);
  expect(replicas.map(({ gainNano }) => gainNano)).toEqual([undefined, undefined, 320_000_000]);
  expect(() => makeExpectedTask({ types: types.slice(2), weights: [1] }, nodes, 1)).toThrow(RangeError);
});

test('tuned room value keeps CPU for what needs it, where first fit does not', () => {
  // Half of the nodes have CPU for two large replicas, half for small ones only. First fit puts small ones on large nodes.
  const mixed = [aReplica({ cpuMilli: 8_000 }), aReplica({ cpuMilli: 1_000 })];
  const classes = [
    { shape: aNode(), count: 10 },
    { shape: aNode({ cpuMilli: 2_000 }), count: 10 },
  ];
  const nodes = classes.flatMap(({ shape, count }) => Array.from({ length: count }, () => shape));
  const expected = { types: mixed, weights: [1, 1] };
  const tuned = tuneRoomValue(expected, classes, solver, seededRandom(1), { ...tuneDefaults, judgedLoads: [1] });
  const arrivals = [...Array.from({ length: 20 }, () => 1), ...Array.from({ length: 20 }, () => 0)];
  expect(replayArrivals(makeRoomRule(mixed, tuned.value), mixed, nodes, arrivals, [1])).toEqual([1]);
  expect(tuned.heldShare).toBeGreaterThan(0.85);
});
