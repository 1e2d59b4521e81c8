/**
 * What it costs a control plane to keep the ledger of 1,000 accelerators with a replica each, over three hours on a SQLite store:
 * an account of each replica each minute, heartbeats, the checkpoints, and the derivation of the hours, those before again.
 *
 *   npm run bench -- ledger-writing [--devices N (1,000)] [--json]
 *
 * Time is made up; CPU time of the process is measured, and how long it computed while nothing else could run. Exit status 0 when it is at
 * most 1% of one core for 1,000 devices, the event loop is never held longer than 50 ms, and the hour comes out the same when it
 * is derived again.
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { openSqliteStore } from '../../src/adapters/sql/sqlite/sqlite-store.ts';
import { LedgerKeeper } from '../../src/control-plane/ledger/ledger-keeper.ts';
import { LedgerRecorder } from '../../src/control-plane/ledger/record/ledger-recorder.ts';
import { rebuildLedger } from '../../src/control-plane/ledger/hours/rebuild-ledger.ts';
import { ServiceLedger } from '../../src/control-plane/ledger/record/service-ledger.ts';
import { hourMs, hourOf } from '../../src/core/cost/ledger/row.ts';
import type { OwnNodes } from '../../src/ports/nodes/own-nodes.ts';
import { aGatewayReport } from '../../src/testing/builders/gateway-reports.ts';
import { buildDevice, buildNode } from '../../src/testing/builders/pools/pool-builders.ts';
import { aDeployment, aRelease, aReplica, aRolloutState } from '../../src/testing/builders/rollout-builders.ts';
import { FakeClock } from '../../src/testing/fakes/fake-clock.ts';
import { testMachine } from '../../src/testing/rigs/test-judging.ts';
import { measureLongestHold } from '../longest-hold.ts';

const minuteMs = 60_000;
const minutes = 183;
const shareAtMost = 0.01;
const heldAtMostMs = 50;

export async function main(args: readonly string[]): Promise<number> {
  const devices = args.includes('--devices') ? Number(args[args.indexOf('--devices') + 1]) : 1_000;

  const released = aRelease(1);
  const release = { ...released, code: { ...released.code, devices: 1 } };
  const names = Array.from({ length: devices }, (_, index) => `GPU-${index}`);
  const replicas = names.map((uuid, index) =>
    aReplica(release, {
      replicaId: `digits-prod-${index}`,
      devices: {
        toldBy: 'kubelet',
        devices: [{ name: null, uuid, product: null, mig: null, share: null, memoryBytes: null }],
        unknown: null,
      },
    }),
  );
  const node = buildNode('test', { devices: names.map((uuid, index) => buildDevice({ uuid, index, pciBusId: uuid })) });
  const nodes: OwnNodes = { platform: 'local', machine: () => testMachine, probe: async () => node };

  const folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-ledger-writing-'));
  const file = path.join(folder, 'store.sqlite');
  const clock = new FakeClock(hourOf(1_767_225_600_000));
  const store = await openSqliteStore({ file, clock });
  try {
    const fence = await store.leases.acquire({ lease: 'bench', holder: 'bench', ttlMs: 1e9, nowMs: 0 });
    if (fence === null) throw new Error('the lease of a new store is held');
    const recorder = new LedgerRecorder({ store, clock, identity: 'bench' });
    await store.transaction(fence, (tx) => recorder.begin(tx));
    const service = new ServiceLedger(recorder, { service: 'digits', environment: 'default' }, () => null);
    const log = pino({ level: 'silent' });
    const keeper = new LedgerKeeper({
      ...{ store, clock, log, recorder, nodes, services: () => [service], fence: () => fence },
    });
    const admissions = new Map(replicas.map(({ replicaId }) => [replicaId, null]));
    const state = aRolloutState({
      ...{ releases: [release], deployment: aDeployment({ live: 1, phase: 'live' }), replicas, admissions },
    });
    const turn = async (): Promise<void> => {
      const facts = service.makeFacts(state, null);
      if (facts.length > 0) await store.transaction(fence, (tx) => service.record(tx, facts));
    };
    const report = (minute: number): void => {
      const rows = replicas.map(({ replicaId }, index) => ({
        ...{ replicaId, inFlight: 0, requests: 0 },
        work: { answers: minute * 600, busyMs: minute * (index % 60) * 1_000 },
      }));
      service.report(aGatewayReport(clock.nowMs(), {}, { replicas: rows }));
    };
    await turn();
    await keeper.look();
    await turn();
    const fromMs = hourOf(clock.nowMs());
    const minutesMs: number[] = [];
    const holds: number[] = [];
    const begun = process.cpuUsage();
    for (let minute = 0; minute < minutes; minute += 1) {
      await clock.advance(minuteMs);
      report(minute);
      const before = process.cpuUsage();
      await turn();
      holds.push(await measureLongestHold(() => keeper.look()));
      minutesMs.push(cpuMsSince(before));
    }
    const cpuMs = cpuMsSince(begun);
    const closedMs = Math.max(...minutesMs);
    const heldMs = Math.max(...holds);
    const outdatedHeldMs = await measureLongestHold(async () => {
      recorder.outdate();
      await recorder.ready();
    });
    const share = cpuMs / (minutes * minuteMs);
    const perThousand = (share * 1_000) / devices;
    const { hours, identical } = await rebuildLedger(store, fromMs, fromMs + 3 * hourMs);
    const bytes = statSync(file).size;
    const measured = { devices, cpuMs, share, perThousand, closedMs, heldMs, outdatedHeldMs, bytes, hours, identical };
    if (args.includes('--json')) console.log(JSON.stringify(measured));
    else {
      console.log(
        `${devices} devices, ${minutes} minutes: ${cpuMs.toFixed(0)} ms of CPU time, ${(share * 100).toFixed(2)}% of a core`,
      );
      console.log(`for 1,000 devices: ${(perThousand * 100).toFixed(2)}% of a core (at most ${shareAtMost * 100}%)`);
      console.log(`the minute that closes the hour: ${closedMs.toFixed(0)} ms`);
      console.log(`the longest hold of the event loop: ${heldMs.toFixed(0)} ms (at most ${heldAtMostMs} ms)`);
      console.log(`when what stands is read again: ${outdatedHeldMs.toFixed(0)} ms`);
      console.log(
        `the store: ${(bytes / 2 ** 20).toFixed(1)} MiB; derived again the hours are ${identical ? 'the same' : 'another'}`,
      );
    }
    const isHeld = Math.max(heldMs, outdatedHeldMs) > heldAtMostMs;
    return perThousand <= shareAtMost && !isHeld && identical && hours === 3 ? 0 : 1;
  } finally {
    await store.close();
    rmSync(folder, { recursive: true });
  }
}

function cpuMsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}
