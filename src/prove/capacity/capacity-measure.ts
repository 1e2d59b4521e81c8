import type { Protocol, QuantileBudget } from '../../core/contract/contract.ts';
import { failsAtEveryRate } from '../../core/capacity/rate-search.ts';
import { measureLoad, rounded } from '../../core/capacity/measure-load.ts';
import {
  answeredPerSecond,
  type CapacityMeasurements,
  type ClosedLevel,
  type RowsAtOnce,
} from '../../core/evidence/kinds/capacity/capacity-measurements.ts';
import { promisedRate } from '../../core/capacity/sustained/promised-rate.ts';
import { ceilingFactor } from '../../core/evidence/kinds/capacity/generator-limit.ts';
import { whyRunFails } from '../../core/evidence/kinds/capacity/why-run-fails.ts';
import { rateText } from '../../core/evidence/kinds/capacity/sustained-rate.ts';
import { asPlimsollError } from '../../core/units/errors.ts';
import { formatElapsed } from '../../core/units/quantity/quantity-duration.ts';
import type { BatchCounters } from '../../schemas/replica/replica-metrics.ts';
import { answerTimeoutMs } from '../../ports/serving/replica-client.ts';
import type { Terminal } from '../../ports/process/terminal.ts';
import type { ProvingPorts } from '../ports.ts';
import { tellSlowAnswers } from '../progress.ts';
import type { CapacityRequests } from './capacity-requests.ts';
import { closedLoop, type Ask } from './closed-loop.ts';
import { measureMix } from './mix/measure-mix.ts';
import { measureSustained } from './measure-sustained.ts';
import { searchRate } from './search-rate.ts';
import { latencyText } from './shown-ms.ts';
import { watchNode } from './watch-node.ts';

export interface MeasureQuestion {
  readonly protocol: Protocol;
  readonly objective: QuantileBudget | null;
  /** In increasing order, the first 1. */
  readonly levels: readonly number[];
  /** Of each closed loop. */
  readonly measureMs: number;
  readonly horizonMs: number;
  /** Of a candidate for the lower limit, at least. */
  readonly horizons: number;
  /** Of the replica; null where it is not known. */
  readonly pid: number | null;
  readonly requests: CapacityRequests;
  readonly batchCounters: () => Promise<BatchCounters | null>;
}

type MeasureContext = Pick<ProvingPorts, 'clock' | 'signal' | 'nodeProbe' | 'loadFacts' | 'nullReplica'> & {
  readonly terminal: Pick<Terminal, 'note'>;
};

/** Of each closed loop, left out: connections, caches and clocks of the device settle meanwhile. */
const warmUpShare = 0.2;
const rowsAtOnce = [1, 8, 64] as const;
/** Throughput that falls below this share of the largest so far ends the way up. */
const fallenShare = 0.95;

/**
 * Closed loops upwards, requests of several rows, a search with requests as they come around the rate that they promise, and
 * horizons that the limits rest on.
 */
export async function measureCapacity(
  context: MeasureContext,
  question: MeasureQuestion,
): Promise<CapacityMeasurements> {
  const slow = tellSlowAnswers(context, answerTimeoutMs[question.protocol]);
  const asked = await question.requests.ask(1);
  if (asked === null) throw new TypeError('a request of one row can always be made');
  const single: Ask = (at) => slow(() => asked(at));
  // Whatever is wrong with the requests is said now, in the words of the server.
  await single(0);
  const before = await question.batchCounters();
  const watch = await watchNode(context, await context.loadFacts(), question.pid);
  const closed = await closedLevels(context, question, single);
  const { protocol, objective, requests } = question;
  const mix = requests.mix === undefined ? null : await measureMix(context, requests.mix, closed, question.measureMs);
  const measured = {
    capacityVersion: 1 as const,
    protocol,
    requestsOf: requests.of,
    objective,
    batchLimitRows: before === null ? null : before.limitRows,
    closed,
    rowsAtOnce: await rowsTogether(context, question),
    ...(mix === null ? {} : { mix }),
  };
  const { runs, tried } = await searchRate(context, question, single, closed);
  if (failsAtEveryRate(tried)) {
    context.terminal.note('  requests fail alike at every rate, so that more of them would show nothing: ended early');
    return { ...measured, open: runs };
  }
  if (closed.length === 0 || tried.length === 0) return { ...measured, open: runs };
  const ceilingPerSecond = await measureCeiling(context, question);
  const largest = Math.max(...tried.map(({ perSecond }) => perSecond));
  if (ceilingPerSecond !== null && ceilingPerSecond < ceilingFactor * largest) {
    context.terminal.note(
      `  the client is a limit: it reaches only ${rateText(ceilingPerSecond)} at a server that computes nothing, so that rates above ${rateText(ceilingPerSecond / ceilingFactor)} say nothing of the replica`,
    );
  }
  const terms = { ...question, ask: single, tried, ceilingPerSecond, watch };
  return { ...measured, open: runs, sustained: await measureSustained(context, measured, terms) };
}

