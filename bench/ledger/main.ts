/**
 * The account of accelerator-seconds against a simulated fleet that knows what really happened.
 *
 *   npm run bench -- ledger [--hours N (10,000)] [--seed N] [--json]
 *
 * Runs of 500 hours: 26 devices (whole boards, MIG, MPS, time slicing, cores) under crashes of the control plane, node resets,
 * changed boards, steps of the wall clock, changed MIG layouts and lost reports. The simulator shares no code with the ledger.
 *
 * Then rows of 1,000 services on 5,000 devices in 30 days are grouped.
 *
 * Exit status 0 when nothing is lost (conservation error 0), at most 0.1% of the device time has another state or owner than in
 * truth, each claim that was lost or doubled on purpose is named, late facts correct the ledger to the digit, and each
 * group-by takes less than 1 s.
 */
import { correctLedgerRows } from '../../src/core/cost/ledger/correct-rows.ts';
import { derivePlacedRows } from '../../src/core/cost/ledger/derive-rows.ts';
import { mergeRows } from '../../src/core/cost/ledger/merge-rows.ts';
import { placeFacts } from '../../src/core/cost/ledger/record/place-facts.ts';
import type { LedgerRow } from '../../src/core/cost/ledger/row.ts';
import { compareTruth } from './compare-truth.ts';
import { measureGroupRate } from './group-rate.ts';
import { injectFaults } from './inject-faults.ts';
import { worldBeginMs } from './world/recorder.ts';
import { simulateFleet, type SimulatedFleet } from './world/simulate-fleet.ts';

const runHours = 500;
const hourMs = 3_600_000;
const wrongShareAtMost = 0.001;
const groupMsAtMost = 1_000;
/** One fact in so many comes after its hours are closed. */
const lateEach = 50;

interface Sums {
  runs: number;
  hours: number;
  facts: number;
  rows: number;
  claims: number;
  crashes: number;
  resets: number;
  steps: number;
  relayouts: number;
  deviceMs: number;
  wrongMs: number;
  conservationErrorMs: number;
  lost: number;
  lostSeen: number;
  twice: number;
  twiceSeen: number;
  lateFacts: number;
  correctingRows: number;
  correctionErrors: number;
  derivedMs: number;
}

export async function main(argv: readonly string[]): Promise<number> {
  const number = (name: string, fallback: number): number => {
    const at = argv.indexOf(`--${name}`);
    return at === -1 ? fallback : Number(argv[at + 1]);
  };
  const [wantedHours, seed] = [number('hours', 10_000), number('seed', 1)];
  if (!Number.isInteger(wantedHours) || wantedHours < 1 || !Number.isInteger(seed)) {
    console.error('--hours takes a whole number from 1 on, and --seed a whole number');
    return 2;
  }
  const sums = emptySums();
  const missing: Record<string, number> = {};
  for (let done = 0; done < wantedHours; done += runHours) {
    const hours = Math.min(runHours, wantedHours - done);
    runOnce(simulateFleet(seed + sums.runs, hours), hours, sums, missing);
  }
  const rate = measureGroupRate();
  const slowestMs = Math.max(...Object.values(rate.groupMs));
  const wrongShare = sums.wrongMs / sums.deviceMs;
  const met =
    sums.conservationErrorMs === 0 &&
    wrongShare <= wrongShareAtMost &&
    sums.lost === sums.lostSeen &&
    sums.twice === sums.twiceSeen &&
    sums.correctionErrors === 0 &&
    slowestMs < groupMsAtMost;
  if (argv.includes('--json')) {
    console.log(JSON.stringify({ bench: 'ledger', seed, ...sums, wrongShare, missing, rate, slowestMs, met }, null, 2));
  } else print(sums, wrongShare, rate, slowestMs);
  return await Promise.resolve(met ? 0 : 1);
}

