/**
 * One control plane of so many services, each with two replicas on a scripted machine, as a process of its own: argument 1 is
 * how many. Prints one line of JSON, an `IdleFleet`.
 */
import { localOperator } from '../../src/core/access/requester.ts';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pino } from 'pino';
import { openSqliteStore } from '../../src/adapters/sql/sqlite/sqlite-store.ts';
import { systemClock } from '../../src/adapters/system/clock.ts';
import { ControlPlane } from '../../src/control-plane/control-plane.ts';
import { cacheServices } from '../../src/control-plane/judging/fleet-share.ts';
import { makeLiveJudgements } from '../../src/control-plane/watches/live-judgements.ts';
import { readShownProof } from '../../src/control-plane/judging/release-proof.ts';
import type { Platform, ReplicaOwner } from '../../src/ports/serving/platform.ts';
import { hold } from '../../src/core/scaling/policies/hold.ts';
import { aReleaseRequest } from '../../src/testing/builders/release-fixture.ts';
import { FakeMetricsSource } from '../../src/testing/fakes/fake-metrics-source.ts';
import { FakeMachine } from '../../src/testing/fakes/fake-platform.ts';
import { FakeReplicaClient } from '../../src/testing/fakes/fake-replica-client.ts';
import { memoryBlobs } from '../../src/testing/fakes/memory/memory-blobs.ts';
import { memoryJournal } from '../../src/testing/fakes/memory/memory-journal.ts';
import { testJudging } from '../../src/testing/rigs/test-judging.ts';

export interface IdleFleet {
  readonly services: number;
  readonly replicas: number;
  /** Turns of all services while it was looked at. */
  readonly turns: number;
  /** Processor time of a turn of every service. */
  readonly roundCpuMs: number;
  readonly residentBytes: number;
}

const watchedMs = 20_000;

const isDone = [
  (): boolean => true,
  (thrown: unknown): boolean => {
    if ((thrown as { readonly code?: string }).code === 'lease-expired') return false;
    throw thrown;
  },
] as const;

async function main(services: number): Promise<IdleFleet> {
  const folder = await mkdtemp(path.join(tmpdir(), 'plimsoll-fleet-'));
  const store = await openSqliteStore({ file: path.join(folder, 'store.sqlite'), clock: systemClock });
  const blobs = memoryBlobs();
  const judging = testJudging(blobs);
  const client = new FakeReplicaClient();
  let turns = 0;
  // Of each service a machine of its own: one looks at all its replicas whenever it is asked.
  const machines = new Map<string, { readonly machine: FakeMachine; readonly platform: Platform }>();
  const platformOf = ({ service }: ReplicaOwner): Platform => {
    const machine = new FakeMachine(systemClock);
    const of = machines.get(service) ?? { machine, platform: machine.platform() };
    machines.set(service, of);
    return of.platform;
  };
  const platform: Platform = {
    ...platformOf({ service: 'none', environment: 'default' }),
    observe: (...asked) => {
      turns += 1;
      return platformOf(asked[0]).observe(...asked);
    },
    apply: (...asked) => platformOf(asked[0]).apply(...asked),
  };
  const listServices = cacheServices(store, systemClock);
  const accounts = { find: () => ({ account: null, prices: [] }) };
  const controlPlane = await ControlPlane.take(
    {
      services: null,
      plimsollVersion: '0.0.0',
      store,
      blobs,
      journal: memoryJournal(),
      platform,
      replicaClientFor: () => client,
      clock: systemClock,
      openService: ({ service, environment }) => ({
        judgements: makeLiveJudgements({
          judging,
          store,
          clock: systemClock,
          proof: () => readShownProof(judging.shelf, store, service, environment),
          accounts,
          services: listServices,
          unpriced: () => undefined,
        }),
        hardware: null,
        starts: { measured: async () => null },
        evidence: { measured: async () => null },
        costs: null,
        alerts: null,
        pools: async () => [],
      }),
      bundles: judging,
      policy: hold,
      metricsSource: new FakeMetricsSource(systemClock),
      identity: `bench:boot:${process.pid}:1`,
      isDead: async () => false,
      log: pino({ level: 'silent' }),
    },
    AbortSignal.timeout(10_000),
  );
  const stop = new AbortController();
  const running = controlPlane.run(stop.signal);
  const operations = controlPlane.operationsFor('bench', localOperator);
  for (let index = 0; index < services; index += 1) {
    const service = `service-${String(index).padStart(4, '0')}`;
    const request = await aReleaseRequest(blobs, 1 + (index % 20), {
      ...{ service, environment: 'default', codeName: service },
      contract: { scaling: { signal: 'queue-depth', replicas: { min: 2, max: 2 } } },
    });
    // On a busy machine the lease may run out for a moment.
    while (!(await operations.release(request).then(...isDone))) await delay(500);
    // Nothing here waits for a disk or a network: without this no timer would run.
    await delay(1);
  }
  const isLive = (): boolean => controlPlane.fleet().services.every(({ replicas }) => replicas.ready === 2);
  while (!isLive()) await delay(200);
  // What was loaded and compiled on the way is not what a fleet costs from then on.
  await delay(5_000);
  globalThis.gc?.();
  const before = { cpu: process.cpuUsage(), turns };
  await delay(watchedMs);
  const cpu = process.cpuUsage(before.cpu);
  const taken = turns - before.turns;
  const measured = {
    services,
    replicas: [...machines.values()].reduce((sum, { machine }) => sum + machine.replicas().length, 0),
    turns: taken,
    roundCpuMs: (((cpu.user + cpu.system) / 1_000) * services) / taken,
    residentBytes: process.memoryUsage.rss(),
  };
  stop.abort();
  await running;
  await controlPlane.close('the measurement is over');
  await store.close();
  await rm(folder, { recursive: true, force: true });
  return measured;
}

console.log(JSON.stringify(await main(Number(process.argv[2] ?? 50))));
process.exit(0);
