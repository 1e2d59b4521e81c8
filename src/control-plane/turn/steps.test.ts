import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { latencyBinOf } from '../../core/rollout/judge/latency-bins.ts';
import type { GatewayReport } from '../../schemas/gateway/gateway-report.ts';
import { asOperator } from '../../testing/rigs/control-plane-server.ts';
import { ControlPlaneRig } from '../../testing/rigs/control-plane-rig.ts';
import { aReleaseRequest, type BundleOver } from '../../testing/builders/release-fixture.ts';
import { testEnvironment, testService } from '../../testing/builders/rollout-builders.ts';

const scope = { service: testService, environment: testEnvironment };
let rig: ControlPlaneRig;
let gateway: TestGateway;
beforeEach(async () => {
  rig = new ControlPlaneRig();
  gateway = new TestGateway();
  await rig.start();
  await release(1, {});
  await rig.pass(3_000);
});
afterEach(() => rig.stop());

interface Behaviour {
  readonly errors: number;
  readonly latencyMs: number;
  readonly agreed: number;
}

/** Counts a second of traffic for the step in the table, as a gateway does, and sends it until it is told that it was heard. */
class TestGateway {
  readonly startedAtMs = 5;
  sequence = 0;
  perSecond = 2_000;
  canary: Behaviour = { errors: 0, latencyMs: 10, agreed: 1 };
  waiting: NonNullable<GatewayReport['counts']> = [];
  /** False: every report arrives, and its answer is lost. */
  hears = true;

  second(): void {
    const table = rig.service.routing();
    const step = table?.canary;
    if (step !== undefined) {
      this.sequence += 1;
      const arm = (units: number, { errors, latencyMs }: Behaviour) => ({
        units,
        errors: Math.round(units * errors),
        latency: tailOf(units, latencyMs),
      });
      const none = { units: 0, errors: 0, latency: {} };
      const live = { errors: 0, latencyMs: 10, agreed: 1 };
      this.waiting.push({
        sequence: this.sequence,
        step,
        fromMs: rig.clock.nowMs() - 1_000,
        toMs: rig.clock.nowMs(),
        releases: [
          { release: step.against, units: { warm: arm(this.perSecond, live), cold: none } },
          { release: step.release, units: { warm: arm(this.perSecond, this.canary), cold: none } },
        ],
        ...(table?.shadow === undefined
          ? {}
          : {
              agreement: {
                release: step.release,
                compared: 500,
                agreed: Math.round(500 * this.canary.agreed),
                skipped: 0,
                reasons: {},
              },
            }),
        stickyFallbacks: 0,
        dropped: 0,
      });
      this.waiting = this.waiting.slice(-4);
    }
    rig.controlPlane.gatewayReported({
      gatewayId: 'g1',
      address: 'http://127.0.0.1:8080',
      pid: 7,
      startedAtMs: this.startedAtMs,
      acknowledgedGeneration: table?.generation ?? 0,
      atMs: rig.clock.nowMs(),
      residentBytes: 1,
      queueDepth: 0,
      inFlight: 0,
      arrivals: 0,
      answered: 0,
      rejected: 0,
      failed: 0,
      retried: 0,
      releases: [],
      replicas: [],
      counts: [...this.waiting],
    });
    if (this.hears) this.waiting = [];
  }
}

async function traffic(seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second += 1) {
    gateway.second();
    await rig.pass(1_000);
  }
}

const quick = { latency: { p50: '100%' }, atLeast: '5s', within: '15m' };

/** A contract whose releases go in three steps. */
function inSteps(judge: object = {}, rollout: object = {}): BundleOver {
  const steps = ['5%', '25%', '100%'];
  return { contract: { rollout: { keepPrevious: '1m', steps, judge: { ...quick, ...judge }, ...rollout } } };
}

