import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { StoredEvent } from '../../../src/core/records/event.ts';
import { Load } from '../../rigs/load.ts';
import { report, rounds, seed, seededRandom } from '../../rigs/seeded.ts';
import { inferBody, rowOf, tinyModel, type TinyModel } from '../../rigs/tiny-model.ts';
import { killNow } from '../../rigs/running-up.ts';
import { World } from '../../rigs/world.ts';

/**
 * Round by round: a backup of a service under load at a random moment of a release, another release, and any backup so far
 * put back in place of what is there.
 */
const random = seededRandom(seed);
/** A few show it, unless a number is asked for. */
const restores = process.env['PLIMSOLL_FAULT_ROUNDS'] === undefined ? 2 : rounds;
const models = Array.from({ length: 1 + 2 * restores }, (_, index) => tinyModel(index + 1));
let world: World;
let load: Load;

beforeAll(async () => {
  world = await World.open({ replicas: 1, keepPreviousMs: 3_600_000 });
  await world.release(models[0] as TinyModel);
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

const title = `${restores} backups at random moments: no request fails, nothing acknowledged before is lost, gateways follow`;
it(title, async () => {
  let answered = 0;
  let slowestMs = 0;
  const backups: Backup[] = [];
  for (let round = 0; round < restores; round += 1) {
    const during = models[1 + 2 * round] as TinyModel;
    const moment = delay(random() * 3_000).then(() => backUp(`backup-${round}`));
    await Promise.all([world.release(during), moment]);
    backups.push(await moment);
    await world.release(models[2 + 2 * round] as TinyModel);
    slowestMs = Math.max(slowestMs, await putBack(backups[Math.floor(random() * backups.length)] as Backup));
    await delay(2_000);
    const taken = load.take();
    expect(taken.failures).toEqual([]);
    answered += taken.answered;
  }
  expect(world.integrity()).toEqual(['ok']);
  report(
    `${restores} backups at random moments of a release, each put back under load: ${answered} requests answered, ` +
      `0 failed; the gateway followed ${(slowestMs / 1000).toFixed(1)} s at most after the control plane answered`,
  );
});

/** @returns how long the gateway took to follow, in ms, from when the control plane answered. */
async function putBack({ name, acknowledged }: Backup): Promise<number> {
  const before = await world.tryView();
  const refused = await world.command('store', 'restore', name, '--replace');
  expect(refused).toMatchObject({ status: 1, stderr: expect.stringContaining('plimsoll up --stop') });
  await killNow(world.upPid);
  await killNow(world.programPid('control-plane') ?? 0);
  expect(await world.command('store', 'restore', name, '--replace')).toMatchObject({ status: 0 });
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
  expect(present.slice(0, acknowledged.length)).toEqual(acknowledged);
  expect(present.map(({ seq }) => seq)).toEqual(present.map((_, index) => index + 1));
  await world.until('requests reach the release that the restored records say', async () => {
    const deployment = (await world.tryView())?.deployment;
    return deployment?.phase === 'live' && deployment.live === (await servedRelease());
  });
  expect(followedMs).toBeLessThan(5_000);
  return followedMs;
}

async function servedRelease(): Promise<number> {
  const answer = await fetch(`${world.gatewayUrl}/v2/models/tiny/infer`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: inferBody(rowOf(1)),
  });
  await answer.body?.cancel();
  return Number(answer.headers.get('plimsoll-release'));
}
