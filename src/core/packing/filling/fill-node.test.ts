import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  aNode,
  aReplica,
  tinyCutNodes,
  tinyNodes,
  tinyReplicas,
  tinyRuledReplicas,
} from '../../../testing/builders/packing/packing-builders.ts';
import { searchRoom } from '../../../testing/oracles/packing-search.ts';
import { makeEmptyRoom, takeRoom, type ReplicaShape } from '../room.ts';
import { sumFilling } from './filling.ts';
import { fillNode, proveFillingBound } from './fill-node.ts';

const ofService = (service: string, atMost: number) => ({ perNode: { service, atMost } });

describe('the best filling of a node', () => {
  it('has at most so many replicas of a service as its limit says', () => {
    // Four halves of one service would be worth 40, two of it and two of the other 36.
    const types = [
      aReplica({ cpuMilli: 1_000, deviceMilli: 500, ...ofService('chat', 2) }),
      aReplica({ cpuMilli: 1_000, deviceMilli: 500 }),
    ];
    const found = fillNode(aNode(), types, [10, 8], 100);
    expect(found).toMatchObject({ gainNano: 36, boundNano: 36, filling: { classes: [0, 1], counts: [2, 2] } });
  });

  it('cuts a device into instances where they are worth more than what it holds in whole', () => {
    // An A30 has room for a 2g and two 1g: 5 + 3 + 3. A whole device is worth 10.
    const types = [aReplica(), ...['2g.12gb', '1g'].map((name) => aReplica({ profiles: [name], cpuMilli: 10 }))];
    const node = aNode({ devices: 1, board: 'A30' });
    expect(fillNode(node, types, [10, 5, 3], 100)).toMatchObject({ gainNano: 12, filling: { counts: [4] } });
    expect(fillNode(node, types, [10, 7, 3], 100)).toMatchObject({ gainNano: 14, filling: { classes: [1] } });
    expect(fillNode(node, types, [15, 5, 3], 100)).toMatchObject({ gainNano: 15, filling: { classes: [0] } });
    expect(fillNode(aNode({ devices: 1 }), types, [10, 7, 3], 100)).toMatchObject({ gainNano: 10 });
  });

  it('is that of a search through all fillings where there are limits and MIG profiles too', () => {
    fc.assert(
      fc.property(
        fc.oneof(tinyCutNodes, tinyNodes),
        fc.array(tinyRuledReplicas, { minLength: 1, maxLength: 4 }),
        fc.array(fc.integer({ min: 0, max: 1_000_000_000 }), { minLength: 4, maxLength: 4 }),
        (node, types, gains) => {
          const found = fillNode(node, types, gains, 1_000);
          const best = searchRoom(makeEmptyRoom(node), types, gains);
          expect(found.gainNano).toBe(best);
          expect(found.boundNano).toBe(best);
          found.filling.held.reduce(
            (room, { replica, devices }) => takeRoom(types[replica] as ReplicaShape, room, devices),
            makeEmptyRoom(node),
          );
          expect(proveFillingBound(node, types, gains, found.price, best, 1_000)).toBe(true);
          if (best > 0) expect(proveFillingBound(node, types, gains, found.price, best - 1, 1_000)).toBe(false);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('mixes what is dear in CPU with what is dear in devices', () => {
    // Two whole devices are worth 2,000. Three shares take 15 CPU and are worth 1,650. Best with 16 CPU: 1,000 + 2 * 550.
    const types = [aReplica({ cpuMilli: 6_000 }), aReplica({ cpuMilli: 5_000, deviceMilli: 500 })];
    const found = fillNode(aNode(), types, [1_000, 550], 100);
    expect(found).toMatchObject({ gainNano: 2_100, boundNano: 2_100 });
    expect(found.filling).toMatchObject({ classes: [0, 1], counts: [1, 2] });
  });

  it('has replicas without a device beside the others where they are worth something', () => {
    const types = [aReplica({ cpuMilli: 6_000 }), aReplica({ cpuMilli: 2_000, devices: 0, deviceMilli: 0 })];
    expect(fillNode(aNode(), types, [1_000, 10], 100).filling).toMatchObject({ classes: [0, 1], counts: [2, 2] });
    expect(fillNode(aNode(), types, [1_000, 0], 100).filling).toMatchObject({ classes: [0], counts: [2] });
  });

  it('is empty where nothing fits', () => {
    const found = fillNode(aNode(), [aReplica({ models: ['A10'] }), aReplica({ cpuMilli: 17_000 })], [5, 5], 100);
    expect(found).toMatchObject({ gainNano: 0, boundNano: 0, filling: { held: [] } });
  });

  it('is that of a search through all fillings, fits, and its bound is proven and no lower one is', () => {
    fc.assert(
      fc.property(
        tinyNodes,
        fc.array(tinyReplicas, { minLength: 1, maxLength: 4 }),
        fc.array(fc.integer({ min: 0, max: 1_000_000_000 }), { minLength: 4, maxLength: 4 }),
        (node, types, gains) => {
          const found = fillNode(node, types, gains, 1_000);
          const best = searchRoom(makeEmptyRoom(node), types, gains);
          expect(found.gainNano).toBe(best);
          expect(found.boundNano).toBe(best);
          expect(sumFilling(found.filling, gains)).toBe(best);
          const left = found.filling.held.reduce(
            (room, { replica, devices }) => takeRoom(types[replica] as ReplicaShape, room, devices),
            makeEmptyRoom(node),
          );
          expect(left.cpuMilli).toBeGreaterThanOrEqual(0);
          expect(proveFillingBound(node, types, gains, found.price, best, 1_000)).toBe(true);
          if (best > 0) expect(proveFillingBound(node, types, gains, found.price, best - 1, 1_000)).toBe(false);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('has a bound that covers what was dropped where labels are few', () => {
    fc.assert(
      fc.property(
        fc.oneof(tinyNodes, tinyCutNodes),
        fc.array(fc.oneof(tinyReplicas, tinyRuledReplicas), { minLength: 2, maxLength: 4 }),
        fc.array(fc.integer({ min: 1, max: 1_000 }), { minLength: 4, maxLength: 4 }),
        (node, types, gains) => {
          const found = fillNode(node, types, gains, 1);
          const best = searchRoom(makeEmptyRoom(node), types, gains);
          expect(found.gainNano).toBeLessThanOrEqual(best);
          expect(found.boundNano).toBeGreaterThanOrEqual(best);
          expect(proveFillingBound(node, types, gains, found.price, found.boundNano, 1)).toBe(true);
        },
      ),
      { numRuns: 100 },
    );
  });
});
