import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { scalingRecord } from '../../core/evidence/kinds/scaling/scaling-measurements.ts';
import { dayMs } from '../../core/scaling/seasons/arrival-day.ts';
import { checkoutSubjects } from '../../prove/judge/judge-checkout.ts';
import { judgeCheckout } from '../../prove/judge/judge-checkout.ts';
import { coldStartRecord } from '../../core/evidence/kinds/cold-start/start-measurements.ts';
import { measuredCapacity } from '../../testing/builders/capacity-builders.ts';
import { buildEvidence, digest } from '../../testing/builders/evidence-builders.ts';
import { aReleaseRequest } from '../../testing/builders/release-fixture.ts';
import { ControlPlaneRig } from '../../testing/rigs/control-plane-rig.ts';
import { asOperator, testAccess } from '../../testing/rigs/control-plane-server.ts';
import { chatContract, goodNodes, gpuPool, verifyWorld } from '../../testing/rigs/verify-world.ts';
import type { CapacityPlanAnswer } from '../../schemas/http/fleet/http-capacity-plan.ts';
import type { Server } from '../http/http-parts.ts';
import type { ReleaseProof } from '../judging/release-proof.ts';
import { planRelease } from './plan-capacity.ts';

describe('the plan of a control plane', { timeout: 120_000 }, () => {
  let rig: ControlPlaneRig;
  let server: Server;
  beforeEach(async () => {
    rig = new ControlPlaneRig();
    await rig.start();
    server = await rig.server({ access: testAccess(() => [], { openReading: false }) });
  });
  afterEach(async () => {
    await server.close();
    await rig.stop();
  });
  const ask = async (url: string, headers: Readonly<Record<string, string>> = asOperator) => {
    const answer = await server.inject({ method: 'GET', url, headers: { host: '127.0.0.1:7070', ...headers } });
    return { status: answer.statusCode, body: answer.json() as unknown };
  };

  it('says what is missing for it, and is for those who may read the service', async () => {
    const before = await ask('/v1/capacity/plan?growth=5%25/week');
    expect(before).toMatchObject({ status: 200, body: { plan: null, missing: { next: 'plimsoll release' } } });
    await rig.operations().release(await aReleaseRequest(rig.blobs, 1));
    await rig.pass(4_000);
    const after = await ask('/v1/capacity/plan');
    expect(after).toMatchObject({ status: 200, body: { plan: null, missing: { next: 'plimsoll explain hardware' } } });
    expect(after.body).toMatchObject({ release: 1 });
    expect(await ask('/v1/capacity/plan?release=incoming')).toMatchObject({
      status: 200,
      body: { plan: null, missing: { reason: expect.stringMatching(/^no release of .* comes in to /) } },
    });
    await rig.operations().release(await aReleaseRequest(rig.blobs, 2));
    expect(await ask('/v1/capacity/plan?release=incoming')).toMatchObject({
      status: 200,
      body: { release: 2, missing: { next: 'plimsoll explain hardware' } },
    });
    expect((await ask('/v1/capacity/plan?release=all')).status).toBe(400);
    expect((await ask('/v1/capacity/plan', {})).status).toBe(401);
    expect((await ask('/v1/capacity/plan?days=9999')).status).toBe(400);
    expect((await ask('/v1/arrivals', {})).status).toBe(401);
    expect(await ask('/v1/arrivals')).toEqual({ status: 200, body: { days: [] } });
  });
});

