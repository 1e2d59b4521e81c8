import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { digestOf } from '../core/units/digest.ts';
import type { PlimsollError } from '../core/units/errors.ts';
import { PlimsollError as Failure } from '../core/units/errors.ts';
import { ControlPlaneRig, measuredGolden } from '../testing/rigs/control-plane-rig.ts';
import { doubled } from '../testing/fakes/fake-replica-client.ts';
import { aReleaseRequest } from '../testing/builders/release-fixture.ts';
import { testEnvironment, testService } from '../testing/builders/rollout-builders.ts';
import type { GatewayReport } from '../schemas/gateway/gateway-report.ts';

let rig: ControlPlaneRig;
beforeEach(() => {
  rig = new ControlPlaneRig();
});
afterEach(() => rig.stop());

const deployment = () => rig.store.deployment(testService, testEnvironment);
const release = async (model: number, over: Parameters<typeof aReleaseRequest>[2] = {}) =>
  rig.operations().release(await aReleaseRequest(rig.blobs, model, over));
const report = (acknowledgedGeneration: number, inFlight: Readonly<Record<string, number>> = {}): GatewayReport => ({
  gatewayId: 'g1',
  address: 'http://127.0.0.1:8080',
  pid: 7,
  startedAtMs: 1,
  acknowledgedGeneration,
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
  replicas: Object.entries(inFlight).map(([replicaId, count]) => ({ replicaId, inFlight: count, requests: 0 })),
});
/** Brings a release in and lets a gateway acknowledge every generation. */
const bringIn = async (model: number): Promise<void> => {
  await release(model);
  await rig.pass(3_000);
};
const routed = () => rig.service.routing()?.splits.flatMap((split) => split.replicas.map((r) => r.replicaId)) ?? [];

describe('bringing a release in', () => {
  it('starts it, replays its golden set, admits it and routes to it, each step an event', async () => {
    await rig.start();
    await release(1);
    await rig.pass(2_000);
    expect(await deployment()).toMatchObject({ live: 1, incoming: null, phase: 'live' });
    expect(routed()).toHaveLength(1);
    expect(rig.client.asked).toHaveLength(3);
    const kinds = await rig.events();
    const order = [
      'release.created',
      'replicas.wanted',
      'replica.ready',
      'replica.admitted',
      'release.live',
      'routing.changed',
    ];
    const places = order.map((kind) => kinds.lastIndexOf(kind));
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(places).not.toContain(-1);
  });

  it('fails a release outside its bands, names the first offending input, and leaves traffic where it was', async () => {
    await rig.start();
    await bringIn(1);
    const before = routed();
    rig.client.answer = (_endpoint, _model, inputs) =>
      inputs.map((input) => ({ ...input, name: 'y', data: input.data.map((value) => Number(value) * 2 + 0.5) }));
    await release(2);
    await rig.pass(3_000);
    expect(await deployment()).toMatchObject({ live: 1, incoming: null, phase: 'failed' });
    expect((await deployment())?.reason).toContain('input digits-golden:1: y[0, 0] is 2.5, expected 2');
    expect(routed()).toEqual(before);
    expect(await rig.events('replica.rejected')).toHaveLength(1);
    const [rejected] = await rig.store.events({ service: testService, kindPrefix: 'replica.rejected' });
    expect(rejected?.data['offence']).toMatchObject({ caseId: 'digits-golden:1', expected: 2, actual: 2.5 });
    expect(await rig.store.invalidations(testService, testEnvironment)).toEqual([]);
  });

  it('fails a release whose server refuses a golden input, with the words of the server', async () => {
    await rig.start();
    rig.client.answer = () =>
      new Failure({ code: 'replica-refused', category: 'refused', message: 'answered 400: no input x' });
    await release(1);
    await rig.pass(3_000);
    expect((await deployment())?.reason).toContain('answered 400: no input x');
  });

  it('tries again while a replica cannot be reached, and does not call that a mismatch', async () => {
    await rig.start();
    const away = new Failure({ code: 'replica-unreachable', category: 'unavailable', message: 'connection refused' });
    rig.client.answer = () => away;
    await release(1);
    await rig.pass(5_000);
    expect(await deployment()).toMatchObject({ incoming: 1, phase: 'starting' });
    rig.client.answer = doubled;
    await rig.pass(10_000);
    expect(await deployment()).toMatchObject({ live: 1 });
  });

  it('fails one that is not ready within its start timeout, three times its budget', async () => {
    await rig.start();
    rig.machine.behaviour = () => ({ kind: 'never-ready' });
    const untilMs = rig.clock.nowMs() + 60_000;
    const waivers = [{ kind: 'cold-start', reason: 'first try', untilMs }] as const;
    await release(1, { contract: { coldStart: { p90: '25s' } }, waivers });
    await rig.pass(70_000);
    expect(await deployment()).toMatchObject({ incoming: 1 });
    await rig.pass(10_000);
    expect(await deployment()).toMatchObject({ live: null, incoming: null, phase: 'failed' });
    await rig.pass(20_000);
    expect(rig.machine.replicas()).toEqual([]);
  });

  it('admits without replaying where the golden evidence was waived', async () => {
    await rig.start();
    const untilMs = rig.clock.nowMs() + 60_000;
    await release(1, {
      contract: { monitoring: null },
      waivers: [{ kind: 'golden', reason: 'first try', untilMs }],
    });
    await rig.pass(3_000);
    expect(await deployment()).toMatchObject({ live: 1 });
    expect(rig.client.asked).toEqual([]);
  });
});