/** Requests under way at a server that computes nothing: as many as keep the client busy. */
const ceilingConcurrency = 64;

/** Answers a second of the same requests at a server that computes nothing: what the client can do. */
async function measureCeiling(
  context: MeasureContext,
  { requests, measureMs }: MeasureQuestion,
): Promise<number | null> {
  const replica = await context.nullReplica();
  if (replica === null) return null;
  try {
    const ask = await requests.ask(1, replica.endpoint);
    if (ask === null) return null;
    const loop = { concurrency: ceilingConcurrency, warmUpMs: warmUpShare * measureMs, measureMs: measureMs / 2 };
    const { timesMs, durationMs } = await closedLoop(context, ask, loop);
    const answered = timesMs.filter((timeMs) => timeMs < Infinity).length;
    return answered > 0 && durationMs > 0 ? (1_000 * answered) / durationMs : null;
  } finally {
    await replica.close();
  }
}

const quantilesOf = (objective: QuantileBudget | null): readonly string[] => Object.keys(objective ?? {});

async function closedLevels(
  context: MeasureContext,
  { levels, measureMs, objective, batchCounters }: MeasureQuestion,
  ask: Ask,
): Promise<readonly ClosedLevel[]> {
  const measured: ClosedLevel[] = [];
  const warmUpMs = warmUpShare * measureMs;
  await closedLoop(context, ask, { concurrency: 1, warmUpMs: 0, measureMs: warmUpMs });
  for (const [at, concurrency] of levels.entries()) {
    const before = await batchCounters();
    const { timesMs, durationMs, streamed } = await closedLoop(context, ask, { concurrency, warmUpMs, measureMs });
    const now = await batchCounters();
    const load = measureLoad(timesMs, durationMs, quantilesOf(objective), streamed);
    if (load === null) break;
    const level = { ...load, concurrency, meanBatchRows: rounded(meanRows(before, now)) };
    measured.push(level);
    const leftMs = (levels.length - at - 1) * (measureMs + warmUpMs);
    context.terminal.note(
      `  ${concurrency} under way: ${rateText(answeredPerSecond(level))}, ${latencyText(level)}${leftMs > 0 ? `; at most ${formatElapsed(leftMs)} of closed loops left` : ''}`,
    );
    const hopeless =
      concurrency === 1 && objective !== null ? whyRunFails({ ...level, underWay: 1 }, objective, measured) : null;
    if (hopeless !== null && promisedRate(measured, objective) === null) {
      context.terminal.note(
        `  one request at a time does not hold: ${hopeless}; more of them are no faster: ended early`,
      );
      break;
    }
    const largest = Math.max(...measured.map(answeredPerSecond));
    if (level.failed > 0 || answeredPerSecond(level) < fallenShare * largest) break;
  }
  return measured;
}

function meanRows(before: BatchCounters | null, now: BatchCounters | null): number | null {
  if (before === null || now === null || now.batches <= before.batches) return null;
  return Math.max(1, (now.rows - before.rows) / (now.batches - before.batches));
}

/** A server may refuse requests of many rows although the signature leaves their number open. */
async function rowsTogether(
  context: MeasureContext,
  { requests, measureMs }: MeasureQuestion,
): Promise<readonly RowsAtOnce[]> {
  const measured: RowsAtOnce[] = [];
  for (const rows of rowsAtOnce) {
    const ask = await requests.ask(rows);
    if (ask === null) break;
    try {
      await ask(0);
    } catch (thrown) {
      context.signal.throwIfAborted();
      context.terminal.note(`  requests of ${rows} rows are not answered: ${asPlimsollError(thrown).message}`);
      break;
    }
    const loop = { concurrency: 1, warmUpMs: (warmUpShare * measureMs) / 2, measureMs: measureMs / 2 };
    const { timesMs, durationMs } = await closedLoop(context, ask, loop);
    const load = measureLoad(timesMs, durationMs, []);
    if (load === null || load.meanMs === null || load.failed > 0) break;
    measured.push({ rows, requests: load.requests, meanMs: load.meanMs });
  }
  return measured.length < 2 ? [] : measured;
}
