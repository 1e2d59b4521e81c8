import { beforeEach, describe, expect, it } from 'vitest';
import type { NodeSnapshot } from '../../core/diagnosis/readings/node-snapshot.ts';
import { makeReading } from '../../core/diagnosis/readings/reading.ts';
import { writeContainer } from '../../core/diagnosis/container/write-container.ts';
import type { ObservedReplica } from '../../core/rollout/replica.ts';
import type { MetricSample } from '../../core/scaling/engine-metrics/reading.ts';
import { makeNodeSnapshot } from '../../testing/builders/diagnosis/make-readings.ts';
import { diagnosisRecordSchema } from '../../schemas/diagnosis/diagnosis-record.ts';
import { isVisibleLine } from '../../core/units/visible-text.ts';
import { FakeClock } from '../../testing/fakes/fake-clock.ts';
import { LiveDiagnoses } from './live-diagnoses.ts';

const signal = new AbortController().signal;
const scope = { service: 'digits', environment: 'prod' };
const replica = (replicaId: string, state: ObservedReplica['state'] = 'ready'): ObservedReplica => ({
  ...{ replicaId, set: 's', pair: 'sha256:0', release: 1, state, reason: '', endpoint: 'http://r', pid: 7 },
  ...{ node: 'gpu-1', restarts: 0, startedAtMs: 0, readyAtMs: 0, phases: [] },
});

let clock: FakeClock;
let looks: { readonly pids: readonly number[] }[];
let asked: string[];
let tookMs: number;
/** What servers on other nodes tell of their containers; null: nothing. */
let container: ((endpoint: string) => readonly MetricSample[]) | null;
let diagnoses: LiveDiagnoses;
beforeEach(() => {
  clock = new FakeClock();
  looks = [];
  asked = [];
  tookMs = 0;
  container = null;
  diagnoses = new LiveDiagnoses({
    clock,
    node: {
      read: async (processes): Promise<NodeSnapshot> => {
        if (tookMs > 0) await clock.advance(tookMs);
        looks.push({ pids: processes.map(({ pid }) => pid) });
        // Of every window the disks hold everything up for a tenth.
        const ioFullMs = makeReading(clock.monotonicMs() / 10);
        const zero = makeReading(0);
        return makeNodeSnapshot({
          atMs: clock.monotonicMs(),
          pressure: { of: 'node', cpuSomeMs: zero, ioFullMs, memoryFullMs: zero },
        });
      },
    },
    metrics: {
      read: async (targets) => {
        asked.push(...targets.map(({ endpoint }) => endpoint ?? ''));
        return targets.map(({ endpoint }) => {
          const isOfContainer = endpoint?.endsWith('/metrics/container') === true;
          if (!isOfContainer || container === null)
            return { kind: 'failed', fault: 'unreachable', message: 'no answer', next: '' };
          return { kind: 'read', reading: { readAtMs: 0, samples: container(endpoint) }, warnings: [] };
        });
      },
    },
  });
});
const gateways = () => [{ gatewayId: 'g1', address: 'http://g1' }];
const watchOf = (of = scope) => diagnoses.watch(of, gateways);