describe('the previous release', () => {
  it('comes back with one generation and nothing started', async () => {
    await rig.start();
    await bringIn(1);
    await bringIn(2);
    const replicas = rig.machine.replicas().map((replica) => replica.replicaId);
    const generation = rig.service.routing()?.generation ?? 0;
    await rig
      .operations()
      .rollback({ service: testService, environment: testEnvironment, axis: 'model', reason: 'bad' });
    await rig.pass(0);
    expect(await deployment()).toMatchObject({ live: 3, previous: { release: 2 } });
    expect(rig.service.routing()).toMatchObject({ generation: generation + 1, splits: [{ release: 3 }] });
    expect(rig.machine.replicas().map((replica) => replica.replicaId)).toEqual(replicas);
    const view = await rig.operations().view(testService, testEnvironment);
    expect(view.replicas.map(({ release, modelVersion }) => [release, modelVersion])).toEqual([
      [3, 1],
      [2, 2],
    ]);
  });

  it('is stopped only after its time, and after every gateway let go of it', async () => {
    await rig.start();
    await bringIn(1);
    const [first = ''] = routed();
    await bringIn(2);
    const generation = rig.service.routing()?.generation ?? 0;
    await rig.pass(55_000);
    rig.controlPlane.gatewayReported(report(generation, { [first]: 1 }));
    await rig.pass(4_000);
    expect((await deployment())?.previous).toBeNull();
    expect(rig.machine.replicas().map((replica) => replica.replicaId)).toContain(first);
    rig.controlPlane.gatewayReported(report(generation));
    await rig.pass(2_000);
    expect(rig.machine.replicas().map((replica) => replica.replicaId)).not.toContain(first);
    expect(routed()).toHaveLength(1);
  });
});

describe('a live replica', () => {
  it('that dies leaves the table at once and comes back through its golden set', async () => {
    await rig.start();
    await bringIn(1);
    const [first = ''] = routed();
    rig.machine.kill(first);
    await rig.pass(1_000);
    expect(rig.service.routing()).toMatchObject({ starting: true, splits: [{ replicas: [] }] });
    await rig.pass(3_000);
    expect(routed()).toHaveLength(1);
    expect(routed()).not.toContain(first);
    expect(rig.client.asked).toHaveLength(6);
  });

  it('that does not reproduce its golden set any more invalidates the evidence, and is asked again later', async () => {
    await rig.start();
    await bringIn(1);
    rig.client.answer = (_endpoint, _model, inputs) => inputs.map((input) => ({ ...input, name: 'y' }));
    rig.machine.kill(routed()[0] ?? '');
    await rig.pass(5_000);
    expect(routed()).toEqual([]);
    expect(await deployment()).toMatchObject({ live: 1, phase: 'live' });
    expect(await rig.store.invalidations(testService, testEnvironment)).toMatchObject([
      { kind: 'golden', remedy: 'plimsoll golden record', evidence: measuredGolden },
    ]);
    rig.client.answer = doubled;
    await rig.pass(70_000);
    expect(routed()).toHaveLength(1);
    expect(await rig.events('replica.rejected')).toHaveLength(1);
  });
});

