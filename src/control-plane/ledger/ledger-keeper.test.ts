import { pino } from 'pino';
import { beforeEach, describe, expect, it } from 'vitest';
import { deriveLedgerRows } from '../../core/cost/ledger/derive-rows.ts';
import type { LedgerFact } from '../../core/cost/ledger/fact.ts';
import { hourMs, hourOf } from '../../core/cost/ledger/row.ts';
import type { NodeFacts } from '../../core/pool/node-facts.ts';
import type { MetricSample } from '../../core/scaling/engine-metrics/reading.ts';
import type { OwnNodes } from '../../ports/nodes/own-nodes.ts';
import { ledgerFactsKeptMs } from '../../ports/records/ledger-records.ts';
import type { Fence } from '../../ports/records/store.ts';
import { aGatewayReport } from '../../testing/builders/gateway-reports.ts';
import { buildDevice, buildNode } from '../../testing/builders/pools/pool-builders.ts';
import { aReplica, aRolloutState, aDeployment, aRelease } from '../../testing/builders/rollout-builders.ts';
import { FakeClock } from '../../testing/fakes/fake-clock.ts';
import { memoryStore } from '../../testing/fakes/memory/memory-store.ts';
import { testMachine } from '../../testing/rigs/test-judging.ts';
import { addEntries, deriveHour } from './hours/close-hours.ts';
import { LedgerKeeper } from './ledger-keeper.ts';
import { LedgerRecorder } from './record/ledger-recorder.ts';
import { readFacts } from './hours/read-facts.ts';
import { ServiceLedger } from './record/service-ledger.ts';

const minute = 60_000;
const released = aRelease(1);
const withDevice = { ...released, code: { ...released.code, devices: 1 } };

let clock: FakeClock;
let store: ReturnType<typeof memoryStore>;
let fence: Fence;
let node: NodeFacts | null;
let stores: (fence: Fence) => Fence;
let exported: readonly MetricSample[];
/** Processor time of each pid; null: nobody reads any. */
let processors: Map<number, number> | null;

beforeEach(async () => {
  clock = new FakeClock();
  store = memoryStore();
  node = buildNode('test', {
    devices: [buildDevice({ uuid: 'GPU-a' }), buildDevice({ uuid: 'GPU-b', index: 1, pciBusId: '00000000:0A:00.0' })],
  });
  stores = (own) => own;
  exported = [];
  processors = null;
  const lease = await store.leases.acquire({ lease: 'l', holder: 'h', ttlMs: 1, nowMs: 0 });
  if (lease === null) throw new Error('the lease of a new store is held');
  fence = lease;
});

const nodes: OwnNodes = {
  platform: 'local',
  machine: () => testMachine,
  probe: async () => node ?? Promise.reject(new Error('no driver')),
};

/** One run of a control plane with one service, without its turns. */
async function open(identity: string) {
  const recorder = new LedgerRecorder({ store, clock, identity });
  await store.transaction(fence, (tx) => recorder.begin(tx));
  const scope = { service: 'digits', environment: 'default' };
  const service = new ServiceLedger(recorder, scope, () => null);
  const log = pino({ level: 'silent' });
  const keeper = new LedgerKeeper({
    store,
    clock,
    log,
    recorder,
    nodes,
    services: () => [service],
    fence: () => stores(fence),
    ...(processors === null ? {} : { processorTimes: { read: async () => new Map(processors) } }),
    metricsSource: {
      readDevices: async () => ({
        ...{ kind: 'read', warnings: [] },
        reading: { readAtMs: clock.nowMs(), samples: exported },
      }),
    },
  });
  const turn = async (replicas: readonly ReturnType<typeof aReplica>[]): Promise<void> => {
    const deployment = aDeployment({ live: 1, phase: 'live' });
    const admissions = new Map(replicas.map(({ replicaId }) => [replicaId, null]));
    const seen = aRolloutState({ releases: [withDevice], deployment, replicas, admissions });
    const facts = service.makeFacts(seen, null);
    await store.transaction(fence, (tx) => service.record(tx, facts));
  };
  const pass = async (minutes: number): Promise<void> => {
    for (let count = 0; count < minutes; count += 1) {
      await clock.advance(minute);
      await keeper.look();
    }
  };
  return { recorder, service, keeper, turn, pass };
}

