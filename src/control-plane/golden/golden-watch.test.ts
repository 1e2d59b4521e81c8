import { beforeEach, describe, expect, it } from 'vitest';
import type { ReplayTerms } from '../../core/monitoring/replay/replay-terms.ts';
import { emptyDrift } from '../../core/monitoring/watch/drift-state.ts';
import type { ObservedReplica } from '../../core/rollout/replica.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { Fence, Store } from '../../ports/records/store.ts';
import type { ReplicaFinding, ReplicaInspector } from '../../ports/serving/replica-inspector.ts';
import { aGoldenSet } from '../../testing/builders/release-fixture.ts';
import { aDeployment, aRelease } from '../../testing/builders/store-builders.ts';
import { FakeClock } from '../../testing/fakes/fake-clock.ts';
import { doubled, FakeReplicaClient } from '../../testing/fakes/fake-replica-client.ts';
import { memoryBlobs } from '../../testing/fakes/memory/memory-blobs.ts';
import { memoryStore } from '../../testing/fakes/memory/memory-store.ts';
import { GoldenWatch } from './golden-watch.ts';
import { digestOf } from '../../core/units/digest.ts';

const scope = { service: 'digits', environment: 'prod' };
const hourMs = 3_600_000;
const terms: ReplayTerms = {
  ...{ release: 1, protocol: 'open-inference-v2', everyMs: hourMs, atMostShare: 0.01, rate: null, content: false },
  place: { deviceClass: 'cpu', driver: null, fingerprint: 'ort 1.30' },
};
const signal = new AbortController().signal;
const rubbish = (_endpoint: string, _model: string, inputs: Parameters<typeof doubled>[2]) =>
  inputs.map((input) => ({ ...input, name: 'y', data: input.data.map(() => 1e6) }));

let store: Store;
let blobs: ReturnType<typeof memoryBlobs>;
let clock: FakeClock;
let fence: Fence;
let client: FakeReplicaClient;
let told: unknown[];
let gateways: string[];
beforeEach(async () => {
  store = memoryStore();
  blobs = memoryBlobs();
  clock = new FakeClock();
  client = new FakeReplicaClient();
  told = [];
  gateways = ['http://gateway'];
  const lease = await store.leases.acquire({ lease: 'control-plane', holder: 'tests', ttlMs: 1e12, nowMs: 0 });
  if (lease === null) throw new Error('no lease');
  fence = lease;
  const { digest: blob } = await blobs.put(Buffer.from(JSON.stringify(aGoldenSet(aRelease().model.digest))));
  const release = { ...aRelease(), ...scope, golden: { dataName: 'digits-golden', blob } };
  await store.transaction(fence, (tx) => tx.addRelease(release));
});

const open = (over: Partial<ReplayTerms> = {}, inspector?: ReplicaInspector): GoldenWatch =>
  new GoldenWatch({
    ...(inspector === undefined ? {} : { inspector }),
    ...{ ...scope, store, blobs, clock, log: { warn: (...said: unknown[]) => void told.push(said) } },
    ...{ replicaClientFor: () => client, key: 'key', gateways: () => gateways, inFlight: () => 0 },
    ...{
      fence: () => fence,
      terms: () => ({ ...terms, ...over }),
      measured: () => digestOf('golden evidence'),
      recorded: () => undefined,
    },
  });
const replica = (replicaId: string): ObservedReplica => ({
  ...{ replicaId, set: 's', pair: aRelease().pair, release: 1, state: 'ready', reason: '' },
  ...{ endpoint: `http://${replicaId}`, pid: 1, node: `node-${replicaId}`, restarts: 0 },
  ...{ startedAtMs: 0, readyAtMs: 0, phases: [] },
});
const two = [replica('a'), replica('b')];
/** Looks once a minute. */
async function watch(golden: GoldenWatch, hours: number, replicas: readonly ObservedReplica[] = two): Promise<void> {
  for (let minute = 0; minute < hours * 60; minute += 1) {
    await golden.look(replicas, signal);
    await clock.advance(60_000);
  }
}
const state = async () => {
  const found = await store.replayState(scope.service, scope.environment);
  if (found === null) throw new Error('nothing was recorded');
  return found;
};
const of = async (id: string) => (await state()).replicas.find(({ replicaId }) => replicaId === id);
const events = (kindPrefix: string) => store.events({ kindPrefix });