function runOnce(fleet: SimulatedFleet, hours: number, sums: Sums, missing: Record<string, number>): void {
  const window = { fromMs: worldBeginMs, toMs: worldBeginMs + hours * hourMs };
  const { placed } = placeFacts(fleet.facts);
  const startedMs = performance.now();
  const derived = derivePlacedRows(placed, window);
  sums.derivedMs += performance.now() - startedMs;
  const compared = compareTruth(derived.rows, fleet.truth, placed, window.toMs);
  const injected = injectFaults(fleet.facts, window, 20);
  const early = placed.filter((_, index) => index % lateEach !== 0);
  const before = derivePlacedRows(early, window);
  const correction = correctLedgerRows(before, derived);
  const corrected = mergeRows([...before.rows, ...correction.rows]);
  sums.runs += 1;
  sums.hours += hours;
  sums.facts += fleet.facts.length;
  sums.rows += derived.rows.length;
  sums.lateFacts += placed.length - early.length;
  sums.correctingRows += correction.rows.length;
  sums.correctionErrors += isSame(corrected, derived.rows) ? 0 : 1;
  for (const name of ['claims', 'crashes', 'resets', 'steps', 'relayouts'] as const) sums[name] += fleet[name];
  for (const name of ['deviceMs', 'wrongMs', 'conservationErrorMs'] as const) sums[name] += compared[name];
  for (const name of ['lost', 'lostSeen', 'twice', 'twiceSeen'] as const) sums[name] += injected[name];
  for (const [state, ms] of Object.entries(compared.missingByState)) missing[state] = (missing[state] ?? 0) + ms;
}

const isSame = (a: readonly LedgerRow[], b: readonly LedgerRow[]): boolean => JSON.stringify(a) === JSON.stringify(b);

function emptySums(): Sums {
  return {
    runs: 0,
    hours: 0,
    facts: 0,
    rows: 0,
    claims: 0,
    crashes: 0,
    resets: 0,
    steps: 0,
    relayouts: 0,
    deviceMs: 0,
    wrongMs: 0,
    conservationErrorMs: 0,
    lost: 0,
    lostSeen: 0,
    twice: 0,
    twiceSeen: 0,
    lateFacts: 0,
    correctingRows: 0,
    correctionErrors: 0,
    derivedMs: 0,
  };
}

function print(sums: Sums, wrongShare: number, rate: ReturnType<typeof measureGroupRate>, slowestMs: number): void {
  const many = (count: number): string => Math.round(count).toLocaleString('en-US');
  const deviceHours = sums.deviceMs / hourMs;
  const lines = [
    `${many(sums.hours)} hours, ${many(deviceHours)} device-hours, ${many(sums.claims)} replicas, ${many(sums.facts)} facts, ${many(sums.rows)} rows`,
    `${sums.crashes} crashes of the control plane, ${sums.resets} node resets, ${sums.steps} clock steps, ${sums.relayouts} changed layouts`,
    `conservation error          ${sums.conservationErrorMs} device-ms (aim: 0)`,
    `another state or owner      ${(100 * wrongShare).toFixed(4)}% of device time (aim: at most ${100 * wrongShareAtMost}%)`,
    `lost claims named           ${sums.lostSeen} of ${sums.lost}`,
    `doubled claims named        ${sums.twiceSeen} of ${sums.twice}`,
    `corrected by late facts     ${many(sums.lateFacts)} facts, ${many(sums.correctingRows)} correcting rows, ${sums.correctionErrors} of ${sums.runs} runs differ (aim: 0)`,
    `derived                     ${(sums.rows / (sums.derivedMs / 1_000)).toFixed(0)} rows/s`,
    `grouped                     ${many(rate.rows)} rows (${rate.megabytes} MB), slowest ${slowestMs} ms (aim: below ${groupMsAtMost} ms)`,
    ...Object.entries(rate.groupMs).map(([by, ms]) => `  by ${by.padEnd(24)} ${ms} ms`),
  ];
  console.log(lines.join('\n'));
}