describe('what the platform is told of admissions', () => {
  it('is who passed, and who of them answers for the live release', async () => {
    await rig.start();
    await release(1);
    await rig.pass(0);
    expect(rig.admitted).toEqual({ admitted: new Set(), live: null });
    await rig.pass(3_000);
    const [first = ''] = routed();
    expect(rig.admitted).toEqual({ admitted: new Set([first]), live: new Set([first]) });
    await bringIn(2);
    const [second = ''] = routed();
    expect(second).not.toBe(first);
    expect(rig.admitted).toEqual({ admitted: new Set([first, second]), live: new Set([second]) });
  });

  it('keeps no release from going live where the platform cannot take it', async () => {
    rig.admitting = () =>
      Promise.reject(new Failure({ code: 'cluster-forbidden', category: 'unauthorized', message: 'no' }));
    await rig.start();
    await bringIn(1);
    expect(await deployment()).toMatchObject({ live: 1 });
    expect(rig.controlPlane.health().problems.join()).toContain('no');
  });
});

describe('who answers at an address', () => {
  const told = () => rig.service.routing()?.splits.flatMap(({ replicas }) => replicas.map((each) => each.answersAs));
  /** As a server does that knows its name. */
  const nameAt = (endpoint: string): string =>
    rig.service.replicas().find((replica) => replica.endpoint === endpoint)?.replicaId ?? 'nobody';

  it('is told to gateways as it was when the replica was admitted, also by the next control plane', async () => {
    rig.identityOf = async (_protocol, endpoint) => `${nameAt(endpoint)}/1`;
    await rig.start();
    await bringIn(1);
    expect(told()).toEqual([`${routed()[0] ?? ''}/1`]);
    const { generation } = rig.service.routing() ?? {};
    await rig.crash();
    rig.identityOf = () =>
      Promise.reject(new Failure({ code: 'replica-unreachable', category: 'unavailable', message: '' }));
    await rig.start('host:boot:2:2');
    await rig.pass(5_000);
    expect(told()).toEqual([`${routed()[0] ?? ''}/1`]);
    expect(rig.service.routing()?.generation).toBe(generation);
  });

  it('keeps a replica from being admitted where it is another one', async () => {
    rig.identityOf = async () => 'another/1';
    await rig.start();
    await bringIn(1);
    expect(await deployment()).toMatchObject({ live: null, incoming: 1 });
    expect(await rig.events('replica.admitted')).toEqual([]);
    rig.identityOf = async (_protocol, endpoint) => nameAt(endpoint);
    await rig.pass(15_000);
    expect(told()).toEqual(routed());
  });

  it('keeps a replica from being admitted that starts again while its golden set is replayed', async () => {
    let starts = 0;
    rig.identityOf = async (_protocol, endpoint) => `${nameAt(endpoint)}/${(starts += 1)}`;
    await rig.start();
    await bringIn(1);
    expect(await deployment()).toMatchObject({ live: null });
  });

  it('is nobody where the server tells nothing, and requests go there all the same', async () => {
    rig.identityOf = async () => null;
    await rig.start();
    await bringIn(1);
    expect(told()).toEqual([undefined]);
  });
});

describe('what the platform did by itself', () => {
  it('is an event, once', async () => {
    await rig.start();
    await bringIn(1);
    const message = 'somebody else set the Deployment a to 0 replicas; it is put back to 1';
    rig.notices = [{ kind: 'replicas-put-back', name: 'a', message, atMs: 1 }];
    await rig.pass(10_000);
    const told = await rig.store.events({ kindPrefix: 'platform.', limit: 100 });
    expect(told).toMatchObject([
      {
        summary: 'Somebody else set the Deployment a to 0 replicas; it is put back to 1',
        data: { what: 'replicas-put-back', name: 'a', message },
      },
    ]);
  });
});