async function release(model: number, over = inSteps()) {
  return rig.operations().release(await aReleaseRequest(rig.blobs, model, over));
}
const deployment = () => rig.store.deployment(testService, testEnvironment);
const record = () => rig.store.canary(testService, testEnvironment);
const steer = (action: 'pause' | 'resume' | 'promote' | 'abort', over = {}) =>
  rig.operations().steerRollout({ ...scope, action, reason: 'lunch', ...over });
const rolloutEvents = () => rig.events('rollout.');
const splits = () => rig.service.routing()?.splits.map(({ release, share }) => [release, share]);
async function untilPhase(phase: string, seconds = 600): Promise<void> {
  for (let second = 0; second < seconds; second += 1) {
    if ((await deployment())?.phase === phase) return;
    await traffic(1);
  }
  throw new Error(`${phase} did not come: ${JSON.stringify((await record())?.judgement)}`);
}

/** A long tail, one bin after the other, as latencies have one. */
function tailOf(units: number, latencyMs: number): Record<string, number> {
  const first = latencyBinOf(latencyMs);
  const latency: Record<string, number> = {};
  let left = units;
  for (let bin = 0; left > 0; bin += 1) {
    const here = Math.min(left, Math.max(1, Math.round(left * 0.15)));
    latency[String(first + bin)] = here;
    left -= here;
  }
  return latency;
}

describe('a release in steps', () => {
  it('goes through the shadow and every step to all of the traffic, each on evidence', async () => {
    await release(2, inSteps({}, { shadow: '10%', stickyBy: 'header:X-User' }));
    await rig.pass(2_000);
    expect(await deployment()).toMatchObject({ phase: 'shadowing', live: 1, incoming: 2 });
    expect(splits()).toEqual([[1, 1]]);
    expect(rig.service.routing()).toMatchObject({
      shadow: { release: 2, share: 0.1 },
      canary: { release: 2, against: 1, step: -1 },
      stickyBy: { header: 'x-user' },
    });
    await untilPhase('stepping');
    expect(splits()).toEqual([
      [1, 0.95],
      [2, 0.05],
    ]);
    expect(rig.service.routing()?.shadow).toBeUndefined();
    await untilPhase('live');
    expect(await deployment()).toMatchObject({ live: 2, incoming: null, previous: { release: 1 } });
    expect(splits()).toEqual([[2, 1]]);
    expect(await record()).toBeNull();
    expect(rig.service.routing()?.canary).toBeUndefined();
    const kinds = await rolloutEvents();
    expect(kinds.filter((kind) => kind === 'rollout.step-began')).toHaveLength(3);
    expect(kinds.filter((kind) => kind === 'rollout.promoted')).toHaveLength(3);
    const answer = await rig.operations().rollout(scope);
    expect(answer).toMatchObject({ rollout: null, release: 2 });
    expect(new Set(answer.samples.map(({ step }) => step))).toEqual(new Set([-1, 0, 1]));
  });

  it('is rolled back by a proven regression: its model is barred, and the table is byte for byte what it was', async () => {
    const before = rig.service.routing();
    await release(2);
    await rig.pass(2_000);
    gateway.canary = { errors: 0.1, latencyMs: 10, agreed: 1 };
    await untilPhase('failed', 60);
    const { generation: _g, issuedAtMs: _i, ...after } = rig.service.routing() ?? {};
    const { generation: _g0, issuedAtMs: _i0, ...was } = before ?? {};
    expect(JSON.stringify(after)).toBe(JSON.stringify(was));
    expect(await deployment()).toMatchObject({ live: 1, incoming: null, reason: expect.stringContaining('error') });
    expect(await rig.store.bars(testService, testEnvironment)).toMatchObject([{ axis: 'model', by: 'control-plane' }]);
    const failed = await rig.store.events({ ...scope, kindPrefix: 'release.failed' });
    expect(failed[0]?.data).toMatchObject({ release: 2, judged: true, judgement: { outcome: 'roll-back' } });
    await expect(release(2)).rejects.toMatchObject({ code: 'barred' });
  });

  it('is inconclusive without traffic, holds then, and goes on by hand', async () => {
    await release(2, inSteps({ within: '2m' }));
    await rig.pass(2_000);
    gateway.perSecond = 0;
    await traffic(125);
    expect(await deployment()).toMatchObject({ phase: 'stepping', step: 0 });
    expect((await record())?.judgement?.outcome).toBe('inconclusive');
    expect(await rolloutEvents()).toEqual(['rollout.step-began', 'rollout.judged']);
    const [judged] = await rig.store.events({ ...scope, kindPrefix: 'rollout.judged' });
    expect(judged?.summary).toContain('plimsoll release --promote or --abort');
    await steer('promote');
    await rig.pass(1_000);
    expect(await deployment()).toMatchObject({ phase: 'stepping', step: 1 });
    const [promoted] = await rig.store.events({ ...scope, kindPrefix: 'rollout.promoted' });
    expect(promoted).toMatchObject({ by: 'ada', data: { reason: 'by hand: lunch' } });
  });

  it.each([
    ['roll-back', 'failed'],
    ['promote', 'stepping'],
  ] as const)('does what the contract says of an inconclusive step: %s', async (onInconclusive, phase) => {
    await release(2, inSteps({ within: '20s', onInconclusive }));
    await rig.pass(2_000);
    gateway.perSecond = 0;
    await traffic(22);
    expect(await deployment()).toMatchObject({ phase, step: phase === 'failed' ? 0 : 1 });
  });

  it('takes no steps without a live release, of the same pair, and in a rollback', async () => {
    await release(1);
    await rig.pass(2_000);
    expect(await deployment()).toMatchObject({ live: 2, phase: 'live' });
    expect(await rolloutEvents()).toEqual([]);
  });
});

