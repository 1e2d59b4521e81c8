import { beforeEach, describe, expect, it } from 'vitest';
import { seededRandom } from '../../core/statistics/random.ts';
import type { CapturedSample, SampleSegment } from '../../core/monitoring/samples/sample.ts';
import { readRedaction } from '../../core/monitoring/samples/redact.ts';
import { acknowledge } from '../../core/monitoring/watch/step-drift.ts';
import type { MonitoringTerms } from '../../core/monitoring/watch/monitoring-terms.ts';
import type { FeatureSource } from '../../ports/monitoring/feature-source.ts';
import type { Fence, Store } from '../../ports/records/store.ts';
import { FakeClock } from '../../testing/fakes/fake-clock.ts';
import { memoryStore } from '../../testing/fakes/memory/memory-store.ts';
import { explainDrift } from '../operations/drift/explain-drift.ts';
import { DriftWatch } from './drift-watch.ts';
import { RoutedReplicas } from './routed-replicas.ts';

const scope = ['digits', 'prod'] as const;
const terms: MonitoringTerms = {
  ...{ release: 1, rate: { count: 1, perMs: 30 * 86_400_000 }, windowMs: 1, protocol: 'open-inference-v2' },
  ...{ redaction: readRedaction([]), content: false, retentionMs: 3_600_000 },
  ...{ tolerance: { sd: 0.2, totalVariation: 0.1 }, reference: null, awaitsLabels: false },
};
const spool = { gatewayId: 'gateway-1', spoolId: '0123456789abcdef0123456789abcdef' };
const jsonBody = (value: unknown) => ({
  ...{ contentType: 'application/json', jsonBytes: null, contentEncoding: null, cut: false },
  body: Buffer.from(JSON.stringify(value)),
});

let store: Store;
let clock: FakeClock;
let fence: Fence;
let present: MonitoringTerms | null | undefined;
let made = 0;
const random = seededRandom(3);

const sample = (level = 0.5, more: Partial<CapturedSample> = {}): CapturedSample => {
  made += 1;
  const amount = level + 0.1 * (random.nextShare() - 0.5);
  return {
    ...{ requestId: `request-${made}`, arrivedAtMs: clock.nowMs() + made, release: 1, modelVersion: 1, replicaId: 'a' },
    ...{ method: 'POST', path: '/v2/models/digits/infer', status: 200, latencyMs: 3, sampled: true, control: null },
    request: jsonBody({ inputs: [{ name: 'amount', shape: [1, 1], datatype: 'FP32', data: [amount] }] }),
    response: jsonBody({
      model_name: 'digits',
      outputs: [{ name: 'score', shape: [1, 1], datatype: 'FP32', data: [2 * amount] }],
    }),
    complete: true,
    ...more,
  } as CapturedSample;
};
const segment = (sequence: number, count: number, level = 0.5): SampleSegment => ({
  ...{ ...spool, sequence },
  samples: Array.from({ length: count }, () => sample(level)),
});
const open = (features?: FeatureSource, routed?: RoutedReplicas): DriftWatch =>
  new DriftWatch({
    ...(routed === undefined ? {} : { routed }),
    ...(features === undefined ? {} : { features }),
    ...{ service: scope[0], environment: scope[1], store, clock, log: { warn: () => undefined } },
    fence: () => fence,
    terms: () => present,
    recorded: () => undefined,
  });
const rows = async (): Promise<number | undefined> => (await store.driftRecord(...scope))?.state.rows;
/** Writes are gathered for two seconds. */
const taken = async (watch: DriftWatch, ...segments: readonly SampleSegment[]): Promise<void> => {
  const all = Promise.all(segments.map((one) => watch.take(one)));
  all.catch(() => undefined);
  for (let step = 0; step < 4; step += 1) await clock.advance(1_000);
  await all;
};

beforeEach(async () => {
  store = memoryStore();
  clock = new FakeClock();
  const lease = await store.leases.acquire({ lease: 'control-plane', holder: 'tests', ttlMs: 1e9, nowMs: 0 });
  if (lease === null) throw new Error('no lease');
  fence = lease;
  present = terms;
});

