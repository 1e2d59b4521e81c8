import { afterEach, beforeEach, expect, it } from 'vitest';
import { aReleaseRequest } from '../../testing/builders/release-fixture.ts';
import { ControlPlaneRig } from '../../testing/rigs/control-plane-rig.ts';
import { asOperator } from '../../testing/rigs/control-plane-server.ts';
import type { FleetEntry, FleetView } from '../../schemas/view/fleet-view.ts';

const environment = 'default';
const names = Array.from({ length: 50 }, (_, index) => `service-${String(index).padStart(2, '0')}`);
/** More than there are slots for turns. */
const hanging = names.slice(0, 10);
const [throws = '', burns = '', ...healthy] = names.slice(10);
const host = '127.0.0.1:7070';

let rig: ControlPlaneRig;
let looks: Map<string, number>;
beforeEach(async () => {
  rig = new ControlPlaneRig();
  looks = new Map();
  rig.services = null;
  rig.observing = async ({ service }) => {
    looks.set(service, (looks.get(service) ?? 0) + 1);
    if (hanging.includes(service)) await new Promise<never>(() => undefined);
    if (service === throws) throw new Error('the platform of this service is broken');
    if (service === burns) for (const endMs = performance.now() + 3; performance.now() < endMs;);
  };
  await rig.start();
});
afterEach(() => rig.stop());

/** Each with a contract of its own: other replicas, another start budget, another command. */
async function releaseAll(): Promise<void> {
  const server = await rig.server();
  const untilMs = rig.clock.nowMs() + 86_400_000;
  for (const [index, service] of names.entries()) {
    const request = await aReleaseRequest(rig.blobs, 1 + (index % 7), {
      ...{ service, environment, codeName: `code-of-${service}` },
      contract: { owner: `team-${index % 5}`, coldStart: { p90: `${20 + index}s` } },
      waivers: [{ kind: 'cold-start', reason: 'first try', untilMs }],
    });
    const answer = await server.inject({
      method: 'POST',
      url: '/v1/releases',
      headers: { host, ...asOperator },
      payload: request,
    });
    expect(answer.statusCode, answer.body).toBe(201);
  }
}

const entries = async (): Promise<ReadonlyMap<string, FleetEntry>> => {
  const answer = await (await rig.server()).inject({ url: '/v1/fleet', headers: { host } });
  return new Map(answer.json<FleetView>().services.map((entry) => [entry.service, entry]));
};

it('fifty services go live through the HTTP interface beside ten that hang, one that throws and one that burns', async () => {
  await releaseAll();
  await rig.pass(15_000);
  const before = new Map(looks);
  await rig.pass(10_000);
  const list = await entries();
  expect([...list.keys()]).toEqual(names);
  for (const service of [...healthy, burns]) {
    expect(list.get(service), service).toMatchObject({ live: { release: 1 }, replicas: { ready: 1 }, underWay: null });
    // A turn a second, whatever the others do.
    expect((looks.get(service) ?? 0) - (before.get(service) ?? 0), service).toBeGreaterThanOrEqual(9);
  }
  for (const service of hanging) expect(list.get(service), service).toMatchObject({ live: null });
  expect(list.get(throws)?.health?.sentence).toContain('the platform of this service is broken');
  expect((await rig.store.deployment(throws, environment))?.live).toBeNull();
}, 60_000);

it('a start waits for no service: one whose evidence cannot be judged now keeps its replicas and its routing', async () => {
  rig.observing = async ({ service }) => void looks.set(service, (looks.get(service) ?? 0) + 1);
  await releaseAll();
  await rig.pass(5_000);
  const replicas = rig.machine.replicas().map(({ replicaId }) => replicaId);
  await rig.crash();
  const ends: (() => void)[] = [];
  rig.judging = () => new Promise<void>((resolve) => ends.push(resolve));
  await rig.start('host:boot:2:1');
  await rig.pass(10_000);
  looks.clear();
  await rig.pass(5_000);
  for (const service of names) expect(looks.get(service) ?? 0, service).toBeGreaterThanOrEqual(4);
  expect(rig.controlPlane.holdings.routingTables()).toHaveLength(names.length);
  expect(rig.machine.replicas().map(({ replicaId }) => replicaId)).toEqual(replicas);
  for (const end of ends) end();
}, 60_000);

it('a service that comes back to its senses goes on, and nothing has to be started again', async () => {
  await releaseAll();
  await rig.pass(3_000);
  rig.observing = () => Promise.resolve();
  await rig.pass(5_000);
  expect((await entries()).get(throws)).toMatchObject({ live: { release: 1 } });
}, 60_000);