describe('orders', () => {
  beforeEach(async () => {
    await release(2);
    await rig.pass(2_000);
  });

  it('pause: nothing is promoted and the limit does not run; resume: it goes on', async () => {
    await steer('pause');
    await traffic(200);
    expect(await deployment()).toMatchObject({ phase: 'stepping', step: 0 });
    const view = await rig.operations().view(testService, testEnvironment);
    expect(view.rollout).toMatchObject({ pause: { by: 'ada', reason: 'lunch' }, share: 0.05 });
    expect(view.rollout?.elapsedMs).toBeLessThan(5_000);
    await expect(steer('pause')).rejects.toMatchObject({ code: 'already-paused' });
    await steer('resume');
    await expect(steer('resume')).rejects.toMatchObject({ code: 'not-paused' });
    await traffic(300);
    expect(await deployment()).not.toMatchObject({ phase: 'stepping', step: 0 });
    expect(await rolloutEvents()).toEqual(expect.arrayContaining(['rollout.paused', 'rollout.resumed']));
  });

  it('a proven regression goes back although it stands paused', async () => {
    await steer('pause');
    gateway.canary = { errors: 0.2, latencyMs: 10, agreed: 1 };
    await untilPhase('failed', 30);
  });

  it('abort: traffic returns in one generation, and nothing is barred', async () => {
    const generation = rig.service.routing()?.generation ?? 0;
    await steer('abort');
    await rig.pass(0);
    expect(rig.service.routing()).toMatchObject({
      generation: generation + 1,
      splits: [{ release: 1, share: 1 }],
    });
    expect(await rig.store.bars(testService, testEnvironment)).toEqual([]);
    expect(await record()).toBeNull();
    await expect(steer('abort')).rejects.toMatchObject({ code: 'nothing-under-way' });
    await expect(steer('pause')).rejects.toMatchObject({ code: 'nothing-under-way' });
  });

  it('for another release than the one under way are refused', async () => {
    await expect(steer('abort', { release: 1 })).rejects.toMatchObject({ code: 'another-release' });
    expect(await deployment()).toMatchObject({ phase: 'stepping' });
  });

  it('of two operators at once have one winner', async () => {
    const outcomes = await Promise.allSettled([steer('pause'), steer('pause'), steer('abort'), steer('abort')]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'rejected']);
  });

  it('a rollback of the model takes it back at once, without a step', async () => {
    await rig.operations().rollback({ ...scope, axis: 'model', reason: 'bad' });
    expect(await record()).toBeNull();
    await rig.pass(0);
    expect(await deployment()).toMatchObject({ live: 3, phase: 'live' });
    expect(splits()).toEqual([[3, 1]]);
    expect(await rolloutEvents()).toContain('rollout.aborted');
  });

  it('a rollback to what has stale evidence says so, and is not held up', async () => {
    const lease = await rig.store.leases.current(rig.lease);
    if (lease === null) throw new Error('no lease');
    const ended = { kind: 'golden', environment: testEnvironment, reason: 'a driver moved', remedy: 'r' } as const;
    await rig.store.transaction(lease, (tx) => tx.addInvalidation(testService, { ...ended, atMs: rig.clock.nowMs() }));
    await rig.operations().rollback({ ...scope, axis: 'model', reason: 'bad' });
    await rig.pass(0);
    expect(await deployment()).toMatchObject({ live: 3 });
    const created = (await rig.store.events({ ...scope, kindPrefix: 'release.created' })).at(-1);
    expect(created?.data['staleEvidence']).toEqual(['golden: a driver moved']);
    expect(created?.summary).toContain('its evidence is stale: golden: a driver moved');
  });

  it('two operators who release at once: the second takes the place of the first, and one of them goes through the steps', async () => {
    await Promise.all([release(3), release(4)]);
    await rig.pass(2_000);
    expect(await rig.events('release.superseded')).toHaveLength(2);
    expect(await deployment()).toMatchObject({ live: 1, incoming: 4, phase: 'stepping' });
  });
});

