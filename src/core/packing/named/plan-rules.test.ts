import { beforeAll, expect, test } from 'vitest';
import { loadHighsSolver } from '../../../adapters/highs/highs-solver.ts';
import { aNode, aReplica } from '../../../testing/builders/packing/packing-builders.ts';
import type { LinearSolver } from '../linear-program.ts';
import { planPlacement, verifyPlan } from '../plan/plan-placement.ts';
import { makeNamedTask, namePlacement, readNamedPlacement } from './named-task.ts';
import { applyRules, countHeadroom, keepPrevious } from './plan-rules.ts';

let solver: LinearSolver;
beforeAll(async () => {
  solver = await loadHighsSolver();
});

/** Three nodes of two devices. */
const nodes = ['n1', 'n2', 'n3'].map((name) => ({ name, shape: aNode() }));
const chat = { name: 'chat', shape: aReplica({ cpuMilli: 1_000 }), count: 4 };

function plan(replicas: Parameters<typeof makeNamedTask>[1], of = nodes) {
  const named = makeNamedTask(of, replicas, 'most-accelerators');
  const planned = planPlacement(named.task, solver);
  expect(verifyPlan(named.task, planned)).toEqual({ verdict: 'proven' });
  return { named, planned, placed: namePlacement(named, planned.placement) };
}

test('a service with a limit is spread, and the bound knows that no more fits', () => {
  const { planned, placed } = plan(applyRules(nodes, [chat], { headroomDevices: 0, perNode: 1 }));
  expect(placed.nodes.map(({ held }) => held.length)).toEqual([1, 1, 1]);
  expect(planned).toMatchObject({ valueNano: 3_000_000_000n, gapShare: 0, allPlaced: 'impossible' });
});

test('two services of one shape have limits of their own, and a limit of a row is kept', () => {
  const own = { ...chat, name: 'own', shape: { ...chat.shape, perNode: { service: 'own', atMost: 2 } }, count: 2 };
  const ruled = applyRules(nodes, [{ ...chat, count: 2 }, { ...chat, name: 'words', count: 2 }, own], {
    headroomDevices: 0,
    perNode: 1,
  });
  expect(ruled.map(({ shape }) => shape.perNode)).toEqual([
    { service: 'chat', atMost: 1 },
    { service: 'words', atMost: 1 },
    { service: 'own', atMost: 2 },
  ]);
  expect(plan(ruled).planned.allPlaced).toBe('yes');
});

test('headroom is kept before replicas are placed, and the bound counts replicas alone', () => {
  const rules = { headroomDevices: 2, perNode: null };
  const { planned, placed } = plan(applyRules(nodes, [{ ...chat, count: 5 }], rules));
  expect(planned).toMatchObject({ valueNano: 4_000_000_000n, gapShare: 0, allPlaced: 'impossible' });
  expect(planned.certificate.boundNano).toBe(4_000_000_000n);
  expect(placed.unplaced).toEqual([{ replica: 'chat', count: 1 }]);
});

test('headroom is not kept on devices that no replica accepts, and a plan without all of it has no gap', () => {
  const models = ['T4'];
  const others = [...nodes, { name: 'x', shape: aNode({ model: 'P100' }) }];
  const replicas = [{ ...chat, shape: aReplica({ models }), count: 6 }];
  const { placed } = plan(applyRules(others, replicas, { headroomDevices: 1, perNode: null }), others);
  expect(placed.unplaced).toEqual([{ replica: 'chat', count: 1 }]);
  const { planned } = plan(applyRules(others, replicas, { headroomDevices: 7, perNode: null }), others);
  expect(planned).toMatchObject({ gapShare: null, allPlaced: 'impossible', valueNano: 0n });
});

test.each([
  ['2', 2],
  ['5%', 1],
  ['50%', 3],
  ['100%', 6],
  ['0', 0],
  ['1.5', null],
  ['two', null],
  ['-1', null],
])('%s headroom of 6 devices is %s devices', (text, devices) => {
  expect(countHeadroom(text, nodes)).toBe(devices);
});

test('the previous release is placed beside the live one, with a limit of its own', () => {
  const limited = { ...chat, shape: { ...chat.shape, perNode: { service: 'chat', atMost: 1 } }, count: 3 };
  const previous = keepPrevious(limited, 3);
  expect(previous).toMatchObject({ name: 'chat (previous)', shape: { perNode: { service: 'chat (previous)' } } });
  expect(plan([limited, previous]).placed.nodes.map(({ held }) => held.map(({ replica }) => replica).sort())).toEqual([
    ['chat', 'chat (previous)'],
    ['chat', 'chat (previous)'],
    ['chat', 'chat (previous)'],
  ]);
});

test('MIG replicas count by the boards of the nodes, are placed on instances, and other instances are refused', () => {
  const boards = [{ name: 'n1', shape: aNode({ devices: 1, board: 'A100-80' }) }];
  const sized = (name: string, profile: string, count: number) => ({
    name,
    count,
    shape: aReplica({ cpuMilli: 100, deviceMilli: 1, profiles: [profile] }),
  });
  const rules = { headroomDevices: 0, perNode: null };
  const ruled = applyRules(boards, [sized('small', '1g', 3), sized('large', '3g', 1), sized('odd', '4g', 1)], rules);
  expect(ruled.map(({ shape }) => shape.deviceMilli)).toEqual([125, 500, 500]);
  // 4g and 3g fill all eight memory slices; with three 1g only one of them fits, and less is held.
  const { named, planned, placed } = plan(ruled, boards);
  expect(planned).toMatchObject({ valueNano: 1_000_000_000n, gapShare: 0 });
  expect(placed.nodes[0]?.held.map(({ replica, instance }) => [replica, instance?.start]).sort()).toEqual([
    ['large', 4],
    ['odd', 0],
  ]);
  expect(readNamedPlacement(named, placed.nodes).answer).toBe('placement');
  const moved = placed.nodes.map((node) => ({
    ...node,
    held: node.held.map((each) => ({ ...each, instance: { profile: '4g.40gb', start: 0 } })),
  }));
  expect(readNamedPlacement(named, moved)).toMatchObject({
    answer: 'refused',
    reason: expect.stringContaining('MIG instances of n1') as string,
  });
});