const devices = (uuid: string) => ({
  toldBy: 'kubelet' as const,
  devices: [{ name: null, uuid, product: null, mig: null, share: null, memoryBytes: null }],
  unknown: null,
});
const replica = aReplica(withDevice, { replicaId: 'r1', devices: devices('GPU-a') });
const allFacts = (): Promise<readonly LedgerFact[]> => readFacts(store, 0, Number.MAX_SAFE_INTEGER / 2);

describe('LedgerKeeper', () => {
  it('derives each hour once, and what it recorded is what the facts say, all of them or those since a checkpoint', async () => {
    const run = await open('one');
    await run.turn([replica]);
    await run.keeper.look();
    await run.turn([replica]);
    const first = hourOf(clock.nowMs());
    await run.pass(190);
    const entries = await store.ledgerEntries(0, Number.MAX_SAFE_INTEGER);
    expect(entries.map(({ hourMs: hour, entry }) => [hour, entry])).toEqual(
      [0, 1, 2].map((hours) => [first + hours * hourMs, 1]),
    );
    for (const entry of entries) expect(addEntries([entry])).toEqual(await deriveHour(store, entry.hourMs));
    const last = entries[2];
    expect(last?.rows.map(({ device, state, reason, computeMs }) => [device, state, reason, computeMs])).toEqual([
      ['GPU-a', 'unattributable', 'work-not-reported', hourMs],
      ['GPU-b', 'unallocated', null, hourMs],
    ]);
    const window = { fromMs: first + 2 * hourMs, toMs: first + 3 * hourMs };
    expect(deriveLedgerRows(await allFacts(), window).rows).toEqual(last?.rows);
  });

  it('corrects an hour for a fact that came late, and the hour adds up to what the facts say', async () => {
    const run = await open('one');
    await run.turn([replica]);
    await run.keeper.look();
    const first = hourOf(clock.nowMs());
    await run.pass(70);
    const at = { recorder: 'late', monotonicMs: 0, wallMs: first + 30 * minute };
    const after = { ...at, monotonicMs: minute, wallMs: at.wallMs + minute };
    const place = { recorder: 'late', atMs: at.wallMs };
    const gap = { kind: 'gap-began', gap: 'late', cause: 'node-gone', scope: { of: 'all' } } as const;
    await store.transaction(fence, (tx) =>
      tx.appendLedgerRecords([
        { ...place, sequence: 1, kind: 'gap-began', fact: { ...gap, id: 'late-1', at } },
        { ...place, sequence: 2, kind: 'gap-ended', fact: { kind: 'gap-ended', id: 'late-2', at: after, gap: 'late' } },
      ]),
    );
    await run.pass(60);
    const entries = await store.ledgerEntries(first, first + hourMs);
    expect(entries.map(({ entry }) => entry)).toEqual([1, 2]);
    const moved = new Map(entries[1]?.rows.map(({ device, state, computeMs }) => [`${device} ${state}`, computeMs]));
    expect(moved.get('GPU-b unallocated')).toBe(-minute);
    expect(moved.get('GPU-b unattributable')).toBe(minute);
    expect(addEntries(entries)).toEqual(await deriveHour(store, first));
  });

  it('forgets facts that are kept for long enough, however many hours they are of', async () => {
    const run = await open('one');
    await run.turn([]);
    await run.keeper.look();
    const first = clock.nowMs();
    await run.pass(190);
    await clock.advance(ledgerFactsKeptMs);
    await run.pass(125);
    const oldest = await store.firstLedgerRecord();
    // Up to the last checkpoint before what is kept: whoever begins there knows what stands.
    expect(oldest?.atMs).toBeGreaterThan(first + 2 * hourMs);
    expect(oldest?.atMs).toBeLessThanOrEqual(clock.nowMs() - ledgerFactsKeptMs);
  });

  it('accounts work over a kill of the control plane, and leaves unknown what nobody held', async () => {
    const first = await open('one');
    await first.turn([replica]);
    await first.keeper.look();
    await first.turn([replica]);
    const hour = hourOf(clock.nowMs()) + hourMs;
    const startedAtMs = clock.nowMs();
    const reports = (run: Awaited<ReturnType<typeof open>>): void => {
      const busyMs = (clock.nowMs() - startedAtMs) / 4;
      const replicas = [{ replicaId: 'r1', inFlight: 0, requests: 0, work: { answers: busyMs / 10, busyMs } }];
      run.service.report(aGatewayReport(clock.nowMs(), {}, { startedAtMs, replicas }));
    };
    const serve = async (run: Awaited<ReturnType<typeof open>>, seconds: number): Promise<void> => {
      for (let second = 0; second < seconds; second += 1) {
        await clock.advance(1_000);
        reports(run);
        await run.keeper.look();
      }
    };
    await serve(first, (hour - clock.nowMs()) / 1_000 + 605);
    // Killed 5 s after its last beat; the next one is there 20 s later.
    await clock.advance(20_000);
    const next = await open('two');
    await next.turn([replica]);
    await serve(next, 3_600);
    const { rows } = await deriveHour(store, hour);
    const sums = Map.groupBy(rows, ({ device, state, reason }) => `${device} ${reason ?? state}`);
    const msOf = (key: string): number => (sums.get(key) ?? []).reduce((sum, { computeMs }) => sum + computeMs, 0);
    expect([...sums.keys()].sort()).toEqual([
      'GPU-a idle',
      'GPU-a serving',
      'GPU-b control-plane-down',
      'GPU-b unallocated',
    ]);
    expect(msOf('GPU-a serving') / hourMs).toBeCloseTo(0.25, 2);
    expect(msOf('GPU-b control-plane-down')).toBeLessThanOrEqual(30_000);
  });

  it('calls time of a free device unattributable while an exporter shows a program on it', async () => {
    const run = await open('one');
    await run.turn([replica]);
    await run.keeper.look();
    await run.turn([replica]);
    await run.pass(Math.ceil((hourMs - (clock.nowMs() % hourMs)) / minute));
    const hour = hourOf(clock.nowMs());
    const labels = [
      ['UUID', 'GPU-b'],
      ['namespace', 'lab'],
      ['pod', 'notebook-0'],
    ] as const;
    exported = [{ name: 'DCGM_FI_PROF_GR_ENGINE_ACTIVE', labels, value: 0.3, atMs: null }];
    await run.pass(11);
    exported = [];
    await run.pass(60);
    const { rows, errors } = await deriveHour(store, hour);
    const ofFree = rows.filter(({ device }) => device === 'GPU-b');
    expect(ofFree.map(({ state, reason, computeMs }) => [reason ?? state, computeMs / minute])).toEqual([
      ['unallocated', 50],
      ['claim-lost', 10],
    ]);
    expect(errors).toMatchObject([{ kind: 'claim-lost', device: 'GPU-b', claims: ['lab/notebook-0'] }]);
  });

  it('knows what a replica used up to its end, also where that is between two minutes', async () => {
    processors = new Map([[7, 0]]);
    node = buildNode('test', {
      devices: [],
      cpu: { architecture: 'x64', model: 'EPYC 9454', cores: 2, features: null },
    });
    const run = await open('one');
    const onCores = aReplica(released, { replicaId: 'r1', pid: 7 });
    const live = { ...aRolloutState({}), releases: [released], deployment: aDeployment({ live: 1, phase: 'live' }) };
    const see = async (replicas: readonly ReturnType<typeof aReplica>[]): Promise<void> => {
      const facts = run.service.makeFacts(aRolloutState({ ...live, replicas }), null);
      await store.transaction(fence, (tx) => run.service.record(tx, facts));
    };
    const seconds = async (count: number, usedMs: number): Promise<void> => {
      for (let second = 0; second < count; second += 1) {
        await clock.advance(1_000);
        processors?.set(7, (processors.get(7) ?? 0) + usedMs);
        await run.keeper.look();
      }
    };
    const uses = async () => (await allFacts()).filter((fact) => fact.kind === 'use-measured');
    await see([onCores]);
    await run.keeper.look();
    await see([onCores]);
    await seconds(70, 500);
    const before = await uses();
    // It drains after 5 s, is read each second from then on, and ends 30 s before the minute is over.
    await seconds(5, 500);
    await see([{ ...onCores, state: 'draining' }]);
    await seconds(3, 800);
    await see([]);
    const last = (await uses()).slice(before.length);
    expect(before.length).toBeGreaterThan(0);
    expect(last).toMatchObject([{ claim: 'r1', usedMs: 5 * 500 + 3 * 800 }]);
    expect(last[0]?.at.wallMs).toBe(clock.nowMs());
    expect(last[0]?.fromMonotonicMs).toBe(before.at(-1)?.at.monotonicMs);
  });

  it('waits with a claim until its device is in the inventory', async () => {
    const run = await open('one');
    await run.turn([replica]);
    expect(run.recorder.standing.claims.size).toBe(0);
    await run.keeper.look();
    await run.turn([replica]);
    expect(run.recorder.standing.claims.get('r1')?.began.holds).toEqual([{ device: 'GPU-a', slot: 'whole' }]);
  });

  it('calls the time of a node unattributable while a replica starts of which nobody tells the device', async () => {
    const run = await open('one');
    const untold = aReplica(withDevice, { replicaId: 'r1', state: 'starting' });
    await run.turn([untold]);
    await run.keeper.look();
    await run.turn([untold]);
    await run.turn([untold]);
    expect([...run.recorder.standing.gaps.values()]).toMatchObject([
      { cause: 'reports-missing', scope: { of: 'node', node: 'test' } },
    ]);
    await run.turn([replica]);
    expect([run.recorder.standing.gaps.size, run.recorder.standing.claims.size]).toEqual([0, 1]);
  });

  it('keeps what it knows of a node that cannot be read now', async () => {
    const run = await open('one');
    await run.turn([]);
    await run.keeper.look();
    expect(run.recorder.standing.devices.size).toBe(2);
    node = null;
    await run.pass(3);
    expect(run.recorder.standing.devices.size).toBe(2);
    expect(run.recorder.standing.gaps.size).toBe(0);
    expect((await store.lastLedgerRecord(clock.nowMs()))?.atMs).toBe(clock.nowMs());
  });

  it('records a gap for the time in which nothing could be written', async () => {
    const run = await open('one');
    await run.turn([]);
    await run.keeper.look();
    await run.pass(1);
    const fromMs = clock.nowMs();
    stores = (own) => ({ ...own, token: 99 });
    await run.pass(5);
    stores = (own) => own;
    await run.pass(1);
    const facts = await allFacts();
    const gaps = facts.filter(({ kind }) => kind === 'gap-began' || kind === 'gap-ended');
    expect(gaps.map(({ kind, at }) => [kind, at.wallMs - fromMs])).toEqual([
      ['gap-began', 0],
      ['gap-ended', 6 * minute],
    ]);
  });
});

