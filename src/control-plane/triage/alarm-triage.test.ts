import { beforeEach, describe, expect, it } from 'vitest';
import type { ReferenceSummary } from '../../core/monitoring/features/reference.ts';
import { beginDistance, learnRows } from '../../core/monitoring/distance/distance.ts';
import { readRedaction } from '../../core/monitoring/samples/redact.ts';
import { emptyDrift, type DriftState, type OpenAlarm } from '../../core/monitoring/watch/drift-state.ts';
import type { MonitoringTerms } from '../../core/monitoring/watch/monitoring-terms.ts';
import { seededRandom } from '../../core/statistics/random.ts';
import { digestOf } from '../../core/units/digest.ts';
import type { ObservedReplica } from '../../core/rollout/replica.ts';
import type { Fence, Store } from '../../ports/records/store.ts';
import { FakeClock } from '../../testing/fakes/fake-clock.ts';
import { FakeReplicaClient } from '../../testing/fakes/fake-replica-client.ts';
import { memoryBlobs } from '../../testing/fakes/memory/memory-blobs.ts';
import { memoryStore } from '../../testing/fakes/memory/memory-store.ts';
import { aGoldenSet } from '../../testing/builders/release-fixture.ts';
import { aRelease } from '../../testing/builders/store-builders.ts';
import { GoldenWatch } from '../golden/golden-watch.ts';
import { AlarmTriage } from './alarm-triage.ts';

const reference: ReferenceSummary = {
  ...{ referenceVersion: 1, featuresVersion: 1, rows: 5_000, ofRows: 5_000, cut: null },
  features: [
    {
      ...{ name: 'amount', group: 'amount', kind: 'numeric', missingShare: 0 },
      numeric: { mean: 0, sd: 1, quantiles: { p5: -1.6, p25: -0.7, p50: 0, p75: 0.7, p95: 1.6 } },
    },
  ],
} as unknown as ReferenceSummary;
const terms: MonitoringTerms = {
  ...{ release: 1, rate: { count: 1, perMs: 30 * 86_400_000 }, windowMs: 1, protocol: 'open-inference-v2' },
  ...{ redaction: readRedaction([]), content: false, retentionMs: 3_600_000, awaitsLabels: false },
  ...{ tolerance: { sd: 0.2, totalVariation: 0.1 }, reference: { digest: digestOf(reference), summary: reference } },
};

let store: Store;
let blobs: ReturnType<typeof memoryBlobs>;
let clock: FakeClock;
let fence: Fence;
const signal = new AbortController().signal;

const alarmAt = (atMs: number): OpenAlarm => ({
  ...{ kind: 'feature', name: 'amount', arm: null, statistic: 1.2, share: 0.9, atMs, release: 1 },
  ...{ moved: 'amount: mean went from 0 up to 2', sinceMs: atMs - 60_000 },
});
const open = (client = new FakeReplicaClient()): AlarmTriage => {
  const parts = {
    ...{ service: 'digits', environment: 'prod', store, blobs, clock, log: { warn: () => undefined } },
    ...{ fence: () => fence, recorded: () => undefined },
  };
  const ways = { replicaClientFor: () => client, key: 'key', gateways: () => [], inFlight: () => 0 };
  const replays = new GoldenWatch({ ...parts, ...ways, terms: () => null });
  return new AlarmTriage({ ...parts, replays, terms: () => terms });
};
const replica = (): ObservedReplica => ({
  ...{ replicaId: 'a', set: 's', pair: aRelease().pair, release: 1, state: 'ready', reason: '' },
  ...{ endpoint: 'http://127.0.0.1:1', pid: 1, node: 'n', restarts: 0, startedAtMs: 0, readyAtMs: 0, phases: [] },
});
/** A state whose rows left the reference by two standard deviations. */
function moved(): DriftState {
  const random = seededRandom(5);
  let state = beginDistance(reference);
  for (let batch = 0; batch < 60; batch += 1) {
    const rows = Array.from({ length: 50 }, () => ({ values: { status: '200', amount: 2 + random.nextShare() } }));
    state = learnRows(state, reference, rows, batch * 1_000);
  }
  return { ...emptyDrift, inputGroups: ['amount'], distance: { of: digestOf(reference), state, told: true } };
}
const record = async (state: DriftState): Promise<void> => {
  const standing = await store.driftRecord('digits', 'prod');
  await store.transaction(fence, (tx) =>
    tx.setDriftRecord('digits', 'prod', { state, cursors: {} }, standing?.revision ?? null),
  );
};
const diagnosis = async () => (await store.driftRecord('digits', 'prod'))?.state.alarms[0]?.diagnosis;

beforeEach(async () => {
  store = memoryStore();
  blobs = memoryBlobs();
  clock = new FakeClock();
  const lease = await store.leases.acquire({ lease: 'control-plane', holder: 'tests', ttlMs: 1e9, nowMs: 0 });
  if (lease === null) throw new Error('no lease');
  fence = lease;
});

/** Release 1, with golden outputs that the fake reproduces, or without any. */
async function release(isGolden: boolean): Promise<void> {
  const golden = aGoldenSet(aRelease().model.digest);
  const { digest: blob } = await blobs.put(Buffer.from(JSON.stringify(golden)));
  const released = isGolden ? { dataName: 'digits-golden', blob } : null;
  const made = { ...aRelease(), service: 'digits', environment: 'prod', golden: released };
  await store.transaction(fence, (tx) => tx.addRelease(made));
}

