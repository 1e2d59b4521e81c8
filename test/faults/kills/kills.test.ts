import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ReplicaView } from '../../../src/schemas/view/view.ts';
import { Load } from '../../rigs/load.ts';
import { report, rounds, seed, seededRandom } from '../../rigs/seeded.ts';
import { tinyModel } from '../../rigs/tiny-model.ts';
import { killNow } from '../../rigs/running-up.ts';
import { World } from '../../rigs/world.ts';
import { Writer } from './writer.ts';

/**
 * kill -9 under load, at random moments of a running system. One world for all of it: what one kill breaks, the next
 * rounds and the last check see.
 */
const replicas = 3;
const model = tinyModel(1);
const random = seededRandom(seed);
let world: World;
let load: Load;
let writer: Writer;

beforeAll(async () => {
  world = await World.open({ replicas });
  await world.release(model);
  load = new Load(world.gatewayUrl, [model]);
  writer = new Writer(world);
});
afterAll(async () => {
  await load.end();
  await writer.end();
  await world.close();
});

const pidsOf = (views: readonly ReplicaView[]): readonly (number | null)[] =>
  views.map((replica) => replica.pid).sort((a, b) => (a ?? 0) - (b ?? 0));
/**
 * A kill falls into reports, reconciles, probes and writes alike. A program that dies within 2 s of its first answer
 * waits before its next start, longer each time in a row: of the programs about half the kills come later than that.
 */
const randomMoment = (withinMs = 1_500): Promise<void> => delay(random() * withinMs);
const programMomentMs = 4_000;

it(`the control plane, ${rounds} times: nobody notices, nothing is lost, everything is adopted`, async () => {
  let kept = 0;
  let answered = 0;
  for (let round = 0; round < rounds; round += 1) {
    const before = await world.untilServing('all replicas serve');
    const gateway = world.programPid('gateway');
    load.take();
    await randomMoment(programMomentMs);
    const events = await world.events();
    await killNow(world.programPid('control-plane') ?? 0);
    await world.until('a control plane answers again', async () => (await world.tryView()) !== null);
    const after = await world.untilServing('all replicas serve again');
    const { failures, answered: meanwhile } = load.take();
    expect(failures).toEqual([]);
    expect(pidsOf(after)).toEqual(pidsOf(before));
    expect(after.map((replica) => replica.restarts)).toEqual(before.map((replica) => replica.restarts));
    expect(world.programPid('gateway')).toBe(gateway);
    const present = await world.events();
    expect(present.slice(0, events.length)).toEqual(events);
    expect(present.map((event) => event.seq)).toEqual(present.map((_, index) => index + 1));
    expect(world.integrity()).toEqual(['ok']);
    kept = present.length;
    answered += meanwhile;
  }
  expect(await writer.lost()).toEqual([]);
  report(
    `control plane killed ${rounds} times: ${answered} requests answered meanwhile, 0 failed; ${replicas} replicas kept their pids; ` +
      `${kept} events in one sequence, ${writer.acknowledged} acknowledged writes all there; integrity_check ok each time`,
  );
});

it(`the gateway, ${rounds} times: clients connect again, nothing else is disturbed`, async () => {
  let failed = 0;
  let longestMs = 0;
  for (let round = 0; round < rounds; round += 1) {
    const before = await world.untilServing('all replicas serve');
    const controlPlane = world.programPid('control-plane');
    load.take();
    await randomMoment(programMomentMs);
    expect(load.take().failures).toEqual([]);
    const killedMs = performance.now();
    await killNow(world.programPid('gateway') ?? 0);
    await world.until('a gateway is ready again', () => world.gatewayReady());
    const seen = load.answered;
    await world.until('clients are answered again', () => load.answered > seen + 8);
    const { failures } = load.take();
    failed += failures.length;
    longestMs = Math.max(longestMs, ...failures.map((failure) => failure.atMs - killedMs));
    const wrong = failures.filter((failure) => !/^(ECONN|UND_ERR_SOCKET|EPIPE|503 )/.test(failure.what));
    expect(wrong).toEqual([]);
    expect(world.programPid('control-plane')).toBe(controlPlane);
    expect(pidsOf(await world.untilServing('all replicas serve'))).toEqual(pidsOf(before));
  }
  report(
    `gateway killed ${rounds} times: ${failed} requests met a closed port or a broken connection, the last of them ` +
      `${(longestMs / 1000).toFixed(1)} s after the kill; control plane and replicas undisturbed`,
  );
});

it(`a replica, ${rounds} times: it costs at most what it had in flight`, async () => {
  let failed = 0;
  let inFlight = 0;
  for (let round = 0; round < rounds; round += 1) {
    const before = await world.untilServing('all replicas serve');
    const controlPlane = world.programPid('control-plane');
    // One that has been ready for a while: its place is filled at once. One that dies soon after its start waits longer.
    const [victim] = [...before].sort((a, b) => (a.readyAtMs ?? 0) - (b.readyAtMs ?? 0));
    await delay(Math.max(0, (victim?.readyAtMs ?? 0) + 10_500 - Date.now()));
    load.take();
    await randomMoment();
    expect(load.take().failures).toEqual([]);
    const atKill = load.inFlight;
    await killNow(victim?.pid ?? 0);
    await world.until(
      'it is seen',
      async () => !pidsOf((await world.tryView())?.replicas ?? []).includes(victim?.pid ?? 0),
    );
    const after = await world.untilServing('all replicas serve again');
    const { failures } = load.take();
    expect(failures.length, JSON.stringify(failures)).toBeLessThanOrEqual(atKill);
    expect(pidsOf(after).filter((pid) => pidsOf(before).includes(pid))).toHaveLength(replicas - 1);
    expect(world.programPid('control-plane')).toBe(controlPlane);
    failed += failures.length;
    inFlight += atKill;
  }
  report(`replica killed ${rounds} times: ${failed} requests failed, ${inFlight} were in flight at the kills`);
});

it(`up itself, ${rounds} times: everything goes on, and the next up adopts it`, async () => {
  let answered = 0;
  for (let round = 0; round < rounds; round += 1) {
    const before = pidsOf(await world.untilServing('all replicas serve'));
    const programs = [world.programPid('gateway'), world.programPid('control-plane')];
    load.take();
    await randomMoment();
    await killNow(world.upPid);
    await delay(random() * 300);
    expect([world.programPid('gateway'), world.programPid('control-plane')]).toEqual(programs);
    const adoptedBefore = (await world.upLog()).split(' adopted: ').length;
    world.startUp();
    await world.until(
      'both are adopted',
      async () => (await world.upLog()).split(' adopted: ').length === adoptedBefore + 2,
    );
    expect([world.programPid('gateway'), world.programPid('control-plane')]).toEqual(programs);
    expect(pidsOf(await world.untilServing('all replicas serve'))).toEqual(before);
    const { failures, answered: meanwhile } = load.take();
    expect(failures).toEqual([]);
    answered += meanwhile;
  }
  report(`up killed ${rounds} times: ${answered} requests answered meanwhile, 0 failed; every pid unchanged`);
});

it('stops in order at the end, and leaves nothing running', async () => {
  await load.end();
  await writer.end();
  expect(await writer.lost()).toEqual([]);
  expect(world.integrity()).toEqual(['ok']);
  expect(await world.close()).toEqual({ status: 0, left: 0 });
});