describe('the diagnosis of a service while it serves', () => {
  it('is read from two looks half a minute apart, and changes and records nothing', async () => {
    const watch = watchOf();
    expect(diagnoses.read(scope)).toMatchObject({ missing: expect.stringContaining('two looks') as string });
    expect(await watch.look({ replicas: [replica('a')] }, signal)).toEqual([]);
    expect(diagnoses.read(scope)).toHaveProperty('missing');
    await clock.advance(30_000);
    expect(await watch.look({ replicas: [replica('a')] }, signal)).toEqual([]);
    expect(diagnoses.read(scope)).toMatchObject({
      ...{ takenAtMs: clock.nowMs(), windowMs: 30_000, node: 'gpu-1', accelerators: 1, experiments: [] },
      suspected: [{ cause: 'storage' }],
    });
    expect(looks).toEqual([{ pids: [7] }, { pids: [7] }]);
    expect(asked.slice(0, 2)).toEqual(['http://g1/plimsoll/metrics', 'http://r']);
  });

  it('looks no more often than every half minute, however often it is asked', async () => {
    const watch = watchOf();
    for (let second = 0; second < 61; second += 1) {
      await watch.look({ replicas: [replica('a')] }, signal);
      await clock.advance(1_000);
    }
    expect(looks).toHaveLength(3);
  });

  it('looks at one service in two seconds, so that a large fleet costs no more than a small one', async () => {
    const watches = Array.from({ length: 50 }, (_, at) => watchOf({ ...scope, service: `s${at}` }));
    for (let second = 0; second < 60; second += 1) {
      for (const watch of watches) await watch.look({ replicas: [replica('a')] }, signal);
      await clock.advance(1_000);
    }
    expect(looks).toHaveLength(30);
  });

  it('looks less often where a look takes long, and at one service every half minute at the least', async () => {
    const watches = Array.from({ length: 50 }, (_, at) => watchOf({ ...scope, service: `s${at}` }));
    const looksOfAMinute = async (took: number): Promise<number> => {
      tookMs = took;
      looks = [];
      const untilMs = clock.monotonicMs() + 60_000;
      while (clock.monotonicMs() < untilMs) {
        for (const watch of watches) await watch.look({ replicas: [replica('a')] }, signal);
        await clock.advance(1_000);
      }
      return looks.length;
    };
    // 200 times 50 ms.
    expect(await looksOfAMinute(50)).toBe(6);
    expect(await looksOfAMinute(5_000)).toBe(2);
  });

  it('holds counters of other replicas against no earlier look', async () => {
    const watch = watchOf();
    await watch.look({ replicas: [replica('a')] }, signal);
    await clock.advance(30_000);
    await watch.look({ replicas: [replica('b')] }, signal);
    expect(diagnoses.read(scope)).toHaveProperty('missing');
    await clock.advance(30_000);
    await watch.look({ replicas: [replica('b')] }, signal);
    expect(diagnoses.read(scope)).toHaveProperty('windowMs', 30_000);
  });

  it('looks at nothing while no replica is ready, and keeps what it read last with its age', async () => {
    const watch = watchOf();
    await watch.look({ replicas: [replica('a', 'starting')] }, signal);
    expect(looks).toEqual([]);
    for (let turn = 0; turn < 2; turn += 1) {
      await clock.advance(30_000);
      await watch.look({ replicas: [replica('a')] }, signal);
    }
    const readAtMs = clock.nowMs();
    await clock.advance(30_000);
    await watch.look({ replicas: [] }, signal);
    expect(diagnoses.read(scope)).toHaveProperty('takenAtMs', readAtMs);
  });

  it('forgets what was read over an hour ago when another service is read', async () => {
    const [watch, other] = [watchOf(), watchOf({ ...scope, service: 'words' })];
    for (let turn = 0; turn < 2; turn += 1) {
      await clock.advance(30_000);
      await watch.look({ replicas: [replica('a')] }, signal);
    }
    await clock.advance(3_600_001);
    for (let turn = 0; turn < 2; turn += 1) {
      await other.look({ replicas: [replica('a')] }, signal);
      await clock.advance(30_000);
    }
    expect(diagnoses.read(scope)).toHaveProperty('missing');
    expect(diagnoses.read({ ...scope, service: 'words' })).toHaveProperty('takenAtMs');
  });
});

describe('the diagnosis of a service whose replicas run on other nodes', () => {
  const distant = (replicaId: string, node: string): ObservedReplica => ({
    ...replica(replicaId),
    ...{ pid: null, node, endpoint: `http://${replicaId}:9000` },
  });
  const replicas = [distant('b', 'gpu-2'), distant('a', 'gpu-1')];
  const lookTwice = async (): Promise<void> => {
    const watch = watchOf();
    for (let turn = 0; turn < 2; turn += 1) {
      await watch.look({ replicas }, signal);
      await clock.advance(30_000);
    }
  };

  it('reads the container of one of them through its server, and no counter of this machine', async () => {
    container = () => {
      const periods = clock.monotonicMs() / 100;
      const quota = { quotaCores: makeReading(1), periods: makeReading(periods), throttledMs: makeReading(0) };
      const inside = makeNodeSnapshot({ quota: { ...quota, throttledPeriods: makeReading(periods / 2) } });
      return writeContainer(inside).flatMap(({ name, samples }) =>
        samples.map((sample) => ({ ...sample, name, atMs: null })),
      );
    };
    await lookTwice();
    expect(diagnoses.read(scope)).toMatchObject({ node: 'gpu-1', suspected: [{ cause: 'cpu-quota' }] });
    expect(asked.filter((endpoint) => endpoint.endsWith('/metrics/container'))).toEqual([
      'http://a:9000/metrics/container',
      'http://a:9000/metrics/container',
    ]);
    expect(looks).toEqual([]);
  });

  it('says why nothing is read where the server tells nothing of its container', async () => {
    await lookTwice();
    const read = diagnoses.read(scope);
    expect(read).toMatchObject({ suspected: [] });
    const unread = 'unread' in read ? read.unread.map(({ reason }) => reason) : [];
    expect(unread).toContain('the server of the replica tells no counters of its container: no answer');
  });
});

