import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ReplicaSleeper } from '../../../src/ports/serving/replica-sleeper.ts';
import {
  testEnvironment as environment,
  testService as service,
} from '../../../src/testing/builders/rollout-builders.ts';
import { ScalingWorld } from '../../../src/testing/rigs/scaling/scaling-world.ts';
import { makeToldPolicy, sleepingFacts as facts } from '../../../src/testing/rigs/scaling/told-scaling.ts';
import { Load } from '../../rigs/load.ts';
import { killNow } from '../../rigs/running-up.ts';
import { tinyModel } from '../../rigs/tiny-model.ts';

/** kill -9 of the built-in server in each moment of `unload` and `load`: the replica that stays answers every request. */
const model = tinyModel(1, 1_024);
const told = { desired: 2, asleep: 0 };
const policy = makeToldPolicy(told);

type Moment = 'before-sleep' | 'after-sleep' | 'asleep' | 'before-wake' | 'after-wake';
let kills: Moment | null = null;
let killed: string | null = null;

/** Kills the replica that is told to sleep or to wake, in the moment that is set, once. */
function killing(real: ReplicaSleeper): ReplicaSleeper {
  const at = async (moment: Moment, replicaId: string): Promise<void> => {
    if (kills !== moment) return;
    kills = null;
    await kill(replicaId);
  };
  return {
    isAsleep: (target, signal) => real.isAsleep(target, signal),
    sleep: async (target, signal) => {
      await at('before-sleep', target.replicaId);
      await real.sleep(target, signal);
      await at('after-sleep', target.replicaId);
    },
    wake: async (target, signal) => {
      await at('before-wake', target.replicaId);
      await real.wake(target, signal);
      await at('after-wake', target.replicaId);
    },
  };
}

let world: ScalingWorld;
let load: Load;
beforeAll(async () => {
  world = await ScalingWorld.open({ policy, facts, sleeper: killing });
  const { name, digest, file, signature, bytes } = model;
  await world.release({
    model: { name, version: 1, digest, format: 'onnx', files: [file], signature },
    bytes,
    golden: model.golden(),
    replicas: { min: 1, max: 3 },
    sleep: { replicas: 1, wake: '5s' },
  });
  await world.until('two replicas serve', () => world.routed().length === 2);
  load = new Load(world.gatewayUrl, [model], 1);
}, 300_000);
afterAll(async () => {
  await load.end();
  await world.close();
}, 120_000);

const replicas = async () => (await world.operations.view(service, environment)).replicas;
const stateOf = async (replicaId: string | null) =>
  (await replicas()).find((each) => each.replicaId === replicaId)?.state;
async function kill(replicaId: string): Promise<void> {
  const pid = (await replicas()).find((each) => each.replicaId === replicaId)?.pid ?? 0;
  expect(pid).toBeGreaterThan(0);
  killed = replicaId;
  await killNow(pid);
}

it.each(['before-sleep', 'after-sleep', 'asleep', 'before-wake', 'after-wake'] as const)(
  '%s: another process takes its place, and no request fails',
  async (moment) => {
    [kills, killed] = [moment, null];
    const before = new Set((await replicas()).map(({ pid }) => pid));
    Object.assign(told, { desired: 1, asleep: 1 });
    if (moment === 'asleep' || moment.endsWith('wake')) {
      await world.until('one sleeps', async () => (await replicas()).some(({ state }) => state === 'asleep'));
    }
    if (moment === 'asleep') {
      kills = null;
      await kill((await replicas()).find(({ state }) => state === 'asleep')?.replicaId ?? '');
    } else if (moment.endsWith('wake')) Object.assign(told, { desired: 2, asleep: 0 });
    await world.until('it was killed', () => killed !== null);
    await world.until('it is over', async () => {
      const state = await stateOf(killed);
      return state === undefined || state === 'failed' || state === 'stopped';
    });
    Object.assign(told, { desired: 2, asleep: 0 });
    await world.until('two serve again', () => world.routed().length === 2 && !world.routed().includes(killed ?? ''));
    await world.until('no other process is left', () => world.processes() === 2);
    const after = (await replicas()).filter(({ state }) => state === 'ready').map(({ pid }) => pid);
    expect(after.filter((pid) => before.has(pid))).toHaveLength(1);
    expect(load.failures).toEqual([]);
  },
  300_000,
);
