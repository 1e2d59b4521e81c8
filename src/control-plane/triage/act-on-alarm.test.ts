import { beforeEach, describe, expect, it } from 'vitest';
import type { OnAlarm } from '../../core/contract/contract.ts';
import { readRedaction } from '../../core/monitoring/samples/redact.ts';
import { emptyDrift, type OpenAlarm } from '../../core/monitoring/watch/drift-state.ts';
import type { MonitoringTerms } from '../../core/monitoring/watch/monitoring-terms.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { ObservedReplica } from '../../core/rollout/replica.ts';
import type { Fence, Store } from '../../ports/records/store.ts';
import type { ReplicaFinding, ReplicaInspector } from '../../ports/serving/replica-inspector.ts';
import { aGoldenSet } from '../../testing/builders/release-fixture.ts';
import { aDeployment, aRelease } from '../../testing/builders/store-builders.ts';
import { FakeClock } from '../../testing/fakes/fake-clock.ts';
import { FakeReplicaClient } from '../../testing/fakes/fake-replica-client.ts';
import { memoryBlobs } from '../../testing/fakes/memory/memory-blobs.ts';
import { memoryStore } from '../../testing/fakes/memory/memory-store.ts';
import { GoldenWatch } from '../golden/golden-watch.ts';
import { AlarmTriage } from './alarm-triage.ts';

const scope = ['digits', 'prod'] as const;
const signal = new AbortController().signal;
let store: Store;
let clock: FakeClock;
let fence: Fence;
let blobs: ReturnType<typeof memoryBlobs>;
let client: FakeReplicaClient;

const termsWith = (onAlarm: OnAlarm): MonitoringTerms => ({
  ...{ release: 1, rate: { count: 1, perMs: 30 * 86_400_000 }, windowMs: 1, protocol: 'open-inference-v2' },
  ...{ redaction: readRedaction([]), content: false, retentionMs: 3_600_000, awaitsLabels: false },
  ...{ tolerance: { sd: 0.2, totalVariation: 0.1 }, reference: null, onAlarm },
});
const isolate: OnAlarm = { action: 'isolate', atMostOncePerMs: 3_600_000 };
const replica = (replicaId: string): ObservedReplica => ({
  ...{ replicaId, set: 's', pair: aRelease().pair, release: 1, state: 'ready', reason: '' },
  ...{ endpoint: `http://${replicaId}`, pid: 1, node: 'n', restarts: 0, startedAtMs: 0, readyAtMs: 0, phases: [] },
});
const alarmOf = (name: string): OpenAlarm => ({
  ...{ kind: 'feature', name, arm: 'c', statistic: 1.2, share: 0.9, atMs: clock.nowMs(), release: 1 },
  ...{ moved: '', sinceMs: clock.nowMs() - 60_000 },
});
const three = ['a', 'b', 'c'].map(replica);

/** As the machines show it, but for what is named. */
const inspectorWith = (over: Partial<ReplicaFinding> = {}): ReplicaInspector => ({
  inspect: async (replicas) =>
    replicas.map(({ replicaId }) => ({ replicaId, deviceClass: 'cpu', fingerprint: 'one', files: 'matches', ...over })),
  runtimeOf: async () => 'one',
  nodeEvents: async () => [],
});
const open = (onAlarm: OnAlarm, inspector = inspectorWith()): AlarmTriage => {
  const parts = {
    ...{ service: 'digits', environment: 'prod', store, blobs, clock, log: { warn: () => undefined } },
    ...{ fence: () => fence, recorded: () => undefined },
  };
  const ways = { replicaClientFor: () => client, key: 'key', gateways: () => [], inFlight: () => 0 };
  const replays = new GoldenWatch({ ...parts, ...ways, terms: () => null });
  return new AlarmTriage({ ...parts, inspector, replays, terms: () => termsWith(onAlarm) });
};
const alarm = (...names: readonly string[]): Promise<void> => raise(names.map(alarmOf));
async function raise(raised: readonly OpenAlarm[]): Promise<void> {
  const standing = await store.driftRecord(...scope);
  const state = { ...(standing?.state ?? emptyDrift), alarms: raised };
  await store.transaction(fence, (tx) =>
    tx.setDriftRecord(...scope, { state, cursors: {} }, standing?.revision ?? null),
  );
}
const alarms = async () => (await store.driftRecord(...scope))?.state.alarms ?? [];
const isolated = async () => (await store.isolations(...scope)).map(({ replicaId }) => replicaId);
const remedied = () => store.events({ kindPrefix: 'drift.remedied' });

beforeEach(async () => {
  store = memoryStore();
  blobs = memoryBlobs();
  clock = new FakeClock();
  client = new FakeReplicaClient();
  const right = client.answer.bind(client);
  client.answer = async (endpoint, model, inputs) => {
    const outputs = await right(endpoint, model, inputs);
    if (endpoint !== 'http://c' || outputs instanceof PlimsollError) return outputs;
    return outputs.map((each) => ({ ...each, data: each.data.map(() => 1e6) }));
  };
  const lease = await store.leases.acquire({ lease: 'control-plane', holder: 'tests', ttlMs: 1e9, nowMs: 0 });
  if (lease === null) throw new Error('no lease');
  fence = lease;
  const { digest: blob } = await blobs.put(Buffer.from(JSON.stringify(aGoldenSet(aRelease().model.digest))));
  const made = { ...aRelease(), service: 'digits', environment: 'prod', golden: { dataName: 'g', blob } };
  await store.transaction(fence, async (tx) => {
    await tx.addRelease(made);
    await tx.setDeployment({ ...aDeployment(1), service: 'digits', environment: 'prod' }, null);
    for (const { replicaId } of three) {
      await tx.admit({ service: 'digits', environment: 'prod', replicaId, golden: blob, atMs: 0 });
    }
  });
});

