/**
 * A watch of 500 features as a process of its own: from the bytes of segments to the state in SQLite, as a control plane takes
 * them. Prints one line of JSON, a `WatchedFeatures`.
 */
import { createHash } from 'node:crypto';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openSqliteStore } from '../../src/adapters/sql/sqlite/sqlite-store.ts';
import { systemClock } from '../../src/adapters/system/clock.ts';
import { DriftWatch } from '../../src/control-plane/monitoring/drift-watch.ts';
import { decodeSample } from '../../src/control-plane/monitoring/decode-sample.ts';
import { readSegment } from '../../src/control-plane/monitoring/read-segment.ts';
import { readRow } from '../../src/core/monitoring/features/read-row.ts';
import { collectReference } from '../../src/core/monitoring/features/reference.ts';
import { readRedaction } from '../../src/core/monitoring/samples/redact.ts';
import type { MonitoringTerms } from '../../src/core/monitoring/watch/monitoring-terms.ts';
import { seededRandom } from '../../src/core/statistics/random.ts';
import { digestOf } from '../../src/core/units/digest.ts';

export interface WatchedFeatures {
  readonly features: number;
  readonly series: number;
  /** Processor time of a row where 2,000 rows come with each write: 1,000 rows/s. Every row is of the random share. */
  readonly rowCpuMs: number;
  /** The same where no row is of the random share. */
  readonly ordinaryRowCpuMs: number;
  /** Processor time of a write of 20 rows. */
  readonly writeCpuMs: number;
  /** Processor time of choosing all bets, on 400 windows. */
  readonly chooseCpuMs: number;
  readonly recordBytes: number;
  readonly residentBytes: number;
  readonly peakResidentBytes: number;
  /** Of the state in the end: the same where the same was watched. */
  readonly stateDigest: string;
}

const scope = ['features', 'prod'] as const;
const rowsOfSegment = 100;
const pooledSegments = 6;
const rowsOfWrite = 2_000;
const [tensors, width] = [15, 32];
const random = seededRandom(11);
const categories = ['red', 'green', 'blue', 'black', 'white', 'grey'];

/** 480 numbers, a text of 7 features, 9 single numbers; a class, its confidence and entropy; the status. */
function makeBodies(): { readonly request: Buffer; readonly response: Buffer } {
  const normal = (): number => random.nextShare() + random.nextShare() + random.nextShare() + random.nextShare() - 2;
  const wide = Array.from({ length: tensors }, (_, tensor) => ({
    name: `tensor-${tensor}`,
    ...{ shape: [1, width], datatype: 'FP32' },
    data: Array.from({ length: width }, () => Number(normal().toPrecision(7))),
  }));
  const single = Array.from({ length: 9 }, (_, at) => ({
    name: `number-${at}`,
    ...{ shape: [1, 1], datatype: 'FP32' },
    data: [Number((at * normal()).toPrecision(7))],
  }));
  const colour = categories[Math.min(random.nextBelow(categories.length), random.nextBelow(categories.length))] ?? '';
  const text = { name: 'colour', shape: [1, 1], datatype: 'BYTES', data: [colour] };
  const scores = [0, 1, 2, 3].map(() => 0.05 + random.nextShare());
  const sum = scores.reduce((total, score) => total + score, 0);
  const outputs = [{ name: 'answer', shape: [1, 4], datatype: 'FP32', data: scores.map((score) => score / sum) }];
  return {
    request: Buffer.from(JSON.stringify({ inputs: [...wide, ...single, text] })),
    response: Buffer.from(JSON.stringify({ model_name: 'wide', outputs })),
  };
}

function makeRecord(number: number): Buffer {
  const { request, response } = makeBodies();
  const content = { contentType: 'application/json', jsonBytes: null, contentEncoding: null, cut: false };
  const drawn = random.nextBelow(2) === 0 ? 'a' : 'b';
  const eligible = ['a', 'b'].map((replicaId) => ({ replicaId, release: 1, propensityShare: 0.5 }));
  const head = Buffer.from(
    JSON.stringify({
      ...{ requestId: `request-${number}`, arrivedAtMs: 0, release: 1, modelVersion: 1, replicaId: drawn },
      ...{ method: 'POST', path: '/v2/models/wide/infer', status: 200, latencyMs: 3.25, sampled: true, unit: null },
      ...{ control: { eligible, drawn, outcome: 'answered' }, request: content, response: content, complete: true },
    }),
  );
  const lengths = Buffer.alloc(12);
  [head, request, response].forEach((part, at) => lengths.writeUInt32BE(part.byteLength, 4 * at));
  return Buffer.concat([lengths, head, request, response]);
}

