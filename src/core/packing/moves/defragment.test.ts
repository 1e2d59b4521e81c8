import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadHighsSolver } from '../../../adapters/highs/highs-solver.ts';
import { aNode, aReplica, tinyNodes, tinyReplicas } from '../../../testing/builders/packing/packing-builders.ts';
import { searchPacking } from '../../../testing/oracles/packing-search.ts';
import type { LinearSolver } from '../linear-program.ts';
import { makeNamedTask, type NamedPlacement, type NamedReplicas } from '../named/named-task.ts';
import { nanoPerUnit } from '../packing-task.ts';
import { fitsRoom, makeEmptyRoom, takeRoom, type Room } from '../room.ts';
import { listChoices } from '../online/place-replica.ts';
import { defragment } from './defragment.ts';
import { readPresent } from './present-placement.ts';

let solver: LinearSolver;
beforeAll(async () => {
  solver = await loadHighsSolver();
});

const held = (replica: string, ...devices: readonly number[]) => ({ replica, devices });
const nodes = ['n1', 'n2', 'n3'].map((name) => ({ name, shape: aNode() }));
const rows = (pairs: number): readonly NamedReplicas[] => [
  { name: 'chat', count: 3, shape: aReplica({ cpuMilli: 1_000 }) },
  { name: 'pair', count: pairs, shape: aReplica({ devices: 2, cpuMilli: 2_000 }) },
];
const scattered: readonly NamedPlacement[] = ['n1', 'n2', 'n3'].map((node) => ({ node, held: [held('chat', 0)] }));

function run(replicas: readonly NamedReplicas[], placed: readonly NamedPlacement[], moves: number, of = nodes) {
  const named = makeNamedTask(of, replicas, 'most-accelerators');
  const present = readPresent(named, placed);
  if (present.answer === 'refused') throw new Error(present.reason);
  return defragment(named, present.nodes, moves, solver);
}

const devices = (count: number): bigint => BigInt(count) * BigInt(nanoPerUnit);

describe('a few moves', () => {
  test('make room for a replica that has no place, and are proven best where they reach the bound', () => {
    const found = run(rows(1), scattered, 1);
    expect(found).toMatchObject({ wanted: 'replicas', moves: 1, gainNano: devices(2), withoutMovesNano: 0n });
    expect(found.boundNano).toBe(devices(2));
    expect(found.steps.map(({ kind, name }) => `${kind} ${name}`)).toEqual(['move chat', 'start pair']);
  });

  test('are none where none are allowed, and the bound says what more would give', () => {
    expect(run(rows(1), scattered, 0)).toMatchObject({ moves: 0, gainNano: 0n, boundNano: devices(2), steps: [] });
  });

  test('do not count what has a place without a move', () => {
    const found = run(
      rows(0)
        .slice(0, 1)
        .map((row) => ({ ...row, count: 4 })),
      scattered,
      0,
    );
    expect(found.steps.map(({ kind, name }) => `${kind} ${name}`)).toEqual(['start chat']);
    expect(found).toMatchObject({ gainNano: devices(1), withoutMovesNano: devices(1) });
  });

  test('join free pieces of devices where all replicas have a place', () => {
    const half = { name: 'half', count: 3, shape: aReplica({ cpuMilli: 1_000, deviceMilli: 500 }) };
    const placed = ['n1', 'n2', 'n3'].map((node) => ({ node, held: [held('half', 0)] }));
    const found = run([half], placed, 4);
    // Three halves are on three devices; two of them fit on one.
    expect(found).toMatchObject({ wanted: 'free-devices', moves: 1, gainNano: devices(1), boundNano: devices(1) });
    expect(found.steps).toMatchObject([{ kind: 'move', name: 'half' }]);
  });

  test('never gain more than the best placement of all, and each step has room', () => {
    fc.assert(
      fc.property(
        fc.array(tinyReplicas, { minLength: 2, maxLength: 3 }),
        fc.array(tinyNodes, { minLength: 2, maxLength: 3 }),
        fc.integer({ min: 0, max: 3 }),
        (shapes, nodeShapes, moves) => {
          const of = nodeShapes.map((shape, at) => ({ name: `n${at}`, shape }));
          const replicas = shapes.map((shape, at) => ({ name: `r${at}`, shape, count: 1 }));
          const named = makeNamedTask(of, replicas, 'most-accelerators');
          const placed = placeFirst(of, replicas.slice(0, -1));
          const found = run(replicas, placed, moves, of);
          expect(found.moves).toBeLessThanOrEqual(moves);
          expect(found.gainNano).toBeLessThanOrEqual(found.boundNano);
          const rooms = new Map(of.map(({ name, shape }) => [name, makeEmptyRoom(shape)]));
          const shapeOf = (name: string) => shapes[Number(name.slice(1))] ?? aReplica();
          for (const { node, held: own } of placed) {
            for (const each of own)
              rooms.set(node, takeRoom(shapeOf(each.replica), rooms.get(node) as Room, each.devices));
          }
          for (const { name, from, to } of found.steps) {
            if (to !== null) rooms.set(to.node, takeRoom(shapeOf(name), rooms.get(to.node) as Room, to.devices));
            if (from === null) continue;
            const { cpuMilli, memoryMib, deviceMilli } = shapeOf(name);
            const room = rooms.get(from.node) as Room;
            const freeMilli = room.freeMilli.map((free, at) => (from.devices.includes(at) ? free + deviceMilli : free));
            rooms.set(from.node, {
              ...room,
              cpuMilli: room.cpuMilli + cpuMilli,
              memoryMib: room.memoryMib + memoryMib,
              freeMilli,
            });
          }
          if (found.wanted === 'replicas') {
            const running = placed.flatMap((node) => node.held.map(({ replica }) => shapeOf(replica)));
            const before = running.reduce((sum, shape) => sum + shape.devices * shape.deviceMilli * 1_000_000, 0);
            expect(before + Number(found.gainNano)).toBeLessThanOrEqual(searchPacking(named.task));
          }
        },
      ),
      { numRuns: 30 },
    );
  });
});

/** Places each replica on the first node with room. */
function placeFirst(
  of: readonly { readonly name: string; readonly shape: Parameters<typeof makeEmptyRoom>[0] }[],
  replicas: readonly NamedReplicas[],
): readonly NamedPlacement[] {
  const rooms = of.map(({ shape }) => makeEmptyRoom(shape));
  const placed = of.map(({ name }) => ({ node: name, held: [] as { replica: string; devices: readonly number[] }[] }));
  for (const { name, shape } of replicas) {
    const at = rooms.findIndex((room) => fitsRoom(shape, room) && listChoices(shape, room).length > 0);
    const room = rooms[at];
    const [own] = room === undefined ? [] : listChoices(shape, room);
    if (room === undefined || own === undefined) continue;
    rooms[at] = takeRoom(shape, room, own);
    placed[at]?.held.push({ replica: name, devices: own });
  }
  return placed;
}
