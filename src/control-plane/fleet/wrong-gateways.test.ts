import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { GatewayReport } from '../../schemas/gateway/gateway-report.ts';
import { aGatewayReport } from '../../testing/builders/gateway-reports.ts';
import { aReleaseRequest } from '../../testing/builders/release-fixture.ts';
import { ControlPlaneRig } from '../../testing/rigs/control-plane-rig.ts';
import { asGateway } from '../../testing/rigs/control-plane-server.ts';
import type { Server } from '../http/http-parts.ts';

const host = '127.0.0.1:7070';
const environment = 'default';
const names = ['chat', 'digits'] as const;

let rig: ControlPlaneRig;
let server: Server;
beforeEach(async () => {
  rig = new ControlPlaneRig();
  rig.services = names.map((service) => ({ service, environment }));
  await rig.start();
  for (const service of names) await rig.operations().release(await aReleaseRequest(rig.blobs, 1, { service }));
  await rig.pass(4_000);
  server = await rig.server();
});
afterEach(async () => {
  await server.close();
  await rig.stop();
});

const post = (url: string, payload: object) =>
  server.inject({ method: 'POST', url, headers: { host, ...asGateway }, payload });
const reportOf = (over: Partial<GatewayReport>): GatewayReport => aGatewayReport(rig.clock.nowMs(), {}, over);
const lie = (over: Partial<GatewayReport>) =>
  post('/v1/gateways/g1/reports', { reports: [{ service: 'digits', environment, report: reportOf(over) }] });
/** All that is recorded of a service. */
const stateOf = async (service: string) => ({
  routing: await rig.store.routing(service, environment),
  deployment: await rig.store.deployment(service, environment),
  events: (await rig.store.events({ service, environment })).length,
  replicas: rig.machine.replicas().filter(({ owner }) => owner === `${service}/${environment}`).length,
});

describe('a gateway of an older version, which names no service', () => {
  it('is refused with what to do, and is a problem until it is silent for a minute', async () => {
    const stream = await server.inject({ url: '/v1/gateways/old-1/routing', headers: { host, ...asGateway } });
    expect(stream.statusCode).toBe(409);
    const said = {
      code: 'gateway-too-old',
      message: expect.stringContaining('gateway old-1'),
      next: expect.anything(),
    };
    expect(stream.json()).toMatchObject({ error: said });
    const report = await post('/v1/gateways/old-1/report', reportOf({ gatewayId: 'old-1' }));
    expect(report.json()).toMatchObject({ error: said });
    expect(rig.controlPlane.health()).toMatchObject({
      healthy: false,
      controlPlane: true,
      problems: ['gateway old-1 is of an older version and names no service'],
    });
    await rig.pass(61_000);
    expect(rig.controlPlane.health().problems).toEqual([]);
  });

  it('is served where one service is held', async () => {
    await rig.operations().removeService({ service: 'chat', environment, reason: 'one is enough' });
    await rig.pass(30_000);
    const report = await post('/v1/gateways/old-1/report', reportOf({ gatewayId: 'old-1' }));
    expect(report.statusCode).toBe(204);
  });
});

describe('a gateway that lies about one service', () => {
  it.each<readonly [string, Partial<GatewayReport>]>([
    ['a generation that was never issued', { acknowledgedGeneration: 9_000 }],
    ['a generation that no store counts to', { acknowledgedGeneration: Number.MAX_SAFE_INTEGER }],
    ['another time of issue', { acknowledgedGeneration: 1, acknowledgedIssuedAtMs: -1e15 }],
    ['a start in the future', { startedAtMs: 1e15, atMs: -1e15 }],
    ['numbers that nobody has', { queueDepth: 2 ** 52, arrivals: 2 ** 52, inFlight: 2 ** 52, residentBytes: 1e300 }],
    ['replicas of another service', { replicas: [{ replicaId: 'chat-default-1', inFlight: 1e9, requests: 1e9 }] }],
  ])('touches no other with %s', async (_, over) => {
    const before = await stateOf('chat');
    for (let second = 0; second < 15; second += 1) {
      expect((await lie(over)).statusCode).toBe(200);
      await rig.pass(1_000);
    }
    expect(await stateOf('chat')).toEqual(before);
    expect(await stateOf('digits')).toMatchObject({ replicas: 1, deployment: { live: 1 } });
    expect((await rig.store.routing('digits', environment))?.splits[0]?.replicas).toHaveLength(1);
  });

  it.each<readonly [string, object]>([
    ['inFlight', { inFlight: -1 }],
    ['queueDepth', { queueDepth: -1e9 }],
    ['inFlight of a replica', { replicas: [{ replicaId: 'r', inFlight: -5, requests: 0 }] }],
    ['acknowledgedGeneration', { acknowledgedGeneration: -1 }],
    ['arrivals', { arrivals: 1e300 }],
  ])('is refused with a number below 0 or beyond counting: %s', async (_, over) => {
    const answer = await lie(over);
    expect(answer.statusCode).toBe(400);
    expect(rig.controlPlane.services.get({ service: 'digits', environment })?.gateways()).toEqual([]);
  });

  it('counts for nobody where it names a service that is not held', async () => {
    const payload = { reports: [{ service: 'nobody', environment, report: reportOf({}) }] };
    expect((await post('/v1/gateways/g1/reports', payload)).json()).toEqual({ recorded: [] });
  });
});
