import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadHighsSolver } from '../../../adapters/highs/highs-solver.ts';
import {
  aNode,
  aReplica,
  tinyCutNodes,
  tinyNodes,
  tinyReplicas,
  tinyRuledReplicas,
} from '../../../testing/builders/packing/packing-builders.ts';
import type { LinearSolver } from '../linear-program.ts';
import {
  makeNamedTask,
  namePlacement,
  type NamedNode,
  type NamedPlacement,
  type NamedReplicas,
  type NamedTask,
} from '../named/named-task.ts';
import { planPlacement } from '../plan/plan-placement.ts';
import { roomLeft } from '../plan/placement.ts';
import { listLayoutChanges } from './layout-changes.ts';
import { matchPresent, type MatchedPlan } from './match-present.ts';
import { orderMoves, type MoveStep } from './order-moves.ts';
import { readPresent, type PlacedReplica, type PresentNode } from './present-placement.ts';

let solver: LinearSolver;
beforeAll(async () => {
  solver = await loadHighsSolver();
});

interface Led {
  readonly present: readonly PresentNode[];
  readonly matched: MatchedPlan;
  readonly steps: readonly MoveStep[];
}

/** The way from the present placement to the plan. */
function lead(nodes: readonly NamedNode[], replicas: readonly NamedReplicas[], placed: readonly NamedPlacement[]): Led {
  const named = makeNamedTask(nodes, replicas, 'most-accelerators');
  const read = readPresent(named, placed);
  if (read.answer === 'refused') throw new Error(read.reason);
  const matched = matchPresent(named, planPlacement(named.task, solver).placement, read.nodes);
  return { present: read.nodes, matched, steps: orderMoves(named.task, read.nodes, matched.changes) };
}

const held = (replica: string, ...devices: readonly number[]) => ({ replica, devices });
const two = [
  { name: 'n1', shape: aNode() },
  { name: 'n2', shape: aNode() },
];
const whole = (name: string, count: number) => ({ name, count, shape: aReplica({ cpuMilli: 1_000 }) });

describe('the way from a present placement to a plan', () => {
  test('is empty where the plan can be had on the nodes as they are', () => {
    const placed = [{ node: 'n2', held: [held('chat', 1), held('chat', 0)] }];
    const { matched, steps } = lead(two, [whole('chat', 2)], placed);
    expect(matched).toMatchObject({ staying: 2, changes: [] });
    expect(steps).toEqual([]);
  });

  test('stops first, then starts what is new in the room that is then free', () => {
    const placed = [
      { node: 'n1', held: [held('old', 0), held('old', 1)] },
      { node: 'n2', held: [held('old', 0), held('chat', 1)] },
    ];
    const { matched, steps } = lead(
      two,
      [whole('old', 0), { ...whole('chat', 3), shape: aReplica({ cpuMilli: 2_000 }) }],
      placed,
    );
    expect(matched.staying).toBe(1);
    expect(steps.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      'stop old',
      'stop old',
      'stop old',
      'start chat',
      'start chat',
    ]);
  });

  test('moves one replica where that makes room for one of two devices', () => {
    const placed = [
      { node: 'n1', held: [held('chat', 0)] },
      { node: 'n2', held: [held('chat', 1)] },
    ];
    const pair = { name: 'pair', count: 1, shape: aReplica({ devices: 2, cpuMilli: 2_000 }) };
    const { matched, steps } = lead(two, [whole('chat', 2), pair], placed);
    expect(matched.staying).toBe(1);
    expect(steps.map(({ kind, name }) => `${kind} ${name}`)).toEqual(['move chat', 'start pair']);
  });

  test('drains one replica where two wait for the place of each other', () => {
    // Both nodes are full. The A10 node takes only b, and the T4 node only a, once they have changed places.
    const nodes = [
      { name: 't', shape: aNode({ devices: 1 }) },
      { name: 'a', shape: aNode({ devices: 1, model: 'A10' }) },
    ];
    const of = (name: string, models: readonly string[]) => ({ name, count: 1, shape: aReplica({ models }) });
    const replicas = [of('a', ['T4']), of('b', ['A10'])];
    const { steps } = lead(nodes, replicas, [
      { node: 't', held: [held('b', 0)] },
      { node: 'a', held: [held('a', 0)] },
    ]);
    expect(steps.map(({ kind, name }) => `${kind} ${name}`)).toEqual(['drain b', 'move a', 'start b']);
  });

  test('names what the present placement has and the lists do not', () => {
    const named = makeNamedTask(two, [whole('chat', 2)], 'most-accelerators');
    const reasonOf = (node: string, ...own: NamedPlacement['held'][number][]) =>
      readPresent(named, [{ node, held: own }]);
    expect(reasonOf('n9')).toEqual({ answer: 'refused', reason: 'there is no node n9' });
    expect(reasonOf('n1', held('gone', 0))).toEqual({ answer: 'refused', reason: 'there is no replica gone' });
    expect(reasonOf('n1', held('chat', 0), held('chat', 0))).toMatchObject({ reason: /^n1: the replica does not fit/ });
  });

  test('leads to the plan, and every step has the room that it needs', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.oneof(tinyReplicas, tinyRuledReplicas), fc.integer({ min: 0, max: 3 })), {
          minLength: 1,
          maxLength: 3,
        }),
        fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 3, maxLength: 3 }),
        fc.array(fc.tuple(fc.oneof(tinyNodes, tinyCutNodes), fc.integer({ min: 1, max: 3 })), {
          minLength: 1,
          maxLength: 2,
        }),
        (shapes, before, nodeShapes) => {
          const nodes = nodeShapes.flatMap(([shape, count], at) =>
            Array.from({ length: count }, (_, index) => ({ name: `n${at}-${index}`, shape })),
          );
          const of = (counts: readonly number[]) =>
            shapes.map(([shape], at) => ({ name: `r${at}`, shape, count: counts[at] ?? 0 }));
          const old = makeNamedTask(nodes, of(before), 'most-accelerators');
          const { nodes: placed } = namePlacement(old, planPlacement(old.task, solver).placement);
          const replicas = of(shapes.map(([, count]) => count));
          const { present, matched, steps } = lead(nodes, replicas, placed.slice().reverse());
          const named = makeNamedTask(nodes, replicas, 'most-accelerators');
          const moving = steps.filter(({ kind }) => kind === 'move' || kind === 'drain').length;
          const running = present.reduce((sum, node) => sum + node.held.length, 0);
          const stopped = steps.filter(({ kind }) => kind === 'stop').length;
          expect(running).toBe(matched.staying + moving + stopped);
          const last = replay(named, present, steps);
          for (const node of matched.nodes) {
            expect(sorted(last.get(node.node) ?? [])).toEqual(sorted(node.held));
          }
        },
      ),
      { numRuns: 25 },
    );
  });
});