describe('a replica that starts', () => {
  it('is seen within a quarter of a second of being ready, not at the end of a whole period', async () => {
    await rig.start();
    rig.machine.behaviour = () => ({ kind: 'ready', afterMs: 1_300 });
    await release(1);
    await rig.pass(1_250);
    expect(routed()).toEqual([]);
    await rig.pass(500);
    expect(routed()).toHaveLength(1);
  });
});

describe('a control plane that was killed', () => {
  it('is followed by one that adopts what runs, asks no golden set again, and changes no table', async () => {
    await rig.start();
    await bringIn(1);
    const before = {
      routed: routed(),
      generation: rig.service.routing()?.generation,
      asked: rig.client.asked.length,
    };
    await rig.crash();
    await rig.start('host:boot:2:2');
    await rig.pass(15_000);
    expect({
      routed: routed(),
      generation: rig.service.routing()?.generation,
      asked: rig.client.asked.length,
    }).toEqual(before);
    expect(await rig.events('replica.adopted')).toHaveLength(1);
  });

  it('is followed by one that finishes the release that was coming in', async () => {
    await rig.start();
    rig.machine.behaviour = () => ({ kind: 'ready', afterMs: 4_000 });
    await release(1);
    await rig.pass(1_000);
    await rig.crash();
    await rig.start('host:boot:2:2');
    await rig.pass(6_000);
    expect(await deployment()).toMatchObject({ live: 1 });
    expect(rig.machine.replicas()).toHaveLength(1);
  });
});

describe('the lease', () => {
  it('keeps a second control plane waiting until the first is gone', async () => {
    await rig.start();
    const second = new ControlPlaneRig(rig.store);
    const waiting = second.start('host:boot:2:2');
    await second.pass(5_000);
    expect(await rig.store.leases.current(rig.lease)).toMatchObject({ holder: 'host:boot:1:1' });
    second.dead.add('host:boot:1:1');
    await second.pass(2_000);
    await waiting;
    expect(await rig.store.leases.current(rig.lease)).toMatchObject({ holder: 'host:boot:2:2' });
    await second.stop();
  });

  it('lost, nothing more is written and nothing more is asked of the platform', async () => {
    await rig.start();
    await bringIn(1);
    await rig.store.leases.acquire({
      lease: rig.lease,
      holder: 'thief',
      ttlMs: 60_000,
      nowMs: rig.clock.nowMs(),
      isDead: () => true,
    });
    const before = await rig.events();
    rig.machine.kill(routed()[0] ?? '');
    await rig.pass(5_000);
    expect(await rig.outcome()).toBe('lease-lost');
    expect(await rig.events()).toEqual(before);
    expect(rig.controlPlane.health()).toMatchObject({ healthy: false, leaseHeld: false });
    const refused = await rig
      .operations()
      .waive({ service: testService, environment: testEnvironment, kind: 'golden', reason: 'r', untilMs: 1e15 })
      .catch((thrown: unknown) => (thrown as PlimsollError).code);
    expect(refused).toBe('lease-lost');
  });

  it('is kept while the platform does not answer, and given up at once when it is lost then', async () => {
    await rig.start();
    await bringIn(1);
    rig.platformHangs = true;
    await rig.pass(40_000);
    expect(rig.controlPlane.health()).toMatchObject({ leaseHeld: true, healthy: false, controlPlane: false });
    expect(rig.controlPlane.health().service).toMatchObject({ state: 'unknown' });
    const { health } = await rig.operations().view(testService, testEnvironment);
    expect(health?.sentence).toMatch(/^Unknown: the last reconciliation is 4\d s ago\.$/);
    expect(await rig.store.leases.current(rig.lease)).toMatchObject({ holder: 'host:boot:1:1' });
    await rig.store.leases.acquire({
      lease: rig.lease,
      holder: 'thief',
      ttlMs: 60_000,
      nowMs: rig.clock.nowMs(),
      isDead: () => true,
    });
    await rig.pass(5_000);
    expect(await rig.outcome()).toBe('lease-lost');
  });

  it('says so while its store is not where whoever opens it would find it', async () => {
    await rig.start();
    const found = rig.store.astray.bind(rig.store);
    rig.store.astray = () => Promise.resolve('the store is not there any more');
    await rig.pass(2_000);
    expect(rig.controlPlane.health()).toMatchObject({
      healthy: false,
      problems: ['the store is not there any more'],
    });
    rig.store.astray = found;
    await rig.pass(2_000);
    expect(rig.controlPlane.health()).toMatchObject({ healthy: true, problems: [] });
  });

  it('lets what still reads the store finish before it is closed', async () => {
    await rig.start();
    let finish = (): void => undefined;
    const reading = new Promise<void>((resolve) => (finish = resolve));
    rig.judging = () => reading;
    await rig.pass(15_000);
    let closed = false;
    const stopping = rig.stop().then(() => (closed = true));
    await new Promise((resolve) => setImmediate(resolve));
    expect(closed).toBe(false);
    finish();
    await stopping;
    expect(closed).toBe(true);
  });

  it('is given back at the end, so that the next one need not wait', async () => {
    await rig.start();
    await rig.stop();
    expect(await rig.store.leases.current(rig.lease)).toBeNull();
    expect((await rig.events()).at(-1)).toBe('control-plane.stopped');
  });

  it('is that of all services: one that is released to it is taken up, and found again by whoever comes next', async () => {
    await rig.start();
    const staging = { service: testService, environment: 'staging' };
    await expect(rig.operations().view(testService, 'staging')).rejects.toMatchObject({ code: 'service-unknown' });
    await rig.operations().release(await aReleaseRequest(rig.blobs, 1, staging));
    await rig.pass(3_000);
    expect(await rig.store.deployment(testService, 'staging')).toMatchObject({ live: 1 });
    expect((await rig.store.events({ ...staging, kindPrefix: 'service.held' })).map(({ by }) => by)).toEqual(['ada']);
    await rig.crash();
    await rig.start('host:boot:2:1');
    expect(rig.controlPlane.services.all().map(({ environment }) => environment)).toEqual([testEnvironment, 'staging']);
    expect(rig.controlPlane.holdings.gatewayServices().services.map(({ names }) => names)).toEqual([
      [testService, `${testService}--${testEnvironment}`],
      [`${testService}--staging`],
    ]);
  });
});