describe('golden replays on a schedule', () => {
  it('go through a gateway to each replica once an hour, and are charged', async () => {
    await watch(open(), 10);
    for (const id of ['a', 'b']) {
      const { passed = 0, requests, recent } = (await of(id)) ?? {};
      expect([9, 10]).toContain(passed);
      expect(requests).toBe(3 * passed);
      expect(recent?.at(-1)).toMatchObject({ path: 'gateway', verdict: 'pass' });
    }
    expect(new Set(client.asked)).toEqual(new Set(['a', 'b']));
    expect([told, await events('replica.')]).toEqual([[], []]);
  });

  it('a replica that goes bad without any traffic is told off once, with the node as its cause, and goes on', async () => {
    const golden = open();
    await watch(golden, 3);
    client.answer = (endpoint, ...rest) => (endpoint === 'b' ? rubbish : doubled)(endpoint, ...rest);
    await watch(golden, 5);
    const [event, ...more] = await events('replica.diverged');
    expect(more).toEqual([]);
    expect(event?.data).toMatchObject({ replicaId: 'b', node: 'node-b', path: 'gateway', cause: 'node' });
    expect((event?.data as { reason: string }).reason).toContain('expected');
    expect(await of('b')).toMatchObject({ verdict: 'fail', diagnosis: { verdict: 'named' } });
    expect(await of('a')).toMatchObject({ verdict: 'pass', divergedAtMs: null });

    client.answer = doubled;
    await watch(golden, 2);
    expect(await events('replica.agrees')).toMatchObject([{ data: { replicaId: 'b', because: 'passes again' } }]);
  });

  it('golden evidence no longer holds once every replica answers otherwise, with what triage says of it', async () => {
    const golden = open();
    await watch(golden, 2);
    client.answer = (endpoint, ...rest) => (endpoint === 'b' ? rubbish : doubled)(endpoint, ...rest);
    await watch(golden, 3);
    expect(await store.invalidations('digits', 'prod')).toEqual([]);
    client.answer = rubbish;
    await watch(golden, 3);
    expect(await store.invalidations('digits', 'prod')).toMatchObject([
      {
        ...{ kind: 'golden', environment: 'prod', remedy: 'plimsoll golden status' },
        evidence: digestOf('golden evidence'),
        reason: expect.stringMatching(
          /^every replica answers the golden set otherwise since \d\d:\d\d UTC: a, b$/,
        ) as unknown,
      },
    ]);
    const [event, ...more] = await events('golden.left-everywhere');
    expect(event?.data).toMatchObject({ release: 1, replicas: ['a', 'b'], cause: null });
    expect(more).toEqual([]);
    // A successor tells nothing twice.
    await watch(open(), 3);
    expect(await events('golden.left-everywhere')).toHaveLength(1);
  });

  it('golden evidence names the remedy of the cause, where one is proven', async () => {
    const inspector: ReplicaInspector = {
      inspect: async (replicas) =>
        replicas.map(({ replicaId }) => ({ replicaId, deviceClass: 'cpu', fingerprint: 'one', files: 'differs' })),
      runtimeOf: async () => 'one',
      nodeEvents: async () => [],
    };
    client.answer = rubbish;
    await watch(open({}, inspector), 2);
    expect(await store.invalidations('digits', 'prod')).toMatchObject([{ remedy: 'plimsoll model verify' }]);
    expect(await events('golden.left-everywhere')).toMatchObject([{ data: { cause: 'artifact' } }]);
  });

  it('one answer that was off is no failure where the repeated replay passes', async () => {
    const golden = open();
    let bad = 1;
    client.answer = (...asked) => (bad-- > 0 ? rubbish : doubled)(...asked);
    await watch(golden, 2);
    expect(await events('replica.diverged')).toEqual([]);
    expect((await state()).replicas.map(({ unknown }) => unknown).sort()).toEqual([0, 1]);
  });

  it('goes to the replica itself where no gateway leads there, and says so', async () => {
    gateways = [];
    await watch(open(), 2);
    expect(client.asked).toContain('http://a');
    expect((await of('a'))?.recent.at(-1)).toMatchObject({ path: 'direct', verdict: 'pass' });
  });

  it('a replica that does not answer is neither good nor bad', async () => {
    const busy = { code: 'replica-unreachable', category: 'unavailable', message: 'gone for a walk' } as const;
    client.answer = () => new PlimsollError(busy);
    await watch(open(), 2);
    expect(await of('a')).toMatchObject({ verdict: 'unknown', passed: 0, failed: 0 });
    expect((await of('a'))?.recent.at(-1)?.reason).toBe('gone for a walk');
    expect(await events('replica.')).toEqual([]);
  });

  it('takes no more than its share of the time of a replica', async () => {
    client.answer = async (...asked) => {
      await clock.advance(60_000);
      return doubled(...asked);
    };
    const golden = open({ atMostShare: 0.1, everyMs: 60_000 });
    const startedMs = clock.nowMs();
    await watch(golden, 20, [replica('a')]);
    const { busyMs = 0, passed = 0 } = (await of('a')) ?? {};
    expect(passed).toBeGreaterThan(3);
    expect(busyMs / (clock.nowMs() - startedMs)).toBeLessThanOrEqual(0.11);
  });

  it('goes on where it was after a restart: nothing is told twice, and the schedule holds', async () => {
    client.answer = rubbish;
    await watch(open(), 2, [replica('a')]);
    const before = await of('a');
    await watch(open(), 0.2, [replica('a')]);
    expect(await events('replica.diverged')).toHaveLength(1);
    expect((await of('a'))?.failed).toBeLessThanOrEqual((before?.failed ?? 0) + 1);
    // A control plane that restarts all the time still replays.
    for (let start = 0; start < 60; start += 1) await watch(open(), 0.05, [replica('a')]);
    expect((await of('a'))?.failed).toBeGreaterThan((before?.failed ?? 0) + 1);
  });

  it('a golden set that cannot be read is told in the log, and nothing is made up', async () => {
    const release = { ...aRelease(), ...scope, number: 2, golden: { dataName: 'x', blob: aRelease().model.digest } };
    await store.transaction(fence, (tx) => tx.addRelease(release));
    await watch(open({ release: 2 }), 1.1);
    expect(told.length).toBeGreaterThan(0);
    expect(await events('replica.')).toEqual([]);
  });
});