const sorted = (all: readonly PlacedReplica[]) => all.map(({ name, devices }) => `${name} ${devices.join()}`).sort();

/** Does the steps one by one; `takeRoom` throws where one has no room. */
function replay({ task, replicas }: NamedTask, present: readonly PresentNode[], steps: readonly MoveStep[]) {
  const classOf = new Map(present.map(({ node, nodeClass }) => [node, nodeClass]));
  const nodes = new Map(present.map((node) => [node.node, [...node.held]]));
  for (const { kind, name, from, to } of steps) {
    if (to !== null) {
      const replica = replicas.findIndex((members) => members.some((each) => each.name === name));
      const own = [...(nodes.get(to.node) ?? []), { name, replica, devices: to.devices }];
      roomLeft(task, { nodeClass: classOf.get(to.node) ?? -1, held: own });
      nodes.set(to.node, own);
    }
    if (from !== null && kind !== 'start') {
      const own = nodes.get(from.node) ?? [];
      const at = own.findIndex((each) => each.name === name && each.devices.join() === from.devices.join());
      expect(at).toBeGreaterThanOrEqual(0);
      own.splice(at, 1);
    }
  }
  return nodes;
}

test('a device is reset where it is cut for the first time, and keeps running where further instances are made', () => {
  const nodes = [{ name: 'n1', shape: aNode({ devices: 2, board: 'A100-80' }) }];
  const sized = (name: string, profile: string) => ({
    name,
    count: 1,
    shape: aReplica({ cpuMilli: 100, deviceMilli: 125, profiles: [profile] }),
  });
  const named = makeNamedTask(
    nodes,
    [whole('chat', 1), sized('small', '1g'), sized('large', '3g'), sized('wide', '4g')],
    'most-accelerators',
  );
  const at = (...own: NamedPlacement['held'][number][]): readonly PresentNode[] => {
    const read = readPresent(named, [{ node: 'n1', held: own }]);
    if (read.answer === 'refused') throw new Error(read.reason);
    return read.nodes;
  };
  const changes = (from: readonly PresentNode[], to: readonly PresentNode[]) =>
    listLayoutChanges(named.task, from, to).map(({ device, needs }) => [device, needs]);
  expect(changes(at(held('chat', 0)), at(held('chat', 0), held('small', 1)))).toEqual([[1, 'reset']]);
  expect(changes(at(held('small', 1)), at(held('small', 1), held('large', 1)))).toEqual([[1, 'instances']]);
  expect(changes(at(held('small', 1)), at(held('chat', 1)))).toEqual([[1, 'reset']]);
  expect(changes(at(held('small', 1)), at(held('chat', 0)))).toEqual([]);
  // The only start of 4g is 0, where 3g stands when it is alone.
  expect(changes(at(held('large', 1)), at(held('large', 1), held('wide', 1)))).toEqual([[1, 'drain']]);
});