describe('gateways', () => {
  it('are told of once, counted while they report, and forgotten when they fall silent', async () => {
    await rig.start();
    await bringIn(1);
    const generation = rig.service.routing()?.generation ?? 0;
    rig.controlPlane.gatewayReported(report(generation - 1));
    await rig.pass(1_000);
    rig.controlPlane.gatewayReported(report(generation));
    await rig.pass(1_000);
    expect(await rig.events('gateway.')).toEqual(['gateway.connected']);
    expect(await rig.events('routing.acknowledged')).toHaveLength(1);
    expect((await rig.operations().view(testService, testEnvironment)).gateways).toMatchObject([{ gatewayId: 'g1' }]);
    await rig.pass(12_000);
    expect(await rig.events('gateway.')).toEqual(['gateway.connected', 'gateway.lost']);
    expect((await rig.operations().view(testService, testEnvironment)).gatewayUrl).toBeNull();
  });
});

it('goes on after a turn that failed, and loses nothing that it had taken', async () => {
  await rig.start();
  const transaction = rig.store.transaction.bind(rig.store);
  let failures = 2;
  Object.assign(rig.store, {
    transaction: (...args: Parameters<typeof transaction>) => {
      failures -= 1;
      if (failures < 0) return transaction(...args);
      return Promise.reject(new Failure({ code: 'store-locked', category: 'unavailable', message: 'locked' }));
    },
  });
  failures = 0;
  await release(1);
  failures = 6;
  await rig.pass(12_000);
  expect(await deployment()).toMatchObject({ live: 1 });
  expect(await rig.events('replica.admitted')).toHaveLength(1);
});

