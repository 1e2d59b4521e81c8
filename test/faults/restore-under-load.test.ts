import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { StoredEvent } from '../../src/core/records/event.ts';
import { Load } from './load.ts';
import { report, seed, seededRandom } from './seeded.ts';
import { inferBody, rowOf, tinyModel, type TinyModel } from './tiny-model.ts';
import { killNow, World } from './world.ts';

/** Backups of a service under load at random moments of its releases, and one of them put back in place of what is there. */
const random = seededRandom(seed);
const models = [1, 2, 3, 4, 5].map(tinyModel);
const [first, ...during] = models.slice(0, -1);
const last = models.at(-1);
let world: World;
let load: Load;

beforeAll(async () => {
  world = await World.open({ replicas: 1, keepPreviousMs: 3_600_000 });
  await world.release(first as TinyModel);
  await world.until('the gateway routes', async () => (await servedRelease()) === 1);
  load = new Load(world.gatewayUrl, models);
});
afterAll(async () => {
  await load.end();
  await world.close();
});

interface Backup {
  readonly name: string;
  /** What was acknowledged before it began. */
  readonly acknowledged: readonly StoredEvent[];
}

async function backUp(name: string): Promise<Backup> {
  const acknowledged = await world.events();
  const { status, stderr } = await world.command('store', 'backup', name);
  expect([status, stderr]).toEqual([0, expect.any(String)]);
  return { name, acknowledged };
}

it('no request fails, nothing that was acknowledged before the backup is lost, and gateways follow', async () => {
  const backups: Backup[] = [];
  for (const [index, model] of during.entries()) {
    const moment = delay(random() * 3_000).then(() => backUp(`backup-${index}`));
    await Promise.all([world.release(model), moment]);
    backups.push(await moment);
  }
  await world.release(last as TinyModel);
  const chosen = backups[Math.floor(random() * backups.length)] as Backup;
  const before = await world.tryView();
  expect(load.take().failures).toEqual([]);

  const refused = await world.command('store', 'restore', chosen.name, '--replace');
  expect(refused).toMatchObject({ status: 1, stderr: expect.stringContaining('plimsoll up --stop') });
  await killNow(world.upPid);
  await killNow(world.programPid('control-plane') ?? 0);
  const restored = await world.command('store', 'restore', chosen.name, '--replace');
  expect(restored).toMatchObject({ status: 0 });
  expect((await world.command('store', 'verify')).status).toBe(0);

  world.startUp();
  await world.until('the control plane answers', async () => (await world.tryView()) !== null);
  const answersMs = performance.now();
  await world.until('the gateway follows the restored records', async () => {
    const view = await world.tryView();
    const generation = view?.routingGeneration ?? 0;
    return (
      generation > (before?.routingGeneration ?? 0) &&
      view?.gateways.length === 1 &&
      view.gateways.every(({ acknowledgedGeneration }) => acknowledgedGeneration === generation)
    );
  });
  const followedMs = performance.now() - answersMs;
  const present = await world.events();
  expect(present.slice(0, chosen.acknowledged.length)).toEqual(chosen.acknowledged);
  expect(present.map(({ seq }) => seq)).toEqual(present.map((_, index) => index + 1));
  await world.until('requests reach the release that the restored records say', async () => {
    const deployment = (await world.tryView())?.deployment;
    return deployment?.phase === 'live' && deployment.live === (await servedRelease());
  });
  await delay(2_000);
  const { answered, failures } = load.take();
  expect(failures).toEqual([]);
  expect(followedMs).toBeLessThan(5_000);
  expect(world.integrity()).toEqual(['ok']);
  report(
    `restored ${chosen.name} of 3 backups (${chosen.acknowledged.length} events acknowledged before it, ` +
      `${before?.deployment?.live} releases until the restore): ${answered} requests answered meanwhile, 0 failed; ` +
      `the gateway followed ${(followedMs / 1000).toFixed(1)} s after the control plane answered`,
  );
});

async function servedRelease(): Promise<number> {
  const answer = await fetch(`${world.gatewayUrl}/v2/models/tiny/infer`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: inferBody(rowOf(1)),
  });
  await answer.body?.cancel();
  return Number(answer.headers.get('plimsoll-release'));
}
