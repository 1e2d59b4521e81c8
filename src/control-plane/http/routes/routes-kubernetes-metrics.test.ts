import { afterEach, beforeEach, expect, it } from 'vitest';
import { tokenDigestOf } from '../../../core/access/access-token.ts';
import type { FleetEntry } from '../../../schemas/view/fleet-view.ts';
import { openTestServer, testAccess } from '../../../testing/rigs/control-plane-server.ts';
import { openStoreOperations } from '../../../testing/rigs/store-operations.ts';
import type { Server } from '../http-parts.ts';

let server: Server;
let asked: object[] = [];
beforeEach(async () => {
  asked = [];
  server = await openTestServer({
    store: (await openStoreOperations()).store,
    publishedScale: (who) => {
      asked.push(who);
      return { service: 'chat', environment: 'prod', desired: 21, current: 20, decidedAtMs: 0 };
    },
  });
});
afterEach(() => server.close());

const get = async (url: string) => {
  const answer = await server.inject({ url, headers: { host: '127.0.0.1:7070' } });
  return { status: answer.statusCode, json: answer.json<unknown>() };
};
const external = '/apis/external.metrics.k8s.io/v1beta1';
const custom = '/apis/custom.metrics.k8s.io/v1beta2';

it('answers an autoscaler with what its tolerance does not swallow, for the service of the selector', async () => {
  const url = `${external}/namespaces/vision/plimsoll-desired-replicas?labelSelector=service%3Dchat%2Cenvironment%3D%3Dprod`;
  expect(await get(url)).toMatchObject({ status: 200, json: { items: [{ value: '23' }] } });
  expect(await get(`${custom}/namespaces/vision/services/chat/plimsoll-desired-replicas`)).toMatchObject({
    status: 200,
    json: { items: [{ describedObject: { name: 'chat', namespace: 'vision' }, value: '23' }] },
  });
  expect(asked).toEqual([{ service: 'chat', environment: 'prod' }, { service: 'chat' }]);
});

it('lists what there is, and knows no other metric', async () => {
  expect(await get(external)).toMatchObject({ status: 200, json: { kind: 'APIResourceList' } });
  expect(await get(custom)).toMatchObject({ status: 200, json: { kind: 'APIResourceList' } });
  expect(await get(`${external}/namespaces/vision/cpu`)).toMatchObject({ status: 404 });
});

it('answers no token of another service, whichever service the address names beside', async () => {
  await server.close();
  const token = 'plm_of-mine-alone';
  const mine = {
    ...{ name: 'mine', role: 'view' as const, sha256: tokenDigestOf(token) },
    ...{ service: 'mine', environment: null, expiresAtMs: null },
  } as const;
  server = await openTestServer({
    access: testAccess(() => [mine], { openReading: false }),
    fleet: () => ({
      ...{ plimsollVersion: '0.0.0', nowMs: 0 },
      services: ['mine', 'chat'].map((service) => ({ service, environment: 'prod' }) as FleetEntry),
    }),
    publishedScale: () => ({ service: 'x', environment: 'prod', desired: 21, current: 20, decidedAtMs: 0 }),
    metrics: () =>
      Promise.resolve('# TYPE m gauge\nm{service="mine"} 1\nm{service="chat"} 2\nm{state="free"} 3\nstreams 4\n'),
  });
  const status = async (url: string) => {
    const headers = { host: '127.0.0.1:7070', authorization: `Bearer ${token}` };
    return (await server.inject({ url, headers })).statusCode;
  };
  const metric = 'plimsoll-desired-replicas';
  expect(await status(`${custom}/namespaces/v/services/mine/${metric}`)).toBe(200);
  for (const url of [
    `${custom}/namespaces/v/services/chat/${metric}?service=mine`,
    `${external}/namespaces/v/${metric}?service=mine&labelSelector=service%3Dchat`,
  ]) {
    expect([url, await status(url)]).toEqual([url, 403]);
  }
  for (const query of ['', '?service=mine', '?service=chat']) {
    const headers = { host: '127.0.0.1:7070', authorization: `Bearer ${token}` };
    const { body } = await server.inject({ url: `/metrics${query}`, headers });
    const samples = body.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    expect([query, samples]).toEqual([query, ['m{service="mine"} 1']]);
  }
});