describe('an alarm whose cause is the node of one replica', () => {
  it('isolates that replica, once, and says so in the alarm and as an event', async () => {
    await alarm('amount');
    const triage = open(isolate);
    await triage.look(three, signal);
    expect(await isolated()).toEqual(['c']);
    expect(await alarms()).toMatchObject([
      { diagnosis: { verdict: 'named' }, remedied: { did: 'isolate', what: 'isolated c', atMs: clock.nowMs() } },
    ]);
    expect(await remedied()).toMatchObject([{ by: 'watch', data: { did: 'isolate', replicas: ['c'] } }]);
    await clock.advance(60_000);
    // A successor finds all of it in the store.
    await open(isolate).look(three, signal);
    expect(await remedied()).toHaveLength(1);
  });

  it('leaves all of it or nothing where the write fails', async () => {
    await alarm('amount');
    const failing: Store = {
      ...store,
      transaction: (held, work) =>
        store.transaction(held, async (tx) => {
          await work(tx);
          throw new Error('killed');
        }),
    };
    const whole = store;
    store = failing;
    await open(isolate).look(three, signal);
    store = whole;
    expect([await isolated(), await remedied(), (await alarms())[0]?.remedied]).toEqual([[], [], undefined]);
    await open(isolate).look(three, signal);
    expect(await isolated()).toEqual(['c']);
  });

  it('is told and not acted on where the contract says no more', async () => {
    await alarm('amount');
    await open({ action: 'notify', atMostOncePerMs: 1 }).look(three, signal);
    expect(await alarms()).toMatchObject([{ diagnosis: { verdict: 'named', causes: [{ cause: 'node' }] } }]);
    expect([await isolated(), await remedied(), (await alarms())[0]?.remedied]).toEqual([[], [], undefined]);
  });

  it('is not acted on hours later by what was seen then', async () => {
    await raise([{ ...alarmOf('amount'), arm: null, moved: 'amount: mean went from 0 up to 2' }]);
    await open({ action: 'notify', atMostOncePerMs: 1 }).look(three, signal);
    client.answer = new FakeReplicaClient().answer;
    await clock.advance(3_600_000);
    await open(isolate).look(three, signal);
    expect(await alarms()).toMatchObject([{ diagnosis: { causes: [{ cause: 'node' }] }, looks: { times: 1 } }]);
    expect([await isolated(), await remedied()]).toEqual([[], []]);
  });

  it('is not acted on again within the stated time', async () => {
    await alarm('amount', 'weight');
    await open(isolate).look(three, signal);
    expect(await isolated()).toEqual(['c']);
    expect((await alarms()).map(({ remedied: done }) => done?.did)).toEqual(['isolate', 'nothing']);
    await alarm('another');
    await clock.advance(3_600_000);
    await alarm('another');
    await open(isolate).look(three, signal);
    expect((await alarms()).map(({ remedied: done }) => done?.did)).toEqual(['isolate']);
  });

  it.each([
    ['the runtime', { fingerprint: null }],
    ['the device class', { deviceClass: null }],
  ])('is not proven, nor acted on, where %s of replicas is not known', async (_what, over) => {
    await alarm('amount');
    await open(isolate, inspectorWith(over)).look(three, signal);
    expect((await alarms())[0]?.diagnosis?.verdict).toBe('abstains');
    expect(await isolated()).toEqual([]);
  });

  it('has another cause where its files are not the pinned files, and is not isolated', async () => {
    await alarm('amount');
    const inspector: ReplicaInspector = {
      ...inspectorWith(),
      inspect: async (replicas) =>
        replicas.map(({ replicaId }) => ({
          ...{ replicaId, deviceClass: 'cpu', fingerprint: 'one', files: replicaId === 'c' ? 'differs' : 'matches' },
        })),
    };
    await open(isolate, inspector).look(three, signal);
    expect(await alarms()).toMatchObject([{ diagnosis: { verdict: 'named', causes: [{ cause: 'artifact' }] } }]);
    expect(await isolated()).toEqual([]);
  });

  it('says nothing of an alarm that began after the replica had left traffic', async () => {
    const out = {
      replicaId: 'c',
      stage: 'isolated',
      reason: '',
      by: 'ada',
      askedAtMs: 0,
      sinceMs: 1,
      untilMs: 1e15,
    } as const;
    await store.transaction(fence, (tx) => tx.setIsolations(...scope, [out]));
    await clock.advance(600_000);
    await alarm('amount');
    await open(isolate).look(three, signal);
    expect((await alarms())[0]?.diagnosis?.verdict).toBe('abstains');
  });
});
