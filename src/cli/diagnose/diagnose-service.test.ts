import { beforeEach, describe, expect, it } from 'vitest';
import { makeOperations } from '../../control-plane/operations/operations.ts';
import { bookOfShort } from '../../core/cost/prices/short-prices.ts';
import type { NodeSnapshot } from '../../core/diagnosis/readings/node-snapshot.ts';
import { makeReading, makeUnknown } from '../../core/diagnosis/readings/reading.ts';
import type { ObservedReplica } from '../../core/rollout/replica.ts';
import type { MetricSample } from '../../core/scaling/engine-metrics/reading.ts';
import type { Ablation } from '../../ports/nodes/ablation.ts';
import type { Operations } from '../../ports/records/operations.ts';
import type { MetricsSource } from '../../ports/serving/metrics-source.ts';
import { makeNodeSnapshot } from '../../testing/builders/diagnosis/make-readings.ts';
import { aRelease } from '../../testing/builders/store-builders.ts';
import { aReleaseRequest } from '../../testing/builders/release-fixture.ts';
import { testEnvironment, testService } from '../../testing/builders/rollout-builders.ts';
import { makeMemoryProject } from '../../testing/fakes/memory/memory-project.ts';
import { SelfMovingClock } from '../../testing/fakes/self-moving-clock.ts';
import type { DiagnoseReport } from './diagnose-report.ts';
import { runCommandLine, type CommandLineWorld } from '../../testing/rigs/command-line.ts';
import { openStoreOperations, type StoreOperations } from '../../testing/rigs/store-operations.ts';

const contract = `apiVersion: plimsoll.dev/v1
service: ${testService}
code: { command: [serve] }
model: { name: digits, version: 1 }
`;
const fetched = { phases: ['weights-fetch'], startMs: 0, durationMs: 400, used: { fileBytes: 190e6 } } as const;
const replica: ObservedReplica = {
  ...{ replicaId: 'r1', set: 's', pair: aRelease().pair, release: 1, state: 'ready', reason: '' },
  ...{ endpoint: 'http://r1', pid: 7, node: 'gpu-1', restarts: 0, startedAtMs: 0, readyAtMs: 900, phases: [fetched] },
};
const gateway = { gatewayId: 'g1', address: 'http://g1', acknowledgedGeneration: 1, lastSeenMs: 0, residentBytes: 1 };

let store: StoreOperations;
/** That the platform tells. */
let replicas: readonly ObservedReplica[];
let operations: Operations;
let clock: SelfMovingClock;
let isLifted: boolean;
let notes: string[];
/** Bytes a second of a cold read that a preflight measured; null: nothing was. */
let coldBytesPerSecond: number | null;
beforeEach(async () => {
  store = await openStoreOperations();
  clock = new SelfMovingClock(store.clock.nowMs());
  replicas = [replica];
  isLifted = false;
  notes = [];
  coldBytesPerSecond = null;
  const source = store.sourceFor('vera');
  const facts = { ...source.facts, replicas: async () => replicas, gateways: () => [gateway] };
  operations = makeOperations({ ...source, facts });
});

/** A replica whose quota throttles 300 of 1,000 periods, and which answers twice as much without it. */
function makeWorld(): CommandLineWorld {
  const read = async (): Promise<NodeSnapshot> => {
    const periods = clock.monotonicMs() / 100;
    const quota = { quotaCores: makeReading(1), periods: makeReading(periods), throttledMs: makeReading(0) };
    const unmeasured = makeUnknown('nothing was measured on this node: plimsoll probe --active');
    const cold = coldBytesPerSecond === null ? unmeasured : makeReading(coldBytesPerSecond);
    return makeNodeSnapshot({
      atMs: clock.monotonicMs(),
      measured: { takenAtMs: 1_900_000_000_000, storageBytesPerSecond: cold, cachedBytesPerSecond: unmeasured },
      quota: { ...quota, throttledPeriods: makeReading(periods * 0.3) },
    });
  };
  let answers = 0;
  let readMs = 0;
  const metrics: Pick<MetricsSource, 'read' | 'close'> = {
    read: async (targets) => {
      // One request is always under way, of 10 ms or of 5.
      answers += (clock.monotonicMs() - readMs) / (isLifted ? 5 : 10);
      readMs = clock.monotonicMs();
      const sample = (name: string, value: number): MetricSample => ({ name, value, labels: [], atMs: null });
      const samples = [
        sample('plimsoll_gateway_phased_requests_total', answers),
        sample('plimsoll_gateway_request_seconds_total', readMs / 1_000),
      ];
      return targets.map(() => ({ kind: 'read', reading: { readAtMs: 0, samples }, warnings: [] }));
    },
    close: async () => undefined,
  };
  const lift: Ablation = {
    ...{ restoration: null, settleMs: 60 },
    apply: async () => void (isLifted = true),
    undo: async () => void (isLifted = false),
  };
  return {
    ...{ clock, notes, operations, project: makeMemoryProject({ contract }) },
    nodeReadings: { read },
    metricsSource: async () => metrics as MetricsSource,
    prepareAblation: async (experiment) =>
      experiment === 'lifted-quota' ? lift : { refused: `${experiment} cannot be run` },
  };
}

