import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { FleetWorld } from '../../rigs/fleet-world.ts';
import { Load, type Failure } from '../../rigs/load.ts';
import { report, rounds, seed, seededRandom } from '../../rigs/seeded.ts';
import { tinyModel } from '../../rigs/tiny-model.ts';
import { killNow } from '../../rigs/running-up.ts';

/** kill -9 under load on each service, of one control plane and one gateway that ten services share. */
const services = Array.from({ length: 10 }, (_, index) => `service-${index}`);
const model = tinyModel(1);
const random = seededRandom(seed);
/** The kills of one service are repeated beside this; what differs for ten is seen in a few, unless a number is asked for. */
const fleetRounds = process.env['PLIMSOLL_FAULT_ROUNDS'] === undefined ? 2 : rounds;
const programMomentMs = 4_000;
let world: FleetWorld;
let loads: readonly Load[] = [];

beforeAll(async () => {
  world = await FleetWorld.open(services);
  await world.release(model);
  loads = services.map((service) => new Load(`${world.gatewayUrl}/services/${service}`, [model], 1));
}, 300_000);
afterAll(async () => {
  await Promise.all(loads.map((load) => load.end()));
  await world.close();
});

const take = (): { readonly answered: number; readonly failures: readonly Failure[] } => {
  const taken = loads.map((load) => load.take());
  return {
    answered: taken.reduce((sum, { answered }) => sum + answered, 0),
    failures: taken.flatMap(({ failures }) => failures),
  };
};

it(`the control plane of ten services, ${fleetRounds} times: no request fails, no event is lost, every pid stays`, async () => {
  let answered = 0;
  for (let round = 0; round < fleetRounds; round += 1) {
    const pids = await world.untilServing('all services serve');
    take();
    await delay(random() * programMomentMs);
    const events = await world.events();
    const before = world.programPid('control-plane');
    await killNow(before ?? 0);
    await world.until('another control plane runs', () => ![0, before].includes(world.programPid('control-plane')));
    expect(await world.untilServing('all services serve again')).toEqual(pids);
    const now = await world.events();
    for (const [index, known] of events.entries()) expect(now[index]?.slice(0, known.length)).toEqual(known);
    const meanwhile = take();
    expect(meanwhile.failures).toEqual([]);
    answered += meanwhile.answered;
  }
  report(
    `control plane of ten services killed ${fleetRounds} times: ${answered} requests answered meanwhile, 0 failed`,
  );
});

it(`the gateway of ten services, ${fleetRounds} times: every service is answered again, nothing else is disturbed`, async () => {
  let failed = 0;
  for (let round = 0; round < fleetRounds; round += 1) {
    const pids = await world.untilServing('all services serve');
    const controlPlane = world.programPid('control-plane');
    take();
    await delay(random() * programMomentMs);
    expect(take().failures).toEqual([]);
    await killNow(world.programPid('gateway') ?? 0);
    await world.until('a gateway is ready again', () => world.gatewayReady());
    const seen = loads.map((load) => load.answered);
    await world.until('every service is answered', () =>
      loads.every((load, index) => load.answered > (seen[index] ?? 0) + 2),
    );
    const { failures } = take();
    failed += failures.length;
    expect(failures.filter(({ what }) => !/^(ECONN|UND_ERR_SOCKET|EPIPE|503 )/.test(what))).toEqual([]);
    expect(world.programPid('control-plane')).toBe(controlPlane);
    expect(await world.untilServing('all services serve')).toEqual(pids);
  }
  report(
    `gateway of ten services killed ${fleetRounds} times: ${failed} requests met a closed port or a broken connection`,
  );
});

it(`a replica, ${fleetRounds} times: the other services notice nothing`, async () => {
  for (let round = 0; round < fleetRounds; round += 1) {
    const pids = await world.untilServing('all services serve');
    const victim = Math.floor(random() * services.length);
    await delay(random() * 1_500);
    take();
    await killNow(pids[victim] ?? 0);
    await delay(500);
    const others = loads.filter((_, index) => index !== victim).flatMap((load) => load.take().failures);
    expect(others).toEqual([]);
    await world.until('it is seen', async () => {
      const replicas = ((await world.views()) ?? []).flatMap((view) => view.replicas);
      return replicas.length > 0 && !replicas.some(({ pid }) => pid === pids[victim]);
    });
    const after = await world.untilServing('all services serve again');
    expect(after.filter((pid, index) => pid !== pids[index] && index !== victim)).toEqual([]);
  }
  report(`a replica of ten services killed ${fleetRounds} times: no request of another service failed`);
});

it(`up itself, ${fleetRounds} times: everything goes on, and the next up adopts it`, async () => {
  for (let round = 0; round < fleetRounds; round += 1) {
    const pids = await world.untilServing('all services serve');
    const programs = [world.programPid('gateway'), world.programPid('control-plane')];
    take();
    await delay(random() * 1_500);
    await killNow(world.upPid);
    const adopted = (await world.upLog()).split(' adopted: ').length;
    world.startUp();
    await world.until('both are adopted', async () => (await world.upLog()).split(' adopted: ').length === adopted + 2);
    expect([world.programPid('gateway'), world.programPid('control-plane')]).toEqual(programs);
    expect(await world.untilServing('all services serve')).toEqual(pids);
    expect(take().failures).toEqual([]);
  }
  report(`up of ten services killed ${fleetRounds} times: 0 failed, every pid unchanged`);
});

it('stops in order at the end, and leaves nothing running', async () => {
  await Promise.all(loads.map((load) => load.end()));
  expect(await world.close()).toEqual({ status: 0, left: 0 });
});
