import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { aReleaseRequest } from '../../testing/builders/release-fixture.ts';
import { ControlPlaneRig } from '../../testing/rigs/control-plane-rig.ts';
import { asOperator } from '../../testing/rigs/control-plane-server.ts';

const environment = 'default';
const chat = { service: 'chat', environment };
const digits = { service: 'digits', environment };
const reason = 'nobody uses it';

let rig: ControlPlaneRig;
beforeEach(async () => {
  rig = new ControlPlaneRig();
  rig.services = null;
  await rig.start();
});
afterEach(() => rig.stop());

const release = async (model: number, scope = digits) =>
  rig.operations().release(await aReleaseRequest(rig.blobs, model, { ...scope, codeName: `code-of-${scope.service}` }));
const remove = (scope = digits) => rig.operations().removeService({ ...scope, reason });
const replicasOf = ({ service }: typeof digits) =>
  rig.machine.replicas().filter(({ owner }) => owner === `${service}/${environment}`);
const originOf = async ({ service }: typeof digits) =>
  (await rig.store.heldServices()).find((each) => each.service === service)?.origin;
const kindsOf = async (scope: typeof digits) => (await rig.store.events({ ...scope })).map(({ kind }) => kind);
const listed = () =>
  rig.controlPlane.holdings.gatewayServices().services.map(({ service, names }) => [service, ...names]);

describe('removing a service', () => {
  beforeEach(async () => {
    await release(1);
    await release(1, chat);
    await rig.pass(15_000);
  });

  it('during its rollout takes its traffic away, stops its replicas, keeps its records, and touches no other', async () => {
    const ofChat = async () => ({
      routing: await rig.store.routing('chat', environment),
      replicas: replicasOf(chat).map(({ replicaId }) => replicaId),
    });
    const before = await ofChat();
    rig.machine.behaviour = () => ({ kind: 'never-ready' });
    await release(2);
    await rig.pass(2_000);
    expect(replicasOf(digits).length).toBeGreaterThan(1);
    expect(await remove()).toMatchObject({ ...digits, state: 'leaving' });
    expect(listed()).toEqual([['chat', 'chat', 'chat--default']]);
    await rig.pass(30_000);
    expect(replicasOf(digits)).toEqual([]);
    expect(await originOf(digits)).toBe('removed');
    expect(rig.controlPlane.services.all().map(({ service }) => service)).toEqual(['chat']);
    expect(await rig.store.routing('digits', environment)).toMatchObject({ splits: [], removed: true });
    expect(await remove()).toEqual({ ...digits, state: 'removed', replicas: 0 });
    const kinds = await kindsOf(digits);
    expect(kinds.filter((kind) => kind === 'service.leaving' || kind === 'service.removed')).toEqual([
      'service.leaving',
      'service.removed',
    ]);
    expect(await rig.store.releaseOutcomes('digits', environment)).toEqual(
      new Map([
        [1, 'was-live'],
        [2, 'failed'],
      ]),
    );
    expect(await rig.operations().releases('digits', environment)).toHaveLength(2);
    expect(await rig.operations().view('digits', environment)).toMatchObject({
      deployment: { phase: 'removed', live: null, incoming: null, reason: `removed by ada: ${reason}` },
      replicas: [],
    });
    expect(await ofChat()).toEqual(before);
  });

  it.each([0, 250, 1_000, 5_000, 10_250])('goes on after a kill %d ms later', async (afterMs) => {
    rig.machine.behaviour = () => ({ kind: 'never-ready' });
    await release(2);
    await rig.pass(500);
    await remove();
    if (afterMs > 0) await rig.pass(afterMs);
    await rig.crash();
    await rig.start('host:boot:2:1');
    await rig.pass(25_000);
    expect(replicasOf(digits)).toEqual([]);
    expect(await originOf(digits)).toBe('removed');
    expect(replicasOf(chat)).toHaveLength(1);
    expect((await kindsOf(digits)).filter((kind) => kind === 'service.removed')).toHaveLength(1);
  });

  it('is for good, also where whoever starts the control plane names it', async () => {
    await remove();
    await rig.pass(30_000);
    await rig.stop();
    rig.services = [digits];
    await rig.start('host:boot:2:1');
    await rig.pass(5_000);
    expect(rig.controlPlane.services.get(digits)).toBeUndefined();
    expect(replicasOf(digits)).toEqual([]);
    expect(rig.controlPlane.health().healthy).toBe(true);
    const answer = await (await rig.server()).inject({ url: '/v1/signals/history?service=digits', headers });
    expect(answer.json()).toMatchObject({ error: { code: 'service-removed' } });
  });

  it('ends with a release, whose number goes on, and which gets its names back', async () => {
    await remove();
    await rig.pass(30_000);
    await release(1, { service: 'digits', environment: 'staging' });
    expect(listed()).toContainEqual(['digits', 'digits--staging']);
    expect(await release(1)).toMatchObject({ release: { number: 2 } });
    await rig.pass(15_000);
    expect(await rig.store.deployment('digits', environment)).toMatchObject({ live: 2, phase: 'live' });
    expect(listed()).toContainEqual(['digits', 'digits', 'digits--default']);
    expect(await rig.store.routing('digits', environment)).not.toHaveProperty('removed');
    expect(await kindsOf(digits)).toContain('service.held');
  });

  it('is taken back by a release while its replicas still stop', async () => {
    await remove();
    await rig.pass(0);
    await release(2);
    await rig.pass(30_000);
    expect(await rig.store.deployment('digits', environment)).toMatchObject({ live: 2, phase: 'live' });
    expect(replicasOf(digits)).toHaveLength(1);
    expect(await kindsOf(digits)).not.toContain('service.removed');
  });

  it('is not undone by a release or a rollback that was decided beside it', async () => {
    const [released] = await Promise.allSettled([release(2), remove()]);
    if (released.status === 'rejected') expect(released.reason).toMatchObject({ code: 'service-removed' });
    await rig.pass(40_000);
    expect(await originOf(digits)).toBe('removed');
    expect(replicasOf(digits)).toEqual([]);
    const back = rig.operations().rollback({ ...digits, axis: 'model', reason: 'back' });
    await expect(back).rejects.toThrow();
    expect(rig.controlPlane.services.get(digits)).toBeUndefined();
  });

  it('over HTTP needs to operate the service, and names one that is not there', async () => {
    const server = await rig.server();
    const send = (payload: object, more: object = asOperator) =>
      server.inject({ method: 'POST', url: '/v1/services/remove', headers: { ...headers, ...more }, payload });
    expect((await send(digits, {})).statusCode).toBe(401);
    expect((await send({ service: 'nobody', environment })).json()).toMatchObject({
      error: { code: 'service-unknown' },
    });
    expect((await send({})).json()).toMatchObject({ error: { code: 'service-unnamed' } });
    expect((await send({ service: 'chat' })).json()).toMatchObject({ ...chat, state: 'leaving' });
  });
});

const headers = { host: '127.0.0.1:7070' };
