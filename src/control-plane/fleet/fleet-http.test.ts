import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AccessToken } from '../../core/access/access-token.ts';
import { tokenDigestOf } from '../../core/access/access-token.ts';
import type { GatewayReport } from '../../schemas/gateway/gateway-report.ts';
import type { FleetView } from '../../schemas/view/fleet-view.ts';
import { aReleaseRequest } from '../../testing/builders/release-fixture.ts';
import { ControlPlaneRig } from '../../testing/rigs/control-plane-rig.ts';
import { asGateway, asOperator, testAccess } from '../../testing/rigs/control-plane-server.ts';
import type { Server } from '../http/http-parts.ts';

const host = '127.0.0.1:7070';
const environment = 'default';
const ofChat: AccessToken = {
  ...{ name: 'chat-team', role: 'operate', sha256: tokenDigestOf('plm_chat') },
  ...{ service: 'chat', environment: null, expiresAtMs: null },
};
const asChatTeam = { authorization: 'Bearer plm_chat' };

let rig: ControlPlaneRig;
let server: Server;
beforeEach(async () => {
  rig = new ControlPlaneRig();
  rig.services = ['chat', 'digits'].map((service) => ({ service, environment }));
  await rig.start();
  for (const service of ['chat', 'digits']) {
    await rig.operations().release(await aReleaseRequest(rig.blobs, 1, { service }));
  }
  await rig.pass(4_000);
  server = await rig.server({ access: testAccess(() => [ofChat], { openReading: false }) });
});
afterEach(async () => {
  await server.close();
  await rig.stop();
});

const ask = async (
  method: 'GET' | 'POST',
  url: string,
  headers: Readonly<Record<string, string>> = asOperator,
  payload?: object,
) => {
  const answer = await server.inject({
    method,
    url,
    headers: { host, ...headers },
    ...(payload === undefined ? {} : { payload }),
  });
  return { status: answer.statusCode, body: answer.body === '' ? null : (answer.json() as unknown) };
};
const report = (acknowledgedGeneration: number): GatewayReport => ({
  ...{ gatewayId: 'g1', address: 'http://127.0.0.1:8080', pid: 7, startedAtMs: 1, acknowledgedGeneration },
  ...{ atMs: rig.clock.nowMs(), residentBytes: 1, queueDepth: 0, inFlight: 0, arrivals: 0, answered: 0 },
  ...{ rejected: 0, failed: 0, retried: 0, releases: [], replicas: [] },
});
const gatewaysOf = async (service: string) =>
  (
    (await ask('GET', `/v1/view?service=${service}`)).body as { gateways: { acknowledgedGeneration: number }[] }
  ).gateways.map(({ acknowledgedGeneration }) => acknowledgedGeneration);

describe('a request', () => {
  it('is for the service that it names, by name alone where it has one environment', async () => {
    expect(await ask('GET', '/v1/view?service=chat')).toMatchObject({
      status: 200,
      body: { service: 'chat', environment },
    });
    expect(await ask('GET', '/v1/releases?service=digits&environment=default')).toMatchObject({
      status: 200,
      body: [{ service: 'digits', number: 1 }],
    });
  });

  it.each(['/v1/view', '/v1/releases', '/v1/signals', '/v1/scaling', '/v1/models'])(
    'that names none of several is told so: %s',
    async (url) => {
      expect(await ask('GET', url)).toMatchObject({
        status: 400,
        body: { error: { code: 'service-unnamed' } },
      });
    },
  );

  it('for a service that is not held is told which are', async () => {
    expect(await ask('GET', '/v1/view?service=none')).toMatchObject({
      status: 404,
      body: {
        error: {
          code: 'service-unknown',
          message: expect.stringContaining('chat in default, digits in default') as string,
        },
      },
    });
  });
});