describe('the plan of a release', { timeout: 120_000 }, () => {
  const nowMs = 60 * dayMs;
  const text = chatContract
    .replace(
      'environments:',
      'objective: { latency: { p99: 50ms } }\ncoldStart: { p90: 45s }\nscaling: { replicas: { min: 1, max: 8 } }\nenvironments:',
    )
    .replace('protocol: openai', 'protocol: open-inference-v2');
  const pool = gpuPool([...goodNodes, ...goodNodes.map((node) => ({ ...node, name: `${node.name}-2` }))]);

  async function makeProof(withCapacity = true) {
    const world = verifyWorld(pool, text);
    const { project } = world;
    const arrivals = digest('trace');
    const start = { totalMs: 900, outcome: 'ready' as const, phases: [] };
    const tiers = { 'node-disk': { prepared: 'page cache dropped', starts: Array.from({ length: 30 }, () => start) } };
    const measured = { ...measuredCapacity };
    const coldStart = coldStartRecord({ coldStartVersion: 1, platform: 'local', timeoutMs: 60_000, tiers });
    const record = async (kind: string, measurements: Parameters<typeof buildEvidence>[2]): Promise<void> => {
      const present = { ...(await checkoutSubjects(project, 'prod')), arrivals };
      const evidence = { [kind]: buildEvidence(kind as 'capacity', present, measurements) };
      await project.changeLock((lock) => {
        const environment = lock?.environments['prod'];
        if (lock === null || environment === undefined) throw new Error('the lock pins prod');
        return {
          ...lock,
          environments: { prod: { ...environment, evidence: { ...environment.evidence, ...evidence } } },
        };
      });
    };
    await record('cold-start', { measurements: coldStart });
    if (withCapacity) await record('capacity', { measurements: measured });
    const shown = scalingRecord({
      ...{ scalingVersion: 1, policy: 'plimsoll', scoreFromMs: 0, endMs: 3_600_000, latencyMs: 50, warmPool: 0 },
      arrivals: { kind: 'trace', name: 'requests.csv', digest: arrivals, requests: 360_000, spanMs: 3_600_000 },
      ...{ replicas: { min: 1, max: 8 }, starts: 30, ratePerSecond: 262, peakReplicas: 3 },
      runs: [{ seed: 1, requests: 360_000, inTime: 360_000, acceleratorSeconds: 3_600 }],
      ...{ withoutZero: null, keepAlive: null },
    });
    await record('scaling', { measurements: shown });
    const loaded = await project.contract();
    const locked = (await project.lock())?.environments['prod'] ?? null;
    const opened = { bundle: { files: [] }, loaded };
    const proof = { release: { environment: 'prod' }, loaded, locked, contract: opened, evidence: opened };
    return { proof: proof as unknown as ReleaseProof, states: await judgeCheckout(project, 'prod', nowMs) };
  }

  /** 20 requests/s on the first day, 3% more each week, by ten minutes. */
  const recorded = Array.from({ length: 56 }, (_, at) => ({
    fromMs: (at + 4) * dayMs,
    lengthMs: 600_000,
    counts: Array<number>(144).fill(Math.round(12_000 * 1.03 ** Math.floor(at / 7))),
  }));

  async function plan(asked: object, { withCapacity = true, days = recorded } = {}): Promise<CapacityPlanAnswer> {
    const { proof, states } = await makeProof(withCapacity);
    const source = {
      store: { arrivalDays: async () => days, environmentRecord: async () => null },
      blobs: { read: async () => new Uint8Array() },
      clock: { nowMs: () => nowMs },
      facts: { evidence: async () => states },
      judging: {},
    } as unknown as Parameters<typeof planRelease>[0];
    const request = { service: 'chat', environment: 'prod', ...asked };
    return planRelease(source, request, proof, async () => pool);
  }

  it('is of recorded arrivals, its evidence and its pool, with one node lost', async () => {
    const { plan: report, missing } = await plan({ days: 70 });
    expect(missing).toBeNull();
    expect(report).toMatchObject({ pool: 'gpu-eu', nodesDown: 1, from: '1970-03-02', currency: null });
    expect(report?.weeks).toHaveLength(10);
    // 20 * 1.03^7 in the last week.
    expect(report?.services[0]?.from[0]).toMatch(
      /^24\.6 requests\/s now \(mean of the last week of 56 recorded days\), 3% a week more/,
    );
    // 24.6 / 262 * 6.55 is below one replica at the peak, and the floor is one.
    expect(report?.weeks[0]?.replicas[0]?.estimate).toBe(1);
    expect(report?.full.notFound).toBeNull();
  });

  it('says when the pool is full by a stated growth, without a solver', async () => {
    const { plan: report } = await plan({ growth: '30%/week', days: 200, nodesDown: 1 });
    expect(report?.full.notFound).not.toBeNull();
    expect(report?.full.proven).toBe(report?.full.notFound);
    expect(report?.remedies.length).toBeGreaterThan(0);
  });

  it('says what is missing: capacity, or days to grow by', async () => {
    const uncounted = await plan({ growth: '5%/week' }, { withCapacity: false });
    expect(uncounted).toMatchObject({
      plan: null,
      missing: { reason: expect.stringContaining('capacity evidence is') },
    });
    const few = await plan({}, { days: recorded.slice(-10) });
    expect(few.missing?.reason).toContain('recorded days do not tell the growth of chat/prod');
    await expect(plan({ growth: '5%' })).rejects.toMatchObject({ code: 'option-invalid', category: 'input' });
  });
});