describe('a start that is no longer like those that were measured', () => {
  it('is an event, and once the budget is proven broken the evidence is invalidated', async () => {
    const starts = Array.from({ length: 29 }, (_, at) => ({
      totalMs: 400 + at,
      outcome: 'ready' as const,
      phases: [],
    }));
    const coldStart = { budget: { p90: 1_000 }, from: 'node-disk' as const, phases: {}, prePull: false };
    rig.starts = {
      measured: async () => ({
        pair: (await rig.store.release(testService, testEnvironment, 1))?.pair ?? digestOf('not released yet'),
        starts,
        coldStart,
        evidence: digestOf('cold start'),
        measuredAtMs: 0,
        remedy: 'plimsoll coldstart',
      }),
    };
    rig.machine.behaviour = () => ({ kind: 'ready', afterMs: 3_000 });
    await rig.start();
    await release(1);
    await rig.pass(6_000);
    expect(await rig.events('start.')).toEqual(['start.outlier']);
    for (let again = 0; again < 6; again += 1) {
      for (const { replicaId } of rig.machine.replicas()) rig.machine.kill(replicaId);
      await rig.pass(6_000);
    }
    expect(await rig.events('start.budget-broken')).toEqual(['start.budget-broken']);
    expect(await rig.store.invalidations(testService, testEnvironment)).toMatchObject([
      { kind: 'cold-start', remedy: 'plimsoll coldstart', reason: expect.stringContaining('p90 budget 1s') },
    ]);
  });
});

describe('hardware that is no longer what was verified', () => {
  it('is on the record as one invalidation and one event, and stays so over a restart', async () => {
    const cpu = { accelerator: 'cpu', arch: 'x64', model: 'AMD EPYC 7763' } as const;
    rig.hardware = {
      verified: async () => ({
        ...{ classes: [cpu], evidence: digestOf('verified') },
        ...{ measuredAtMs: 0, remedy: 'plimsoll verify' },
      }),
      present: async () => [{ ...cpu, model: 'Intel Xeon 8480' }],
    };
    await rig.start();
    await rig.pass(61_000);
    await rig.crash();
    await rig.start('host:boot:2:2');
    await rig.pass(61_000);
    const recorded = await rig.store.invalidations(testService, testEnvironment);
    expect(recorded).toMatchObject([{ kind: 'hardware', remedy: 'plimsoll verify' }]);
    expect(recorded[0]?.reason).toBe('the CPU: model AMD EPYC 7763 -> Intel Xeon 8480');
    expect((await rig.events()).filter((kind) => kind === 'hardware.changed')).toHaveLength(1);
  });
});

describe('a store that was restored from an earlier time', () => {
  it('has its gateways follow again with the next turn, and says why', async () => {
    await rig.start();
    await bringIn(1);
    const issued = rig.service.routing()?.generation ?? 0;
    rig.controlPlane.gatewayReported(report(issued + 5));
    await rig.pass(1_000);
    expect(rig.service.routing()?.generation).toBe(issued + 6);
    expect((await rig.store.routing(testService, testEnvironment))?.generation).toBe(issued + 6);
    const [changed] = await rig.store.events({ service: testService, kindPrefix: 'routing.changed', last: 1 });
    expect(JSON.stringify(changed?.data)).toContain('restored from an earlier time');
    rig.controlPlane.gatewayReported(report(issued + 6));
    await rig.pass(2_000);
    expect(rig.service.routing()?.generation).toBe(issued + 6);
  });

  it('keeps what serves of a release that the store does not know until gateways have let go of it', async () => {
    await rig.start();
    await bringIn(1);
    const served = routed();
    await rig.crash();
    // The store of before the first release, and a gateway that follows the table of after it.
    const restored = new ControlPlaneRig();
    Object.assign(restored, { machine: rig.machine, clock: rig.clock });
    await restored.start('host:boot:2:2');
    const issued = rig.service.routing()?.generation ?? 0;
    await restored.operations().release(await aReleaseRequest(restored.blobs, 2));
    const inFlight = { [served[0] ?? '']: 1 };
    for (let second = 0; second < 15; second += 1) {
      restored.controlPlane.gatewayReported({ ...report(issued, inFlight) });
      await restored.pass(1_000);
    }
    expect(rig.machine.replicas().find(({ replicaId }) => replicaId === served[0])?.drainingSinceMs).toBeNull();
    const generation = restored.service.routing()?.generation ?? 0;
    expect(generation).toBeGreaterThan(issued);
    for (let second = 0; second < 3; second += 1) {
      restored.controlPlane.gatewayReported(report(generation));
      await restored.pass(1_000);
    }
    const left = rig.machine.replicas().find(({ replicaId }) => replicaId === served[0]);
    expect(left === undefined || left.drainingSinceMs !== null).toBe(true);
    await restored.stop();
  });
});
