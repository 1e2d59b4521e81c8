import { describe, expect, it } from 'vitest';
import { PlimsollError } from '../../units/errors.ts';
import type { NodeShape, ReplicaShape } from '../room.ts';
import { planPlacement } from '../plan/plan-placement.ts';
import { loadHighsSolver } from '../../../adapters/highs/highs-solver.ts';
import { changeNodes } from './change-nodes.ts';
import { makeNamedTask, namePlacement, readNamedPlacement } from './named-task.ts';

const node = (devices: number): NodeShape => ({ cpuMilli: 8_000, memoryMib: 1_024, devices, model: 'T4' });
const replica = (deviceMilli: number): ReplicaShape => ({
  cpuMilli: 1,
  memoryMib: 1,
  devices: 1,
  deviceMilli,
  models: [],
});
const nodes = [
  { name: 'n1', shape: node(1) },
  { name: 'n2', shape: node(2) },
  { name: 'n3', shape: node(1) },
];
const replicas = [
  { name: 'chat', shape: replica(500), count: 2 },
  { name: 'digits', shape: replica(1_000), count: 1 },
  { name: 'words', shape: replica(500), count: 1 },
];
const named = makeNamedTask(nodes, replicas, 'most-accelerators');

describe('a task with names', () => {
  it('has a class for each shape, and the names of each class', () => {
    expect(named.task.nodes.map(({ count }) => count)).toEqual([2, 1]);
    expect(named.task.replicas.map(({ count }) => count)).toEqual([3, 1]);
    expect(named.nodes).toEqual([['n1', 'n3'], ['n2']]);
  });

  it('has no class of its own for a limit that is never reached', () => {
    const limited = (name: string, count: number) => ({
      name,
      count,
      shape: { ...replica(500), perNode: { service: name, atMost: 1 } },
    });
    const { replicas: classes } = makeNamedTask(
      nodes,
      [limited('a', 1), limited('b', 2), limited('c', 1)],
      'fewest-nodes',
    );
    expect(classes.map((members) => members.map(({ name }) => name))).toEqual([['a', 'c'], ['b']]);
  });

  it('gives each node and replica of a placement a name of its class, and reads the names back', () => {
    const placement = {
      nodes: [
        {
          nodeClass: 0,
          held: [
            { replica: 0, devices: [0] },
            { replica: 0, devices: [0] },
          ],
        },
        { nodeClass: 1, held: [{ replica: 1, devices: [1] }] },
      ],
      unplaced: [1, 0],
    };
    const placed = namePlacement(named, placement);
    expect(placed).toEqual({
      nodes: [
        {
          node: 'n1',
          held: [
            { replica: 'chat', devices: [0] },
            { replica: 'chat', devices: [0] },
          ],
        },
        { node: 'n2', held: [{ replica: 'digits', devices: [1] }] },
      ],
      unplaced: [{ replica: 'words', count: 1 }],
    });
    expect(readNamedPlacement(named, placed.nodes)).toEqual({ answer: 'placement', placement });
  });

  it('refuses names that it does not have, or not so often', () => {
    const reasonOf = (...placed: Parameters<typeof readNamedPlacement>[1]): string => {
      const read = readNamedPlacement(named, placed);
      return read.answer === 'refused' ? read.reason : 'read';
    };
    const held = (name: string) => ({ replica: name, devices: [0] });
    expect(reasonOf({ node: 'n9', held: [] })).toBe('there is no node n9');
    expect(reasonOf({ node: 'n1', held: [] }, { node: 'n1', held: [] })).toBe('the node n1 is named twice');
    expect(reasonOf({ node: 'n1', held: [held('gone')] })).toBe('there is no replica gone');
    expect(reasonOf({ node: 'n1', held: [held('words'), held('words')] })).toBe(
      'words is placed more often than it is asked for',
    );
  });
});

describe('a change that somebody considers', () => {
  it('adds nodes like another, and takes one away', () => {
    expect(changeNodes(nodes, 'add=2xn2').map(({ name }) => name)).toEqual(['n1', 'n2', 'n3', 'n2+1', 'n2+2']);
    expect(changeNodes(changeNodes(nodes, 'add=n2'), 'add=n2').at(-1)).toEqual({ name: 'n2+2', shape: node(2) });
    expect(changeNodes(nodes, 'drain=n1').map(({ name }) => name)).toEqual(['n2', 'n3']);
  });

  it.each([
    ['add=0xn1', '0 nodes'],
    ['drain=2xn1', 'no change'],
    ['grow=n1', 'no change'],
    ['add=', 'no change'],
    ['drain=n11', 'no node n11'],
  ])('%s is refused', (change, reason) => {
    expect(() => changeNodes(nodes, change)).toThrow(PlimsollError);
    expect(() => changeNodes(nodes, change)).toThrow(reason);
  });
});

it('keeps one limit for rows of one service and of two shapes, the least that is stated', () => {
  const rows = [
    { name: 'chat', count: 2, shape: { ...replica(1), perNode: { service: 'chat', atMost: 3 } } },
    { name: 'chat', count: 2, shape: { ...replica(0), devices: 0, perNode: { service: 'chat', atMost: 1 } } },
  ];
  const { task } = makeNamedTask([{ name: 'n1', shape: node(1) }], rows, 'most-accelerators');
  expect(task.replicas.map(({ shape }) => shape.perNode)).toEqual([
    { service: 'chat', atMost: 1 },
    { service: 'chat', atMost: 1 },
  ]);
});

describe('replicas without a device', () => {
  const small = { ...replica(0), devices: 0 };
  const wide = { ...node(0), cpuMilli: 1_000_000_000, memoryMib: 1_000_000_000 };

  it('count on a node up to as many as there are, whatever the node has room for', async () => {
    const { task } = makeNamedTask(
      [{ name: 'n1', shape: wide }],
      [{ name: 'b', shape: small, count: 10_000 }],
      'fewest-nodes',
    );
    const { placement, gapShare } = planPlacement(task, await loadHighsSolver());
    expect(placement.nodes.map(({ held }) => held.length)).toEqual([10_000]);
    expect([placement.unplaced, gapShare]).toEqual([[0], 0]);
  });

  it('are refused by name where more than a node may hold are asked for and fit', () => {
    const make = (shape: NodeShape) =>
      makeNamedTask([{ name: 'n1', shape }], [{ name: 'b', shape: small, count: 10_001 }], 'most-accelerators');
    expect(() => make(wide)).toThrow('b: more than 10000 fit on the node n1');
    expect(make(node(0)).task.replicas[0]?.count).toBe(10_001);
  });
});