describe('the triage of an alarm', () => {
  it('abstains without golden replays, says what would decide, and is recorded once', async () => {
    await release(false);
    await record({ ...moved(), alarms: [alarmAt(clock.nowMs())] });
    const triage = open();
    await triage.look([replica()], signal);
    const answer = await diagnosis();
    expect(answer).toMatchObject({ verdict: 'abstains' });
    expect(answer?.verdict === 'abstains' ? answer.decides.length : 0).toBeGreaterThan(0);
    await clock.advance(60_000);
    await triage.look([replica()], signal);
    expect(await store.events({ kindPrefix: 'drift.diagnosed' })).toMatchObject([
      { data: { cause: null, name: 'amount' } },
    ]);
  });

  it('names the data where golden replays pass and inputs left what was evaluated, and records it once', async () => {
    await release(true);
    await record({ ...moved(), alarms: [alarmAt(clock.nowMs())] });
    const client = new FakeReplicaClient();
    const triage = open(client);
    await triage.look([replica()], signal);
    expect(client.asked.length).toBeGreaterThan(0);
    expect(await diagnosis()).toMatchObject({ verdict: 'named', causes: [{ cause: 'data' }] });
    const asked = client.asked.length;
    await clock.advance(60_000);
    await triage.look([replica()], signal);
    expect(client.asked).toHaveLength(asked);
    const [event, ...more] = await store.events({ kindPrefix: 'drift.diagnosed' });
    expect(event).toMatchObject({ data: { cause: 'data', remedy: 'plimsoll evaluate' } });
    expect(more).toEqual([]);
  });

  it('looks again at a named cause, less and less often, and names a second one beside it', async () => {
    await release(true);
    const alarm = alarmAt(clock.nowMs());
    await record({ ...moved(), alarms: [alarm] });
    const triage = open();
    await triage.look([replica()], signal);
    expect(await diagnosis()).toMatchObject({ causes: [{ cause: 'data' }] });
    const routing = { ...alarm, kind: 'aggregate', name: 'routing', sinceMs: clock.nowMs() } as const;
    await clock.advance(20_000);
    const { state } = (await store.driftRecord('digits', 'prod')) ?? {};
    if (state === undefined) throw new Error('it is recorded');
    await record({ ...state, alarms: [...state.alarms, { ...routing, atMs: clock.nowMs() }] });
    await triage.look([replica()], signal);
    expect(await diagnosis()).toMatchObject({ causes: [{ cause: 'data' }, { cause: 'routing' }] });
    const told = await store.events({ kindPrefix: 'drift.diagnosed' });
    expect(told.map(({ data }) => 'cause' in data && data.cause)).toEqual([
      'data',
      'data and routing',
      'data and routing',
    ]);
    for (let minute = 0; minute < 600; minute += 1) {
      await clock.advance(60_000);
      await triage.look([replica()], signal);
    }
    const { alarms = [] } = (await store.driftRecord('digits', 'prod'))?.state ?? {};
    expect(alarms.map(({ looks }) => looks?.times)).toEqual([7, 7]);
    expect(await store.events({ kindPrefix: 'drift.diagnosed' })).toHaveLength(3);
  });

  it('diagnoses live data that left its reference as it does an alarm', async () => {
    await release(true);
    const left = { atMs: clock.nowMs(), release: 1, reason: 'live data left', features: ['amount'] };
    await record({ ...moved(), left: { ...left, sinceMs: clock.nowMs() - 60_000, isChange: true } });
    await open().look([replica()], signal);
    const { state } = (await store.driftRecord('digits', 'prod')) ?? {};
    expect(state?.left?.diagnosis).toMatchObject({ verdict: 'named', causes: [{ cause: 'data' }] });
    expect(await store.events({ kindPrefix: 'drift.diagnosed' })).toMatchObject([
      { data: { what: 'distance', name: 'distance', cause: 'data', remedy: 'plimsoll evaluate' } },
    ]);
  });

  it('does not name the data where the only replica fails its golden set', async () => {
    await release(true);
    await record({ ...moved(), alarms: [alarmAt(clock.nowMs())] });
    const client = new FakeReplicaClient();
    client.answer = (_endpoint, _model, inputs) =>
      inputs.map((input) => ({ ...input, name: 'y', data: input.data.map(() => 1e6) }));
    await open(client).look([replica()], signal);
    const answer = await diagnosis();
    expect(answer?.verdict === 'named' ? answer.causes.map(({ cause }) => cause) : []).not.toContain('data');
  });

  it('does nothing while no alarm is open, or the alarm is not there any more', async () => {
    await record(moved());
    await open().look([replica()], signal);
    expect(await store.events({ kindPrefix: 'drift.diagnosed' })).toEqual([]);
  });

  it('tells of nothing that is not known: an alarm without distances names no cause', async () => {
    await release(true);
    await record({ ...emptyDrift, alarms: [alarmAt(clock.nowMs())] });
    await open().look([], signal);
    expect((await diagnosis())?.verdict).not.toBe('named');
  });
});