describe('the watch of live answers', () => {
  it('acknowledges a segment when it is recorded, and counts none twice', async () => {
    const watch = open();
    await taken(watch, segment(1, 30));
    expect(await rows()).toBe(30);
    await taken(watch, segment(1, 30), segment(2, 10));
    expect(await rows()).toBe(40);
    expect((await store.driftRecord(...scope))?.cursors).toEqual({ [`gateway-1 ${spool.spoolId}`]: 2 });
    expect((await store.driftWindows(...scope, 0)).map(({ number, rows: of }) => [number, of])).toEqual([
      [1, 20],
      [2, 20],
    ]);
    expect(await store.driftSamples(...scope, 1)).toMatchObject([
      { replicaId: 'a', drawn: null, values: { status: '200' } },
    ]);
  });

  it('adds the features of programs, and knows all others where the programs fail', async () => {
    const program = { module: 'features.ts', files: [], gives: { twice: 'number' }, timeoutMs: 1_000 } as const;
    const custom = { digest: 'sha256:0', programs: [program], files: [], refused: null } as const;
    present = { ...terms, custom };
    let isBroken = false;
    const source: FeatureSource = {
      compute: async (_, lines) => {
        if (isBroken) return { rows: lines.map(() => ({})), failures: { 'features.ts': 'it hangs' } };
        const amountOf = (line: string) => (JSON.parse(line) as { inputs: { amount: number } }).inputs.amount;
        return { rows: lines.map((line) => ({ twice: 2 * amountOf(line) })), failures: {} };
      },
      close: async () => undefined,
    };
    const watch = open(source);
    await taken(watch, segment(1, 20));
    const [known] = await store.driftSamples(...scope, 1);
    expect(known?.values['twice']).toBeCloseTo(2 * Number(known?.values['amount']), 9);
    isBroken = true;
    await taken(watch, segment(2, 20));
    const state = (await store.driftRecord(...scope))?.state;
    expect(state).toMatchObject({ rows: 40, failures: { 'features.ts': 'it hangs' }, strange: { rows: 0 } });
    const [first, second] = await store.driftWindows(...scope, 0);
    expect(first?.tallies['twice']).toMatchObject({ n: 20, missing: 0 });
    expect(second?.tallies['twice']).toBe(undefined);
    expect(second?.tallies['amount']).toMatchObject({ n: 20 });
    present = { ...terms, custom: { ...custom, programs: [] } };
    await taken(watch, segment(3, 120));
    // The rows have other features now, with which the watch begins anew.
    expect((await store.driftRecord(...scope))?.state).toMatchObject({ failures: { 'features.ts': 'it hangs' } });
    present = terms;
    await taken(watch, segment(4, 120));
    expect((await store.driftRecord(...scope))?.state.failures).toBe(undefined);
  });

  it('goes on where another process was killed', async () => {
    await taken(open(), segment(1, 30));
    await taken(open(), segment(1, 30), segment(2, 5));
    expect(await rows()).toBe(35);
  });

  it('chooses its bets from the whole history, also where a part of it was recorded before a kill', async () => {
    await taken(open(), segment(1, 6_000));
    const after = open();
    // The history is not complete with the first segment after the kill.
    await taken(after, segment(2, 400));
    await taken(after, segment(3, 1_600));
    const state = (await store.driftRecord(...scope))?.state;
    expect(state?.windows).toBe(400);
    expect(state?.series.filter(({ bet }) => bet !== null).length).toBeGreaterThan(0);
  });

  it('records the windows of slices, and chooses their bets from them, also after a kill', async () => {
    present = { ...terms, slices: ['country.value'], inputsOf: 'sha256:1' };
    const inCountry = (sequence: number, count: number): SampleSegment => ({
      ...{ ...spool, sequence },
      samples: Array.from({ length: count }, (_, at) => {
        const country = at % 20 === 0 ? 'DE' : 'FR';
        const inputs = [
          { name: 'amount', shape: [1, 1], datatype: 'FP32', data: [random.nextShare()] },
          { name: 'country', shape: [1, 1], datatype: 'BYTES', data: [country] },
        ];
        return sample(0.5, { request: jsonBody({ inputs }) });
      }),
    });
    await taken(open(), inCountry(1, 4_000));
    const [first] = (await store.driftRecord(...scope))?.state.slices?.splits ?? [];
    expect(first?.slices.map(({ value, slot }) => [value, slot])).toEqual([
      ['FR', 1],
      ['DE', 2],
      [null, 8],
    ]);
    await taken(open(), inCountry(2, 4_900));
    const [{ slices = [] } = {}] = (await store.driftRecord(...scope))?.state.slices?.splits ?? [];
    expect(slices.map(({ series }) => series.some(({ bet }) => bet !== null))).toEqual([true, false, false]);
    expect((await store.driftWindows(...scope, 0, 2)).map(({ rows: of }) => of)).toEqual(
      Array((slices[1]?.windows ?? 0) - 20).fill(20),
    );
    expect(await store.driftWindows(...scope, 0, 8)).toEqual([]);
    await taken(open(), inCountry(3, 100));
    const asked = { service: scope[0], environment: scope[1], last: 2 };
    const explained = await explainDrift({ store }, { ...asked, name: 'country.value=FR' });
    expect(explained).toMatchObject({ replayed: explained.series.length, differences: [], because: null });
    expect([...new Set(explained.series.map(({ group }) => group))]).toEqual(['@ country.value=FR']);
    expect(explained.series[0]?.windows.at(-1)?.capital).toBeGreaterThan(0);
    expect((await explainDrift({ store }, asked)).replayed).toBeGreaterThan(explained.replayed);
    await expect(explainDrift({ store }, { ...asked, name: 'x @ y=z' })).rejects.toMatchObject({
      code: 'no-such-series',
    });
  }, 90_000);

  it('takes nothing before it knows what the live release says, and lets go what nobody watches', async () => {
    present = undefined;
    await expect(taken(open(), segment(1, 3))).rejects.toMatchObject({ code: 'capture-busy', category: 'unavailable' });
    present = null;
    await taken(open(), segment(1, 3));
    expect(await rows()).toBeUndefined();
  });

  it('refuses what it has no room for', async () => {
    const watch = open();
    const many = segment(1, 1);
    const first = watch.take({ ...many, samples: Array.from({ length: 19_000 }, () => many.samples[0] ?? sample()) });
    first.catch(() => undefined);
    await watch.settle();
    const next = watch.take({ ...many, sequence: 2, samples: Array.from({ length: 20_001 }, () => sample()) });
    await expect(next).rejects.toMatchObject({ code: 'capture-busy' });
    await first;
  });

  it('loses nothing where a write fails: the gateway sends it again', async () => {
    const watch = open();
    await taken(watch, segment(1, 30));
    const held = fence;
    fence = { ...fence, token: 99 };
    await expect(taken(watch, segment(2, 5))).rejects.toMatchObject({ code: 'lease-lost' });
    expect(await rows()).toBe(30);
    fence = held;
    await taken(watch, segment(2, 5));
    expect(await rows()).toBe(35);
  });

  it('records an alarm with its state, and goes on from what somebody acknowledged', async () => {
    const watch = open();
    let sequence = 0;
    const feed = async (segments: number, level: number): Promise<void> => {
      for (let at = 0; at < segments; at += 1) await taken(watch, segment((sequence += 1), 400, level));
    };
    await feed(22, 0.5);
    expect(await store.events({ kindPrefix: 'drift.' })).toEqual([]);
    await feed(4, 0.9);
    const events = await store.events({ kindPrefix: 'drift.' });
    // Both features follow the same level: the second may alarm after the first.
    expect(events[0]).toMatchObject({ kind: 'drift.alarm', by: 'watch', data: { release: 1, replicaId: null } });
    expect(events[0]?.summary).toMatch(/^Drift: feature (amount|score) changed: \w+: mean went from 0\.\d+ up to /);
    const record = await store.driftRecord(...scope);
    if (record === null) throw new Error('no record');
    expect(record.state.alarms).toHaveLength(events.length);
    const { state, cursors, revision } = record;
    await store.transaction(fence, (tx) =>
      tx.setDriftRecord(...scope, { state: acknowledge(state, 'all', true), cursors }, revision),
    );
    await feed(1, 0.9);
    expect((await store.driftRecord(...scope))?.state).toMatchObject({ alarms: [], historyFrom: state.windows + 1 });
  });

  it('counts what cannot be read by reason, and keeps no row of it', async () => {
    const cut = sample(0.5, { request: { ...sample().request, cut: true } });
    await taken(open(), { ...spool, sequence: 1, samples: [cut, sample()] });
    expect((await store.driftRecord(...scope))?.state).toMatchObject({ rows: 1 });
    expect(Object.values((await store.driftRecord(...scope))?.state.unreadable ?? {})).toEqual([1]);
    expect(await store.driftSamples(...scope, 10)).toHaveLength(1);
  });

  it('keeps bodies only where the contract says so, without what is redacted, and for as long as it says', async () => {
    await taken(open(), segment(1, 1));
    expect((await store.driftSamples(...scope, 1))[0]?.content).toBeUndefined();
    present = { ...terms, content: true, redaction: readRedaction(['score', '$.model_name']) };
    await taken(open(), segment(2, 1));
    const [last] = await store.driftSamples(...scope, 1);
    expect(last?.values).not.toHaveProperty('score');
    expect(JSON.parse(last?.content?.response ?? '')).toEqual({ outputs: [] });
    expect(last?.content?.request).toContain('amount');
    await clock.advance(4_000_000);
    await taken(open(), segment(3, 1));
    expect(await store.driftSamples(...scope, 10)).toHaveLength(1);
    const watch = open();
    await watch.forgetOld();
    expect(await store.driftSamples(...scope, 10)).toHaveLength(1);
    await clock.advance(4_000_000);
    await watch.forgetOld();
    expect(await store.driftSamples(...scope, 10)).toEqual([]);
  });
});