describe('LedgerRecorder', () => {
  it('knows after a kill at any moment what stood, by what is recorded', async () => {
    const run = await open('one');
    await run.turn([replica]);
    await run.keeper.look();
    await run.turn([replica]);
    await run.pass(61);
    await run.turn([replica, aReplica(withDevice, { replicaId: 'r2', devices: devices('GPU-b'), state: 'draining' })]);
    for (let moment = 0; moment < 4; moment += 1) {
      const next = new LedgerRecorder({ store, clock, identity: `after-${moment}` });
      await next.ready();
      expect(next.standing.list()).toEqual(run.recorder.standing.list());
      await run.pass(20);
    }
    await run.turn([]);
    const last = new LedgerRecorder({ store, clock, identity: 'last' });
    await last.ready();
    expect([last.standing.claims.size, last.standing.devices.size]).toEqual([0, 2]);
  });

  it('reads again what stands after a transaction that failed', async () => {
    const run = await open('one');
    await run.turn([]);
    await run.keeper.look();
    const at = run.recorder.now();
    const failing = store.transaction(fence, async (tx) => {
      await run.recorder.append(tx, [{ kind: 'device-gone', device: 'GPU-a', pool: 'local', at }]);
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    run.recorder.outdate();
    await run.recorder.ready();
    expect([...run.recorder.standing.devices.keys()].sort()).toEqual(['GPU-a', 'GPU-b']);
  });
});