async function main(): Promise<WatchedFeatures> {
  const pool = Array.from({ length: pooledSegments }, (_, segment) =>
    Buffer.concat(Array.from({ length: rowsOfSegment }, (__, at) => makeRecord(segment * rowsOfSegment + at))),
  );
  const collector = collectReference();
  for (const sample of pool.flatMap(readSegment)) {
    const decoded = decodeSample(sample, 'open-inference-v2');
    if ('unreadable' in decoded) throw new Error(decoded.unreadable);
    collector.add(readRow(decoded));
  }
  const summary = collector.summary(pooledSegments * rowsOfSegment);
  const folder = await mkdtemp(path.join(tmpdir(), 'plimsoll-features-'));
  const file = path.join(folder, 'store.sqlite');
  const store = await openSqliteStore({ file, clock: systemClock });
  const fence = await store.leases.acquire({ lease: 'control-plane', holder: 'bench', ttlMs: 1e9, nowMs: 0 });
  if (fence === null) throw new Error('no lease');
  let nowMs = 1_800_000_000_000;
  const terms = (windowMs: number): MonitoringTerms => ({
    ...{ release: 1, rate: { count: 1, perMs: 30 * 86_400_000 }, windowMs, protocol: 'open-inference-v2' },
    ...{ redaction: readRedaction([]), content: false, retentionMs: 3_600_000, awaitsLabels: false },
    ...{ tolerance: { sd: 0.2, totalVariation: 0.1 }, reference: { digest: digestOf(summary), summary } },
  });
  let present = terms(1);
  const watch = new DriftWatch({
    ...{ service: scope[0], environment: scope[1], store, log: { warn: () => undefined } },
    clock: { nowMs: () => nowMs, monotonicMs: () => nowMs, sleep: async () => undefined },
    fence: () => fence,
    terms: () => present,
    recorded: () => undefined,
  });
  let sequence = 0;
  /** One write of so many rows, which came within two seconds. */
  const take = async (rows: number, isRandom: boolean): Promise<void> => {
    const taken: Promise<void>[] = [];
    for (let left = rows; left > 0; left -= rowsOfSegment) {
      const samples = readSegment(pool[sequence % pooledSegments] ?? Buffer.alloc(0)).slice(0, left);
      sequence += 1;
      const timed = samples.map((sample, at) => ({
        ...sample,
        arrivedAtMs: nowMs + at,
        ...(isRandom ? {} : { control: null }),
      }));
      taken.push(watch.take({ gatewayId: 'gateway-1', spoolId: '0'.repeat(32), sequence, samples: timed }));
    }
    nowMs += 2_000;
    await Promise.all(taken);
  };
  const cpuMsOf = async (work: () => Promise<void>): Promise<number> => {
    const before = process.cpuUsage();
    await work();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1_000;
  };
  const repeat = async (times: number, rows: number, isRandom: boolean): Promise<void> => {
    for (let time = 0; time < times; time += 1) await take(rows, isRandom);
  };
  // 399 windows of 20 rows; the next one is the first with a choice of bets.
  await repeat(79, 100, true);
  await repeat(4, 20, true);
  const chooseCpuMs = await cpuMsOf(() => take(20, true));
  present = terms(10_000);
  await repeat(1, rowsOfWrite, true);
  const rowCpuMs = (await cpuMsOf(() => repeat(5, rowsOfWrite, true))) / 5 / rowsOfWrite;
  const ordinaryRowCpuMs = (await cpuMsOf(() => repeat(5, rowsOfWrite, false))) / 5 / rowsOfWrite;
  const writeCpuMs = (await cpuMsOf(() => repeat(20, 20, true))) / 20;
  const record = await store.driftRecord(...scope);
  const { size } = await stat(file);
  if (record === null || size === 0) throw new Error('nothing was written');
  const measured = {
    features: record.state.features.length,
    series: record.state.series.filter(({ bet }) => bet !== null).length,
    ...{ rowCpuMs, ordinaryRowCpuMs, writeCpuMs, chooseCpuMs },
    recordBytes: Buffer.byteLength(JSON.stringify(record)),
    residentBytes: process.memoryUsage.rss(),
    peakResidentBytes: process.resourceUsage().maxRSS * 1_024,
    stateDigest: createHash('sha256').update(JSON.stringify(record.state)).digest('hex').slice(0, 16),
  };
  await store.close();
  await rm(folder, { recursive: true, force: true });
  return measured;
}

console.log(JSON.stringify(await main()));
process.exit(0);