describe('captured requests over two replicas', () => {
  const body = (value: number) =>
    JSON.stringify({ inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 2], data: [value, value] }] });
  const capture = (requests: readonly string[]): Promise<void> =>
    store.transaction(fence, (tx) =>
      tx.addDriftSamples(
        scope.service,
        scope.environment,
        requests.map((request, at) => ({
          ...{
            requestId: `id-${clock.nowMs()}-${at}`,
            atMs: clock.nowMs() + at,
            release: 1,
            replicaId: 'a',
            drawn: null,
          },
          ...{ values: {}, content: { request, response: '' } },
        })),
        0,
      ),
    );

  it('are counted by distinct inputs, and say how often a fault hits at most', async () => {
    await capture([body(1), body(2), body(2), 'no request', '']);
    const golden = open({ content: true });
    await watch(golden, 3);
    expect((await state()).pairs).toMatchObject([{ replicas: ['a', 'b'], compared: 2, differ: 0 }]);
    await capture([body(2), body(3)]);
    await watch(golden, 3);
    expect((await state()).pairs).toMatchObject([{ compared: 3, differ: 0 }]);
  });

  it('find a fault that the golden set does not reach', async () => {
    await capture([body(1), body(77)]);
    client.answer = (endpoint, model, inputs) =>
      (endpoint === 'b' && inputs[0]?.data[0] === 77 ? rubbish : doubled)(endpoint, model, inputs);
    await watch(open({ content: true }), 3);
    const [pair] = (await state()).pairs;
    expect(pair).toMatchObject({ compared: 2, differ: 1 });
    expect(pair?.example).toMatch(/^input id-.+: y\[0, 0\] is/);
    expect(await of('b')).toMatchObject({ verdict: 'pass' });
  });

  it('are not sent where the contract does not keep their content', async () => {
    await capture([body(1)]);
    await watch(open(), 3);
    expect((await state()).pairs).toEqual([]);
  });
});