const diagnose = (...words: readonly string[]) => runCommandLine(['diagnose', ...words], makeWorld());

describe('plimsoll diagnose of a service', () => {
  it('shows the cause within 60 s, whatever the window, and undoes the experiment', async () => {
    const beganMs = clock.monotonicMs();
    const { exit, out } = await diagnose('--live', '--seconds', '15');
    expect(exit).toBe(1);
    expect(out).toContain('cpu-quota is shown: without it 100% more answers');
    expect(clock.monotonicMs() - beganMs).toBeLessThanOrEqual(60_000);
    expect(isLifted).toBe(false);
  });

  it('records what it read for the page and the history', async () => {
    await diagnose('--live', '--seconds', '4');
    const { run } = await operations.diagnosis({ service: testService, environment: testEnvironment });
    expect(run).toMatchObject({
      by: 'vera',
      record: { windowMs: 4_000, node: 'gpu-1', accelerators: 1, loadedShare: 1, engine: { of: 'cpu' } },
      finding: { verdict: 'shown', cause: 'cpu-quota' },
    });
    const [event] = await store.store.events({ kindPrefix: 'diagnosis' });
    expect(event?.summary).toMatch(/^Diagnosis: cpu-quota is shown: without it 100% more answers/);
    expect(notes.join()).not.toContain('not recorded');
  });

  it('costs the starvation in accelerator-seconds, and in money by the prices of the environment', async () => {
    expect((await diagnose('--live', '--seconds', '4')).out).toMatch(/costs 1800 accelerator-seconds an hour\n/);
    const prices = bookOfShort({ currency: 'EUR', acceleratorSecond: { default: 0.001 }, lateRequest: null });
    await operations.release(await aReleaseRequest(store.blobs, 1));
    await operations.setEnvironmentRecord({ environment: testEnvironment, terms: { prices } });
    expect((await diagnose('--live', '--seconds', '4')).out).toContain(
      'costs 1800 accelerator-seconds an hour (1.80 EUR an hour)',
    );
  });

  it('tells its finding also where it may not record it, or the control plane knows no diagnoses', async () => {
    const refuse = () => Promise.reject(new Error('vera may view'));
    operations = { ...operations, diagnosis: refuse, recordDiagnosis: refuse };
    const { exit, out } = await diagnose('--live', '--seconds', '4');
    expect([exit, out.includes('cpu-quota is shown')]).toEqual([1, true]);
    expect(notes.join('\n')).toContain('this diagnosis is not recorded: vera may view');
  });

  it('holds the last start against the measured disk of the node', async () => {
    coldBytesPerSecond = 500e6;
    const { out } = await diagnose('--live', '--seconds', '4');
    // 190 MB in 400 ms are 475 MB/s.
    expect(out).toMatch(/weights-fetch +400 ms .*bound by disk, at its ceiling 380 ms/);
    expect(out).toContain('475 MB/s from the disk: 95% of its 500 MB/s');
    expect(out).toContain('the storage of the node (measured 2030-03-17 17:46 UTC)');
    expect(out).toContain('shortens weights-fetch: keep the files in the page cache');
  });

  it('says what to run where nobody measured the storage of the node', async () => {
    const { out } = await diagnose('--live', '--seconds', '4');
    expect(out).toContain('475 MB/s read: nothing was measured on this node');
    expect(out).toContain(
      'next: plimsoll probe --active --files FOLDER (that of the model), on the node of the replica',
    );
    expect(out).not.toContain('bound by');
  });

  it('of replicas on other nodes tells the container and the start of one, and no counter of this machine', async () => {
    const distant = { ...replica, pid: null, node: 'gpu-9', endpoint: 'http://r1:9000' };
    replicas = [{ ...distant, replicaId: 'r2', node: 'gpu-2' }, distant];
    const { out } = await diagnose('--seconds', '4', '--json');
    const report = JSON.parse(out) as DiagnoseReport;
    expect(report.suspicions.suspected).toEqual([]);
    const why = 'the server of the replica tells no counters of its container';
    expect(report.window.values.throttledPeriodShare).toEqual({ unknown: why });
    expect(report.start?.phases[0]?.storage).toMatchObject({
      bytesPerSecond: 475e6,
      use: { unknown: 'the replica runs on another node' },
    });
    const { run } = await operations.diagnosis({ service: testService, environment: testEnvironment });
    expect(run?.record.node).toBe('gpu-9');
  });
});
