import fc from 'fast-check';
import type { NodeShape, ReplicaShape } from '../../../core/packing/room.ts';

/** A node with two whole devices unless told otherwise. */
export function aNode(changed: Partial<NodeShape> = {}): NodeShape {
  return { cpuMilli: 16_000, memoryMib: 65_536, devices: 2, model: 'T4', ...changed };
}

/** A replica with one whole device unless told otherwise. */
export function aReplica(changed: Partial<ReplicaShape> = {}): ReplicaShape {
  return { cpuMilli: 4_000, memoryMib: 8_192, devices: 1, deviceMilli: 1_000, models: [], ...changed };
}

/** Tiny nodes of few devices. */
export const tinyNodes = fc.record({
  cpuMilli: fc.integer({ min: 0, max: 12 }),
  memoryMib: fc.integer({ min: 0, max: 12 }),
  devices: fc.integer({ min: 0, max: 2 }),
  model: fc.constantFrom('T4', 'A10'),
});

/** Tiny nodes whose devices may be cut like an A30: four memory slices. */
export const tinyCutNodes: fc.Arbitrary<NodeShape> = tinyNodes.map((node) => ({ ...node, board: 'A30' }));

/** Tiny replicas of which some ask for a MIG profile, and some are at most one or two on a node. */
export const tinyRuledReplicas: fc.Arbitrary<ReplicaShape> = fc
  .record({
    shape: fc.record({ cpuMilli: fc.integer({ min: 1, max: 5 }), memoryMib: fc.integer({ min: 1, max: 5 }) }),
    kind: fc.constantFrom('none', 'share', 'one', 'two', '1g', '2g', '4g'),
    atMost: fc.constantFrom(1, 2, null),
    service: fc.constantFrom('a', 'b', 'c'),
  })
  .map(({ shape, kind, atMost, service }) => {
    const milli = { none: 0, share: 400, one: 1_000, two: 1_000, '1g': 250, '2g': 500, '4g': 1_000 }[kind];
    const devices = { none: 0, share: 1, one: 1, two: 2, '1g': 1, '2g': 1, '4g': 1 }[kind];
    return {
      ...shape,
      devices,
      deviceMilli: milli,
      models: [],
      ...(kind.endsWith('g') ? { profiles: [kind] } : {}),
      ...(atMost === null ? {} : { perNode: { service: `${service} ${atMost}`, atMost } }),
    };
  });

/** Replicas that are large for tiny nodes, so that few fit. */
export const tinyReplicas: fc.Arbitrary<ReplicaShape> = fc
  .record({
    cpuMilli: fc.integer({ min: 2, max: 8 }),
    memoryMib: fc.integer({ min: 2, max: 8 }),
    kind: fc.constantFrom('none', 'share', 'one', 'two'),
    shareMilli: fc.constantFrom(300, 400, 500, 600, 700),
    models: fc.constantFrom<readonly string[]>([], [], ['T4']),
  })
  .map(({ cpuMilli, memoryMib, kind, shareMilli, models }) => ({
    cpuMilli,
    memoryMib,
    devices: { none: 0, share: 1, one: 1, two: 2 }[kind],
    deviceMilli: { none: 0, share: shareMilli, one: 1_000, two: 1_000 }[kind],
    models,
  }));