describe('a service that answers in text', () => {
  const text = { protocol: 'openai', rate: { count: 1, perMs: 30 * 24 * hourMs } } as const;
  beforeEach(async () => {
    const made = aRelease();
    const code = { ...made.code, section: { ...made.code.section, protocol: 'openai' as const } };
    const release = { ...made, ...scope, number: 2, code, golden: null };
    await store.transaction(fence, (tx) => tx.addRelease(release));
  });

  it('names the replica of three whose log probabilities are off, and no other', async () => {
    client.logprob = (endpoint) => (endpoint === 'b' ? -1.01 : -1);
    await watch(open({ ...text, release: 2 }), 48, [...two, replica('c')]);
    const diverged = await events('replica.diverged');
    expect(diverged).toMatchObject([{ data: { replicaId: 'b' } }]);
    expect((diverged[0]?.data as { reason: string }).reason).toMatch(/^the log probabilities .+ \(e-value \d/);
    expect(await of('a')).toMatchObject({ divergedAtMs: null });
  });

  it('says nothing of one replica alone', async () => {
    await watch(open({ ...text, release: 2 }), 2, [replica('a')]);
    expect((await of('a'))?.recent.at(-1)).toMatchObject({ verdict: 'unknown', requests: 0 });
  });
});

describe('a golden failure without any alarm', () => {
  const onAlarm = { action: 'isolate', atMostOncePerMs: 6 * hourMs } as const;
  const unknown = { place: { deviceClass: null, driver: null, fingerprint: null }, onAlarm };
  const inspector = (over: (id: string) => Partial<ReplicaFinding> = () => ({})): ReplicaInspector => ({
    inspect: async (asked) =>
      asked.map(({ replicaId }) => ({
        ...{ replicaId, deviceClass: 'cpu', fingerprint: 'one', files: 'matches' },
        ...over(replicaId),
      })),
    runtimeOf: async () => 'one',
    nodeEvents: async () => [],
  });
  const three = ['a', 'b', 'c'].map(replica);
  const isolated = async () =>
    (await store.isolations(scope.service, scope.environment)).map(({ replicaId }) => replicaId);
  const bad = (...ids: readonly string[]) => {
    client.answer = (endpoint, ...rest) =>
      (ids.some((id) => endpoint.endsWith(id)) ? rubbish : doubled)(endpoint, ...rest);
  };
  beforeEach(async () => {
    gateways = [];
    await store.transaction(fence, async (tx) => {
      await tx.setDeployment({ ...aDeployment(1), ...scope }, null);
      for (const { replicaId } of three) await tx.admit({ ...scope, replicaId, golden: null, atMs: 0 });
    });
  });

  it('is of a node that is isolated once, as its machine shows it', async () => {
    const golden = open(unknown, inspector());
    await watch(golden, 2, three);
    bad('b');
    await watch(golden, 3, three);
    // A successor finds all of it in the store.
    await watch(open(unknown, inspector()), 2, three);
    expect(await isolated()).toEqual(['b']);
    expect(await events('drift.remedied')).toMatchObject([
      { by: 'watch', data: { what: 'replica', name: 'b', did: 'isolate', replicas: ['b'] } },
    ]);
    expect(await of('b')).toMatchObject({ diagnosis: { verdict: 'named' }, remedied: { did: 'isolate' } });
  });

  it.each([
    ['nobody looks at the machines', undefined, unknown],
    ['its runtime is not known', inspector(() => ({ fingerprint: null })), unknown],
    ['its files are others', inspector((id) => ({ files: id === 'b' ? 'differs' : 'matches' })), unknown],
    [
      'the contract says no more than to tell it',
      inspector(),
      { ...unknown, onAlarm: { ...onAlarm, action: 'notify' } },
    ],
  ] as const)('isolates nothing where %s', async (_what, looks, over) => {
    const golden = open(over, looks);
    await watch(golden, 1, three);
    bad('b');
    await watch(golden, 3, three);
    expect([await isolated(), await events('drift.remedied')]).toEqual([[], []]);
    expect(await events('replica.diverged')).toHaveLength(1);
  });

  it('leaves it to the triage of an alarm while one is open, and acts at most once per stated time', async () => {
    const alarm = { kind: 'feature', name: 'x', arm: 'b', statistic: 1, share: 1, atMs: 0, release: 1 } as const;
    const open1 = { ...emptyDrift, alarms: [{ ...alarm, moved: '', sinceMs: 0 }] };
    await store.transaction(fence, (tx) =>
      tx.setDriftRecord(scope.service, scope.environment, { state: open1, cursors: {} }, null),
    );
    const golden = open(unknown, inspector());
    bad('b');
    await watch(golden, 2, three);
    expect(await isolated()).toEqual([]);
    const state1 = { ...emptyDrift, actedAtMs: clock.nowMs() };
    const record = await store.driftRecord(scope.service, scope.environment);
    await store.transaction(fence, (tx) =>
      tx.setDriftRecord(scope.service, scope.environment, { state: state1, cursors: {} }, record?.revision ?? null),
    );
    await watch(golden, 1, three);
    expect(await isolated()).toEqual([]);
    expect(await events('drift.remedied')).toMatchObject([{ data: { did: 'nothing' } }]);
  });

  it('leaves all of it or nothing where the write fails', async () => {
    const golden = open(unknown, inspector());
    await watch(golden, 1, three);
    bad('b');
    const whole = store;
    store = {
      ...whole,
      transaction: (held, work) =>
        whole.transaction(held, async (tx) => {
          await work(tx);
          throw new Error('killed');
        }),
    };
    await watch(open(unknown, inspector()), 2, three);
    store = whole;
    expect([await isolated(), await events('drift.'), await events('replica.diverged')]).toEqual([[], [], []]);
    await watch(golden, 2, three);
    expect(await isolated()).toEqual(['b']);
  });
});
