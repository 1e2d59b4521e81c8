import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { loadHighsSolver } from '../../../adapters/highs/highs-solver.ts';
import { aNode, aReplica } from '../../../testing/builders/packing/packing-builders.ts';
import { searchPacking } from '../../../testing/oracles/packing-search.ts';
import { findImpossible } from '../../../testing/oracles/placement-oracle.ts';
import type { LinearSolver } from '../linear-program.ts';
import { chooseDevicesTightly } from '../moves/tight-place.ts';
import { listChoices } from '../online/place-replica.ts';
import { nanoPerUnit, type PackingTask } from '../packing-task.ts';
import { fitsOn, makeEmptyRoom, takeRoom, type NodeShape, type ReplicaShape, type Room } from '../room.ts';
import { planPlacement, verifyPlan } from './plan-placement.ts';

let solver: LinearSolver;
beforeAll(async () => {
  solver = await loadHighsSolver();
});

const models = fc.constantFrom<readonly string[]>([], [], ['A30'], ['A30', 'A100'], ['T4']);
const limit = fc.option(fc.record({ service: fc.constantFrom('a', 'b'), atMost: fc.integer({ min: 0, max: 3 }) }));
const shapes: fc.Arbitrary<ReplicaShape> = fc
  .record({
    cpuMilli: fc.constantFrom(0, 1, 2, 4, 1_000_000_000),
    memoryMib: fc.integer({ min: 1, max: 3 }),
    kind: fc.oneof(
      fc.constantFrom('none', 'one', 'two', 'nine'),
      fc.constantFrom('1g', '2g', '3g', '4g', '7g', 'none such'),
      fc.constantFrom(1, 250, 500, 750, 999),
    ),
    models,
    limit,
  })
  .map(({ kind, limit: perNode, ...rest }) => {
    const shape: ReplicaShape = { ...rest, devices: 1, deviceMilli: 1_000 };
    const limited = perNode === null ? {} : { perNode };
    if (typeof kind === 'number') return { ...shape, ...limited, deviceMilli: kind };
    if (kind === 'none') return { ...shape, ...limited, devices: 0, deviceMilli: 0 };
    if (kind === 'two' || kind === 'nine') return { ...shape, ...limited, devices: kind === 'two' ? 2 : 9 };
    return kind === 'one'
      ? { ...shape, ...limited }
      : { ...shape, ...limited, deviceMilli: 125, profiles: kind === '3g' ? ['3g', '2g'] : [kind] };
  });
const nodeShapes: fc.Arbitrary<NodeShape> = fc
  .record({
    cpuMilli: fc.integer({ min: 0, max: 8 }),
    memoryMib: fc.integer({ min: 0, max: 8 }),
    devices: fc.integer({ min: 0, max: 2 }),
    kind: fc.constantFrom('A30', 'A100', 'T4', 'uncut A30'),
  })
  .map(({ kind, ...rest }) => ({
    ...rest,
    model: kind === 'uncut A30' ? 'A30' : kind,
    ...(kind === 'A30' ? { board: 'A30' } : kind === 'A100' ? { board: 'A100-80' } : {}),
  }));

test('a share is never offered on a device that is cut, where as much of it is free', () => {
  const node = makeEmptyRoom(aNode({ model: 'A30', board: 'A30' }));
  const cut = takeRoom(aReplica({ deviceMilli: 250, profiles: ['1g'] }), node, [0]);
  const share = aReplica({ deviceMilli: 500 });
  expect(listChoices(share, cut)).toEqual([[1]]);
  expect(chooseDevicesTightly(share, [cut], -1)?.devices).toEqual([1]);
});

test('what is offered can be taken, and where nothing is offered nothing fits', () => {
  fc.assert(
    fc.property(nodeShapes, fc.array(fc.tuple(shapes, fc.nat()), { maxLength: 12 }), (node, arrivals) => {
      let room: Room = makeEmptyRoom(node);
      for (const [shape, which] of arrivals) {
        const choices = listChoices(shape, room);
        const afters = choices.map((devices) => takeRoom(shape, room, devices));
        const one = room.freeMilli.findIndex((_, device) => fitsOn(shape, room, [device]));
        const accepted = shape.models.length === 0 || shape.models.includes(room.model);
        if (choices.length === 0 && shape.devices === 1 && accepted) expect(one).toBe(-1);
        room = afters[which % Math.max(1, afters.length)] ?? room;
      }
    }),
    { numRuns: 500 },
  );
});

test('every task of shares, instances, whole devices, limits and models ends with a plan that is possible and proven', () => {
  const classes = fc.array(fc.tuple(shapes, fc.integer({ min: 0, max: 3 })), { maxLength: 4 });
  const nodes = fc.array(fc.tuple(nodeShapes, fc.integer({ min: 0, max: 2 })), { maxLength: 2 });
  fc.assert(
    fc.property(fc.constantFrom('most-accelerators', 'fewest-nodes'), classes, nodes, (objective, asked, offered) => {
      const task: PackingTask = {
        objective,
        replicas: asked.map(([shape, count]) => ({ shape, count })),
        nodes: offered.map(([shape, count]) => ({ shape, count })),
      };
      const plan = planPlacement(task, solver);
      expect(findImpossible(task, plan.placement)).toBeNull();
      expect(verifyPlan(task, plan)).toEqual({ verdict: 'proven' });
      const replicas = task.replicas.reduce((sum, { count }) => sum + count, 0);
      if (replicas > 4) return;
      const best = searchPacking(task);
      if (objective === 'most-accelerators') {
        expect(Number(plan.valueNano)).toBeLessThanOrEqual(best);
        expect(Number(plan.certificate.boundNano)).toBeGreaterThanOrEqual(best);
      } else if (best !== Infinity) {
        expect(Number(plan.certificate.boundNano) / nanoPerUnit).toBeLessThanOrEqual(best);
      }
    }),
    { numRuns: 150 },
  );
});