describe('a crash of the control plane', () => {
  it('at any moment resumes in the same step, and counts everything once', async () => {
    await release(2);
    await rig.pass(2_000);
    for (let crash = 0; crash < 3; crash += 1) {
      gateway.hears = false;
      await traffic(1);
      const before = await record();
      const identity = `host:boot:${crash + 1}:1`;
      await rig.crash(identity);
      await rig.start(`host:boot:${crash + 2}:1`);
      const after = await record();
      expect(after).toMatchObject({ release: 2, step: before?.step, startedAtMs: before?.startedAtMs });
      gateway.hears = true;
      // The same intervals again: their answers were lost.
      await traffic(1);
      const units = (await record())?.judgement?.metrics[0]?.units;
      expect(units?.canary).toBe(gateway.sequence * gateway.perSecond);
    }
    await untilPhase('live');
    const began = await rig.store.events({ ...scope, kindPrefix: 'rollout.step-began' });
    expect(began.map(({ data }) => data['step'])).toEqual([0, 1]);
  });

  it('for hours is no time of the step', async () => {
    await release(2);
    await rig.pass(2_000);
    await traffic(2);
    await rig.crash();
    await rig.clock.advance(7_200_000);
    await rig.start('host:boot:2:1');
    await traffic(2);
    expect((await record())?.judgement?.outcome).not.toBe('inconclusive');
    expect((await record())?.judgement?.elapsedMs).toBeLessThan(20_000);
  });
});

describe('a step that cannot be read', () => {
  it('begins anew, and keeps nobody from looking after what serves', async () => {
    await release(2);
    await rig.pass(2_000);
    const { revision = 0, ...before } = (await record()) ?? {};
    const lease = await rig.store.leases.current(rig.lease);
    if (lease === null) throw new Error('no lease');
    await rig.store.transaction(lease, (tx) =>
      tx.setCanary({ ...(before as Parameters<typeof tx.setCanary>[0]), state: { canaryVersion: 1 } }, revision),
    );
    await traffic(4);
    expect(rig.controlPlane.health().problems).toEqual([]);
    expect(await deployment()).toMatchObject({ phase: 'stepping', step: 0 });
    const [, again] = await rig.store.events({ ...scope, kindPrefix: 'rollout.step-began' });
    expect(again?.data['reason']).toContain('begins anew');
  });
});

