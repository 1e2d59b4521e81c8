import { readFileSync } from 'node:fs';
import { afterEach, expect, it } from 'vitest';
import {
  testEnvironment as environment,
  testService as service,
} from '../../../src/testing/builders/rollout-builders.ts';
import { ScalingWorld } from '../../../src/testing/rigs/scaling/scaling-world.ts';
import { makeToldPolicy, sleepingFacts as facts } from '../../../src/testing/rigs/scaling/told-scaling.ts';
import { Load } from '../../rigs/load.ts';
import { report } from '../../rigs/seeded.ts';
import { tinyModel } from '../../rigs/tiny-model.ts';

/** Its weights are 64 MiB. */
const model = tinyModel(1, 4_096);
const weightsBytes = 4 * 4_096 ** 2;

const told = { desired: 2, asleep: 0 };
const policy = makeToldPolicy(told);

let world: ScalingWorld;
let load: Load | null = null;
afterEach(async () => {
  await load?.end();
  load = null;
  await world.close();
});

const replicas = async () => (await world.operations.view(service, environment)).replicas;
const sleeping = async () => (await replicas()).filter(({ state }) => state === 'asleep');
const residentBytes = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? Number.NaN) * 1_024;

it('puts a real replica to sleep and wakes it, over the end of its control plane, without a failed request', async () => {
  Object.assign(told, { desired: 2, asleep: 0 });
  world = await ScalingWorld.open({ policy, facts });
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
  const awakeBytes = new Map((await replicas()).map(({ replicaId, pid }) => [replicaId, residentBytes(pid ?? 0)]));

  Object.assign(told, { desired: 1, asleep: 1 });
  await world.until('one replica sleeps', async () => (await sleeping()).length === 1 && world.routed().length === 1);
  const [asleep] = await sleeping();
  expect(asleep).toBeDefined();
  if (asleep === undefined) return;
  const { replicaId, pid } = asleep;
  const freed = (): number => (awakeBytes.get(replicaId) ?? Number.NaN) - residentBytes(pid ?? 0);
  await world.until('its weights have left its memory', () => freed() > weightsBytes / 2);
  const freedBytes = freed();
  expect(world.processes()).toBe(2);

  await world.replaceControlPlane();
  await world.until('the next control plane finds it asleep', async () => (await sleeping()).length === 1);
  expect(await sleeping()).toMatchObject([{ replicaId, pid }]);
  expect(world.routed()).toHaveLength(1);

  Object.assign(told, { desired: 2, asleep: 0 });
  await world.until('it serves again', () => world.routed().includes(replicaId));
  expect((await replicas()).find((each) => each.replicaId === replicaId)).toMatchObject({ state: 'ready', pid });
  expect(world.processes()).toBe(2);
  await world.until('the wake is on record', async () => (await woken()).length === 1);
  const [event] = await woken();
  await load.end();
  expect(load.failures).toEqual([]);
  const tookMs = event?.kind === 'replica.woken' ? (event.data.tookMs ?? Number.NaN) : Number.NaN;
  expect(tookMs).toBeGreaterThan(0);
  const mebibytes = Math.round(freedBytes / 2 ** 20);
  report(
    `sleep: ${mebibytes} MiB freed of 64 MiB weights, woken in ${Math.round(tookMs)} ms, ${load.answered} answered`,
  );
});

const woken = () => world.store.events({ service, environment, kindPrefix: 'replica.woken' });
