import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aNode, aReplica, tinyNodes, tinyReplicas } from '../../../testing/builders/packing-builders.ts';
import { searchRoom } from '../../../testing/oracles/packing-search.ts';
import { makeEmptyRoom, takeRoom, type ReplicaShape } from '../room.ts';
import { sumFilling } from './filling.ts';
import { fillNode, proveFillingBound } from './fill-node.ts';

describe('the best filling of a node', () => {
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
        tinyNodes,
        fc.array(tinyReplicas, { minLength: 2, maxLength: 4 }),
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
