import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { aReleaseRequest } from '../../testing/builders/release-fixture.ts';
import { testEnvironment, testService } from '../../testing/builders/rollout-builders.ts';
import { ControlPlaneRig } from '../../testing/rigs/control-plane-rig.ts';
import type { GatewayReport } from '../../schemas/gateway/gateway-report.ts';

let rig: ControlPlaneRig;
beforeEach(() => {
  rig = new ControlPlaneRig();
});
afterEach(() => rig.stop());

let requests = 0;
let failed = 0;
let startedAtMs = 0;
const report = (): GatewayReport => ({
  gatewayId: 'g1',
  address: 'http://127.0.0.1:8080',
  pid: 7,
  startedAtMs,
  acknowledgedGeneration: rig.service.routing()?.generation ?? 0,
  atMs: rig.clock.nowMs(),
  residentBytes: 1,
  queueDepth: 0,
  inFlight: 0,
  arrivals: requests,
  answered: requests,
  rejected: 0,
  failed,
  retried: 0,
  releases: [],
  replicas: [],
  outcomes: { requests, failed, latency: { 60: requests } },
});
/** A gateway that reports each second. */
async function serve(seconds: number, isFailing: boolean): Promise<void> {
  for (let second = 0; second < seconds; second += 1) {
    requests += 10;
    if (isFailing) failed += 10;
    rig.controlPlane.gatewayReported(report());
    await rig.pass(1_000);
  }
}
const health = async () => (await rig.operations().view(testService, testEnvironment)).health;
const release = async (model: number): Promise<void> => {
  await rig.operations().release(await aReleaseRequest(rig.blobs, model));
  await serve(5, false);
};

describe('the health of a service', () => {
  beforeEach(() => {
    requests = 0;
    failed = 0;
    startedAtMs = rig.clock.nowMs();
  });

  it('is told of in the view and over HTTP, names the release that began it, and a rollback that is accepted', async () => {
    await rig.start();
    expect(await health()).toMatchObject({ state: 'not-released' });
    await release(1);
    await serve(30, false);
    expect(await health()).toMatchObject({ state: 'healthy', sentence: expect.stringMatching(/none failed/) });
    await release(2);
    await serve(40, true);
    const said = /^Failing: 100% of requests failed for 4\ds, since release 2 went live 4\ds ago\.$/;
    expect(await health()).toMatchObject({
      state: 'failing',
      sentence: expect.stringMatching(said),
      next: 'roll back: `plimsoll rollback --model`',
    });
    const server = await rig.server();
    const answer = await server.inject({ url: '/v1/health' });
    // The control plane itself is well: whoever restarts it by this answer leaves it alone.
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject({
      healthy: false,
      controlPlane: true,
      service: { state: 'failing', sentence: expect.stringMatching(said) },
      problems: [expect.stringMatching(/^Failing/)],
    });
    await server.close();
    await rig.operations().rollback({
      service: testService,
      environment: testEnvironment,
      axis: 'model',
      reason: 'it fails',
    });
    await serve(70, false);
    // Release 1 is what it came back to, and what it left is barred: there is no way further back.
    expect(await health()).toMatchObject({ state: 'healthy', next: null });
    await serve(40, true);
    expect(await health()).toMatchObject({ state: 'failing', next: 'see what happened: `plimsoll history`' });
  });

  it('is unknown once no gateway reports any more, and after a restart until one does', async () => {
    await rig.start();
    await release(1);
    await serve(5, false);
    await rig.pass(11_000);
    expect(await health()).toMatchObject({ state: 'unknown', sentence: expect.stringMatching(/for 1[12]s/) });
    await rig.crash();
    await rig.start('host:boot:2:2');
    expect(await health()).toMatchObject({ state: 'unknown', sentence: 'Unknown: no gateway reports.' });
    // What the gateway counted before is nobody's last hour.
    await serve(2, false);
    expect(await health()).toMatchObject({ state: 'healthy' });
    expect((await health())?.recent?.requests).toBeLessThanOrEqual(20);
  });
});
