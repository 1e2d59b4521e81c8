import { beforeEach, describe, expect, it } from 'vitest';
import type { NodeSnapshot } from '../../core/diagnosis/readings/node-snapshot.ts';
import { makeReading } from '../../core/diagnosis/readings/reading.ts';
import { writeContainer } from '../../core/diagnosis/container/write-container.ts';
import type { ObservedReplica } from '../../core/rollout/replica.ts';
import type { MetricSample } from '../../core/scaling/engine-metrics/reading.ts';
import { makeNodeSnapshot } from '../../testing/builders/diagnosis/make-readings.ts';
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
