/**
 * What it costs a control plane to judge the cost of services: 1,000 accelerators with a replica each, of 100 services, with 31
 * days of closed hours and one hour that is nearly over.
 *
 *   npm run bench -- cost-evidence [--devices N (1,000)] [--json]
 *
 * Prints the processor time of the first read, of reading all days, of each read after that, and of one
 * judgement. Exit status 0 when the reads after that take at most 1.5% of a core at their pace.
 */
import { ServiceAccounts } from '../../src/control-plane/ledger/accounts/service-accounts.ts';
import { judgeCost } from '../../src/core/cost/judgement/judge-cost.ts';
import { hourMs } from '../../src/core/cost/ledger/row.ts';
import type { LedgerFact } from '../../src/core/cost/ledger/fact.ts';
import type { LedgerReader } from '../../src/ports/records/ledger-records.ts';
import { systemClock } from '../../src/adapters/system/clock.ts';
import { loadContract, minimalContract } from '../../src/testing/builders/contract-texts.ts';
import { appeared, began, changed, hour0, whole, worked } from '../../src/testing/builders/cost/ledger-builders.ts';
import { ledgerRecordsOf } from '../../src/testing/builders/cost/ledger-records.ts';
import { priceBook } from '../../src/testing/builders/cost/price-builders.ts';
import { makeClosedHours } from '../closed-hours.ts';

const services = 100;
const days = 31;
const minutes = 58;
const shareAtMost = 0.015;
const openHour = hour0 + days * 24 * hourMs;

export async function main(args: readonly string[]): Promise<number> {
  const devices = args.includes('--devices') ? Number(args[args.indexOf('--devices') + 1]) : 1_000;
  const nowMs = openHour + minutes * 60_000;
  const accounts = new ServiceAccounts({
    store: makeStore(devices, nowMs),
    clock: { ...systemClock, nowMs: () => nowMs, monotonicMs: () => monotonicMs },
    books: async () => new Map([['gpus', priceBook()]]),
  });
  let monotonicMs = 0;
  const read = async (): Promise<number> => {
    const begun = process.cpuUsage();
    await accounts.refresh();
    monotonicMs += 3_600_000;
    return cpuMsSince(begun);
  };
  const firstMs = await read();
  let allMs = firstMs;
  for (let index = 0; index < 15; index += 1) allMs += await read();
  const readsMs: number[] = [];
  for (let index = 0; index < 5; index += 1) readsMs.push(await read());
  const readMs = readsMs.toSorted((a, b) => a - b)[2] ?? 0;
  const { account } = accounts.find('service-7', 'prod');
  const { contract } = loadContract(`${minimalContract}cost: { budget: 600 EUR/day, utilization: ">=40%" }\n`);
  const begun = process.cpuUsage();
  for (let count = 0; count < 1_000; count += 1) judgeCost(account, contract, null, nowMs);
  const judgeMs = cpuMsSince(begun) / 1_000;
  const { verdict } = judgeCost(account, contract, null, nowMs);
  const everyMs = Math.min(300_000, Math.max(10_000, 100 * readMs));
  const share = readMs / (everyMs + readMs);
  const measured = {
    devices,
    firstMs,
    allMs,
    readMs,
    everyMs,
    share,
    judgeMs,
    verdict,
  };
  if (args.includes('--json')) console.log(JSON.stringify(measured));
  else {
    console.log(
      `${devices} devices of ${services} services: first read ${firstMs.toFixed(0)} ms, all ${days} days ${allMs.toFixed(0)} ms`,
    );
    console.log(
      `each read after that: ${readMs.toFixed(0)} ms, each ${(everyMs / 1_000).toFixed(0)} s: ${(share * 100).toFixed(1)}% of a core (at most ${shareAtMost * 100}%)`,
    );
    console.log(`one judgement: ${judgeMs.toFixed(2)} ms (${verdict})`);
  }
  return share <= shareAtMost ? 0 : 1;
}

function makeStore(devices: number, nowMs: number): LedgerReader {
  const names = Array.from({ length: devices }, (_, index) => `gpu-${String(index).padStart(5, '0')}`);
  const serviceOf = (index: number): string => `service-${index % services}`;
  const afterMs = openHour - hour0;
  const facts: readonly LedgerFact[] = names.flatMap((device, index) => [
    { ...appeared(afterMs, device), deviceClass: 'h100' } as LedgerFact,
    began(afterMs, `r-${index}`, whole(device), serviceOf(index)),
    changed(afterMs, `r-${index}`, 'ready'),
    ...Array.from({ length: minutes }, (_, minute) =>
      worked(afterMs + minute * 60_000, afterMs + (minute + 1) * 60_000, `r-${index}`, 30_000),
    ),
  ]);
  const records = ledgerRecordsOf(facts, openHour, nowMs).sort((a, b) => a.atMs - b.atMs || a.sequence - b.sequence);
  const closed = makeClosedHours(devices, services, openHour);
  return {
    async ledgerRecords(fromMs, toMs, after) {
      const begin = after === null ? 0 : records.findIndex(({ sequence }) => sequence === after.sequence) + 1;
      return records.slice(begin, begin + 10_000).filter(({ atMs }) => atMs >= fromMs && atMs < toMs);
    },
    lastLedgerRecord: async (untilMs, kind) =>
      records.findLast(({ atMs, kind: own }) => atMs <= untilMs && (kind === undefined || own === kind)) ?? null,
    firstLedgerRecord: async () => records[0] ?? null,
    ledgerEntries: async (fromMs, toMs) => closed(fromMs, toMs),
    lastLedgerHour: async () => openHour - hourMs,
  };
}

function cpuMsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}