describe('over HTTP', () => {
  const json = { ...asOperator, 'content-type': 'application/json', host: '127.0.0.1:7070' };
  const post = async (url: string, body: unknown) => {
    const server = await rig.server();
    return server.inject({ method: 'POST', url, headers: json, payload: JSON.stringify(body) });
  };

  it('shows the step and its evidence, and steers it', async () => {
    await release(2);
    await rig.pass(2_000);
    await traffic(7);
    const server = await rig.server();
    const shown = await server.inject({ url: '/v1/rollout', headers: json });
    expect(shown.json()).toMatchObject({ rollout: { release: 2, step: 0, share: 0.05 }, release: 2 });
    expect(shown.json<{ samples: unknown[] }>().samples.length).toBeGreaterThan(0);
    const other = await server.inject({ url: '/v1/rollout?release=1', headers: json });
    expect(other.json()).toEqual({ rollout: null, release: 1, samples: [] });
    expect((await post('/v1/rollout/pause', { release: 2, reason: 'r' })).json()).toMatchObject({ release: 2 });
    expect((await post('/v1/rollout/pause', { release: 2 })).statusCode).toBe(409);
    expect((await post('/v1/rollout/abort', { release: 1 })).json()).toMatchObject({
      error: { code: 'another-release' },
    });
  });

  it.each([
    ['/v1/rollout/pause', { release: 'two' }],
    ['/v1/rollout/promote', { reason: '  ' }],
    ['/v1/rollout/promote', { reason: 'x'.repeat(2_001) }],
    ['/v1/labels', { release: 1, labels: [] }],
    ['/v1/labels', { release: 1, labels: [{ requestId: '', right: true }] }],
    ['/v1/labels', { release: 1, labels: [{ requestId: 'a', right: 'yes' }] }],
    ['/v1/labels', { labels: [{ requestId: 'a' }] }],
    ['/v1/labels', { labels: [{ requestId: 'a', right: true, label: 3 }] }],
  ])('refuses what is not as expected: %s', async (url, body) => {
    expect((await post(url, body)).statusCode).toBe(400);
  });

  it('refuses too many labels at once, and says how to send them', async () => {
    for (const count of [10_001, 100_000]) {
      const answer = await post('/v1/labels', {
        labels: Array.from({ length: count }, (_, at) => ({
          requestId: `request-${at}`,
          label: 'a label of some length',
        })),
      });
      expect(answer.statusCode).toBe(413);
      expect(answer.json().error.next).toMatch(/send (them|it)/);
    }
  });
});

describe('labels', () => {
  it('count once for each request, for the releases of the step alone, and decide', async () => {
    await release(2, inSteps({ labels: '5%' }));
    await rig.pass(2_000);
    const labels = (name: string, count: number, right: number) =>
      Array.from({ length: count }, (_, index) => ({ requestId: `${name}-${index}`, right: index < right }));
    expect(
      await rig.service
        .operationsFor('ada', [])
        .addLabels({ ...rig.service.scope, release: 9, labels: labels('x', 3, 3) }),
    ).toMatchObject({ ignored: 3 });
    expect(
      await rig.service
        .operationsFor('ada', [])
        .addLabels({ ...rig.service.scope, release: 1, labels: labels('l', 2_000, 1_950) }),
    ).toMatchObject({
      counted: 2_000,
    });
    expect(
      await rig.service
        .operationsFor('ada', [])
        .addLabels({ ...rig.service.scope, release: 1, labels: labels('l', 2_000, 1_950) }),
    ).toMatchObject({
      repeated: 2_000,
    });
    await rig.service
      .operationsFor('ada', [])
      .addLabels({ ...rig.service.scope, release: 2, labels: labels('c', 2_000, 1_000) });
    await traffic(3);
    expect(await deployment()).toMatchObject({ phase: 'failed', reason: expect.stringContaining('label') });
  });
});