describe('a replica on another node that lies about its container', () => {
  const elsewhere = (replicaId: string, endpoint: string): ObservedReplica => ({
    ...replica(replicaId),
    ...{ pid: null, endpoint, node: 'gpu-2' },
  });
  const honest = (): NodeSnapshot =>
    makeNodeSnapshot({
      pressure: { of: 'replica', cpuSomeMs: makeReading(0), ioFullMs: makeReading(0), memoryFullMs: makeReading(0) },
    });
  /** Says that the disks of the node hold everything up. */
  const lie = (): NodeSnapshot =>
    makeNodeSnapshot({
      pressure: {
        of: 'node',
        cpuSomeMs: makeReading(0),
        ioFullMs: makeReading(clock.monotonicMs() * 0.9),
        memoryFullMs: makeReading(0),
      },
    });
  const tell = (snapshot: NodeSnapshot): readonly MetricSample[] =>
    writeContainer(snapshot).flatMap(({ name, samples }) => samples.map((each) => ({ ...each, name, atMs: null })));
  const other = { ...scope, service: 'words' };

  async function lookTwice(liar: (endpoint: string) => readonly MetricSample[]) {
    container = (endpoint) => (endpoint.startsWith('http://liar') ? liar(endpoint) : tell(honest()));
    const [watch, ofOther] = [watchOf(), watchOf(other)];
    const told = [];
    for (let turn = 0; turn < 2; turn += 1) {
      await clock.advance(30_000);
      told.push(...(await watch.look({ replicas: [elsewhere('a', 'http://liar')] }, signal)));
      await clock.advance(2_000);
      told.push(...(await ofOther.look({ replicas: [elsewhere('b', 'http://honest')] }, signal)));
    }
    return { told, own: diagnoses.read(scope), others: diagnoses.read(other) };
  }

  it('moves what is suspected of its own service, and nothing else: no event, no invalidation, no other service', async () => {
    const truth = await lookTwice(() => tell(honest()));
    const { told, own, others } = await lookTwice(() => tell(lie()));
    expect(own).toMatchObject({
      suspected: expect.arrayContaining([expect.objectContaining({ cause: 'storage' })]) as unknown,
    });
    expect(own).toHaveProperty('experiments', []);
    expect(told).toEqual([]);
    const dated = { takenAtMs: expect.any(Number) as number, windowMs: expect.any(Number) as number };
    expect(others).toEqual({ ...truth.others, ...dated });
  });

  it.each<[string, () => readonly MetricSample[]]>([
    [
      'texts that fill the answer or move the cursor of a terminal',
      () => [
        ...['cores', 'threads', 'disks', 'cpuSomeMs'].map((field) => ({
          ...{ name: 'plimsoll_container_unread_info', value: 1, atMs: null },
          labels: [['field', field] as const, ['reason', `\u001b[2J\u202e${'x'.repeat(5_000)}`] as const],
        })),
        {
          ...{ name: 'plimsoll_container_thread_cpu_seconds_total', value: clock.monotonicMs() / 1_000, atMs: null },
          labels: [['pid', '1'] as const, ['tid', '1'] as const, ['name', `\u001b]0;${'y'.repeat(5_000)}`] as const],
        },
      ],
    ],
    [
      'numbers that are none',
      () => tell(lie()).map((each, at) => ({ ...each, value: [NaN, Infinity, -1e308, 1e308, -1][at % 5] ?? 0 })),
    ],
    [
      'more threads and disks than are read',
      () =>
        Array.from({ length: 20_000 }, (_, at) => ({
          ...{ value: clock.monotonicMs(), atMs: null },
          name:
            at % 2 === 0
              ? 'plimsoll_container_node_disk_busy_seconds_total'
              : 'plimsoll_container_thread_cpu_seconds_total',
          labels: [['disk', `d${at}`] as const, ['pid', '1'] as const, ['tid', `${at}`] as const],
        })),
    ],
  ])('by %s leaves an answer that can be sent and shown', async (_what, liar) => {
    const { own, told } = await lookTwice(liar);
    expect(diagnosisRecordSchema.safeParse(own).error).toBeUndefined();
    expect(JSON.stringify(own)).toSatisfy(isVisibleLine);
    expect(JSON.stringify(own)).not.toMatch(/\\u001b|\\u202e/);
    expect(JSON.stringify(own).length).toBeLessThan(50_000);
    expect(told).toEqual([]);
  });
});
