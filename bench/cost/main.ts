/**
 * What it takes to ask what device time cost.
 *
 *   npm run bench -- cost [--devices N (1,000)] [--services N (100)] [--json]
 *
 * 1. Group-bys over the hourly rows of 1,000 services on 5,000 devices in 30 days, which lie in memory by column.
 * 2. `GET /v1/cost --by day,service` of 30 days as the control plane answers it: the first time, again, and the longest hold of the
 *    event loop. Reading the store is left out.
 *
 * Exit status 0 when each group-by takes less than 1 s, asking again less than 1 s, and the event loop is never held longer than
 * 250 ms. `npm run bench -- ledger-writing` measures what writing the ledger costs.
 */
import { makeCostReport } from '../../src/control-plane/ledger/cost-report.ts';
import { PricedLedger } from '../../src/control-plane/ledger/hours/priced-ledger.ts';
import { hourMs } from '../../src/core/cost/ledger/row.ts';
import type { LedgerReader } from '../../src/ports/records/ledger-records.ts';
import { hour0 } from '../../src/testing/builders/cost/ledger-builders.ts';
import { priceBook } from '../../src/testing/builders/cost/price-builders.ts';
import { makeClosedHours } from '../closed-hours.ts';
import { measureGroupRate } from '../ledger/group-rate.ts';
import { measureLongestHold } from '../longest-hold.ts';

const days = 30;
const answerMsAtMost = 1_000;
const heldMsAtMost = 250;

export async function main(argv: readonly string[]): Promise<number> {
  const number = (name: string, fallback: number): number =>
    argv.includes(name) ? Number(argv[argv.indexOf(name) + 1]) : fallback;
  const [devices, services] = [number('--devices', 1_000), number('--services', 100)];
  if (![devices, services].every((count) => Number.isSafeInteger(count) && count > 0)) {
    console.error('usage: npm run bench -- cost [--devices N] [--services N] [--json]');
    return 2;
  }
  const rate = measureGroupRate();
  const slowestGroupMs = Math.max(...Object.values(rate.groupMs));
  const asked = await measureAnswers(devices, services);
  const measured = { rows: rate.rows, slowestGroupMs, groupMs: rate.groupMs, devices, services, days, ...asked };
  if (argv.includes('--json')) console.log(JSON.stringify(measured));
  else {
    console.log(
      `${rate.rows.toLocaleString('en-US')} rows grouped: slowest ${slowestGroupMs} ms (below ${answerMsAtMost} ms)`,
    );
    console.log(`${days} days of ${devices} devices and ${services} services by day and service:`);
    console.log(`  first answer      ${asked.firstMs.toFixed(0)} ms, without reading the store`);
    console.log(`  again             ${asked.againMs.toFixed(0)} ms (below ${answerMsAtMost} ms)`);
    console.log(`  longest hold      ${asked.heldMs.toFixed(0)} ms (at most ${heldMsAtMost} ms)`);
  }
  return slowestGroupMs < answerMsAtMost && asked.againMs < answerMsAtMost && asked.heldMs <= heldMsAtMost ? 0 : 1;
}

async function measureAnswers(devices: number, services: number) {
  const nowMs = hour0 + days * 24 * hourMs;
  const closed = makeClosedHours(devices, services, nowMs);
  const store: LedgerReader = {
    ledgerRecords: async () => [],
    lastLedgerRecord: async () => null,
    firstLedgerRecord: async () => null,
    lastLedgerHour: async () => nowMs,
    ledgerEntries: async (fromMs, toMs) => closed(fromMs, toMs),
  };
  const ledger = new PricedLedger(store);
  const books = new Map([['gpus', priceBook()]]);
  const answer = async (): Promise<void> => {
    const spans = await ledger.read({ fromMs: hour0, nowMs, books, isHourly: false });
    const report = makeCostReport(
      hour0,
      spans,
      { by: ['day', 'service'], sinceMs: nowMs - hour0 },
      { books, problems: [] },
    );
    if (report.units[0]?.devices !== devices) throw new Error('the account lost devices');
  };
  const heldMs: number[] = [];
  const timesMs: number[] = [];
  for (let turn = 0; turn < 2; turn += 1) {
    const beganMs = performance.now();
    heldMs.push(await measureLongestHold(answer));
    timesMs.push(performance.now() - beganMs);
  }
  const [firstMs = 0, againMs = 0] = timesMs;
  return { firstMs, againMs, heldMs: Math.max(...heldMs) };
}