describe('a token of one service', () => {
  it('sees that service in the list, and in what is sent of it', async () => {
    const { services } = (await ask('GET', '/v1/fleet', asChatTeam)).body as FleetView;
    expect(services.map(({ service }) => service)).toEqual(['chat']);
    const url = await server.listen({ host: '127.0.0.1', port: 0 });
    const closing = new AbortController();
    const stream = await fetch(`${url}/v1/fleet/stream`, { headers: asChatTeam, signal: closing.signal });
    let text = '';
    const reading = (async () => {
      for await (const chunk of stream.body as unknown as AsyncIterable<Uint8Array>)
        text += Buffer.from(chunk).toString();
    })().catch(() => undefined);
    await rig.operations().release(await aReleaseRequest(rig.blobs, 2, { service: 'digits' }));
    await rig.operations().release(await aReleaseRequest(rig.blobs, 2, { service: 'chat' }));
    await rig.pass(5_000);
    await expect.poll(() => text).toMatch(/event: fleet-change\ndata: .*chat/);
    expect(text).not.toContain('"service":"digits"');
    closing.abort();
    await reading;
  });

  it('learns of no other from who answers there', async () => {
    const all = ['chat', 'digits'].map((service) => ({ service, environment }));
    const identity = () => ({
      ...{ service: 'digits', environment, services: all, address: 'http://127.0.0.1:7070', pid: 1 },
      ...{ identity: 'host:boot:1:1', plimsollVersion: '0.0.0' },
    });
    const elsewhere = await rig.server({
      access: testAccess(() => [ofChat], { openReading: false }),
      identity,
      isLocal: () => false,
    });
    const read = async (headers: Readonly<Record<string, string>>) =>
      (await elsewhere.inject({ url: '/v1/identity', headers: { host, ...headers } })).json<object>();
    expect(await read(asChatTeam)).toMatchObject({ service: 'chat', services: [{ service: 'chat', environment }] });
    expect(await read(asOperator)).toMatchObject({ services: all });
    expect(await read({})).toMatchObject({ error: { code: 'no-credential' } });
    await elsewhere.close();
  });

  it.each(['/v1/view', '/v1/signals', '/v1/signals/history', '/v1/pools', '/v1/stream', '/v1/scaling', '/v1/rollout'])(
    'reads nothing of another: %s',
    async (url) => {
      expect((await ask('GET', `${url}?service=digits&environment=default`, asChatTeam)).status).toBe(403);
    },
  );

  it('tries, labels, releases and takes up nothing of another', async () => {
    expect((await ask('POST', '/v1/try?service=digits', asChatTeam, {})).status).toBe(403);
    expect((await ask('POST', '/v1/labels?service=digits', asChatTeam, { labels: [] })).status).toBe(403);
    for (const service of ['digits', 'new']) {
      const request = await aReleaseRequest(rig.blobs, 2, { service });
      expect((await ask('POST', '/v1/releases', asChatTeam, request)).status).toBe(403);
    }
    expect(rig.controlPlane.services.all().map(({ service }) => service)).toEqual(['chat', 'digits']);
  });
});

describe('streams', () => {
  it('of one viewer take neither the place of other viewers nor that of gateways, whichever services they are of', async () => {
    const open = await rig.server();
    const url = await open.listen({ host: '127.0.0.1', port: 0 });
    const closing = new AbortController();
    const stream = async (path: string, headers: Readonly<Record<string, string>>) =>
      (await fetch(`${url}${path}`, { headers, signal: closing.signal })).status;
    const paths = ['/v1/stream?service=chat', '/v1/stream?service=digits', '/v1/fleet/stream'];
    for (let count = 0; count < 100; count += 1) expect(await stream(paths[count % 3] ?? '', asOperator)).toBe(200);
    const sizes = () =>
      rig.controlPlane.services
        .all()
        .reduce((sum, each) => sum + each.pageStreams.size, rig.controlPlane.fleetStreams.size);
    expect(sizes()).toBe(64);
    expect(await stream('/v1/stream?service=chat', {})).toBe(200);
    expect(sizes()).toBe(65);
    for (const service of ['chat', 'digits']) {
      expect(await stream(`/v1/gateways/g1/routing?service=${service}`, asGateway)).toBe(200);
    }
    expect(rig.controlPlane.services.all().map((each) => each.routingStreams.size)).toEqual([1, 1]);
    closing.abort();
    await expect.poll(sizes).toBe(0);
    await open.close();
  });
});

describe('gateways', () => {
  it('of one service report of it by name, and of no other', async () => {
    const answer = await ask('POST', '/v1/gateways/g1/report?service=digits&environment=default', asGateway, report(1));
    expect(answer.status).toBe(204);
    expect(await gatewaysOf('digits')).toEqual([1]);
    expect(await gatewaysOf('chat')).toEqual([]);
  });

  it('of many report of each, and what is not held is left out of the answer', async () => {
    const reports = ['chat', 'digits', 'gone'].map((service, index) => ({
      service,
      environment,
      report: report(index + 1),
    }));
    expect(await ask('POST', '/v1/gateways/g1/reports', asGateway, { reports })).toEqual({
      status: 200,
      body: {
        recorded: [
          { service: 'chat', environment, sequence: 0, replayKey: expect.any(String) as unknown },
          { service: 'digits', environment, sequence: 0, replayKey: expect.any(String) as unknown },
        ],
      },
    });
    expect(await gatewaysOf('chat')).toEqual([1]);
    expect(await gatewaysOf('digits')).toEqual([2]);
  });

  it('cannot speak for another gateway', async () => {
    const reports = [{ service: 'chat', environment, report: { ...report(1), gatewayId: 'g2' } }];
    expect(await ask('POST', '/v1/gateways/g1/reports', asGateway, { reports })).toMatchObject({
      status: 400,
      body: { error: { code: 'gateway-id-mismatch' } },
    });
  });
});