describe('a gateway that makes samples up', () => {
  const routed = (...ids: readonly string[]): RoutedReplicas => {
    const known = new RoutedReplicas();
    const replicas = ids.map((replicaId) => ({ replicaId, endpoint: 'http://127.0.0.1:1' }));
    known.add({ splits: [{ release: 1, modelVersion: 1, share: 1, replicas }] });
    return known;
  };
  const drawnOver = (drawn: string, ...ids: readonly string[]): CapturedSample['control'] => ({
    eligible: ids.map((replicaId) => ({ replicaId, release: 1, propensityShare: 1 / ids.length })),
    ...{ drawn, outcome: 'answered' },
  });

  it('moves nothing by replicas that requests were never sent to, and that is told', async () => {
    const watch = open(undefined, routed('a', 'b'));
    const many = Array.from({ length: 9_999 }, (_, at) => `made-up-${at}`);
    await taken(watch, segment(1, 30));
    await taken(watch, {
      ...{ ...spool, sequence: 2 },
      samples: [
        sample(9, { replicaId: 'made-up' }),
        sample(9, { control: drawnOver('made-up', 'a', 'made-up') }),
        sample(9, { control: drawnOver('a', 'a', ...many) }),
        sample(0.5, { replicaId: 'b', control: drawnOver('b', 'a', 'b') }),
        sample(0.5, { replicaId: null, status: 0 }),
      ],
    });
    const { state } = (await store.driftRecord(...scope)) ?? {};
    expect(state).toMatchObject({
      ...{ rows: 31, controlRows: 1, slots: 2 },
      unreadable: { 'it names a replica that requests were never sent to': 3 },
    });
    expect(state?.control?.bets.map(({ arm }) => arm).filter((arm) => !['a', 'b'].includes(arm))).toEqual([]);
    expect(state?.routed?.arms.map(({ arm }) => arm).toSorted()).toEqual(['a', 'b']);
    const kept = await store.driftSamples(...scope, 100);
    expect(kept.filter(({ replicaId }) => replicaId === 'made-up')).toEqual([]);
  });

  it('knows the replicas of earlier tables, and forgets those that came first beyond 5,000', () => {
    const known = routed('first');
    const table = (...ids: readonly string[]) => ({
      splits: [
        { release: 1, modelVersion: 1, share: 1, replicas: ids.map((replicaId) => ({ replicaId, endpoint: '' })) },
      ],
    });
    known.add(table('second'));
    const of = (replicaId: string) => known.knowsAllOf({ replicaId, control: null });
    expect([of('first'), of('second'), of('third')]).toEqual([true, true, false]);
    known.add(table(...Array.from({ length: 5_000 }, (_, at) => `r${at}`)));
    expect([of('first'), of('r0'), of('r4999')]).toEqual([false, true, true]);
  });

  it('holds nothing up by a time that is made up', async () => {
    const watch = open(undefined, routed('a'));
    for (const [at, arrivedAtMs] of [1e15, Number.MAX_VALUE, -1e15].entries()) {
      await taken(watch, { ...spool, sequence: at + 1, samples: [sample(0.5, { arrivedAtMs })] });
      const { state } = (await store.driftRecord(...scope)) ?? {};
      expect(state?.lastRowAtMs).toBeLessThanOrEqual(clock.nowMs() + 60_000);
    }
    expect(await rows()).toBe(3);
  });
});
