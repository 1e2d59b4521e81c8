import type { Protocol, QuantileBudget } from '../../core/contract/contract.ts';
import { measureLoad, rounded } from '../../core/capacity/measure-load.ts';
import { nextOpenRate, openRunsAtMost, type TriedRate } from '../../core/capacity/rate-search.ts';
import {
  answeredPerSecond,
  levelOf,
  type CapacityMeasurements,
  type ClosedLevel,
  type OpenRun,
  type RowsAtOnce,
} from '../../core/evidence/kinds/capacity/capacity-measurements.ts';
import {
  kneeOf,
  rateText,
  requestsNeeded,
  standingOf,
  standingOfRun,
} from '../../core/evidence/kinds/capacity/sustained-rate.ts';
import { seededRandom } from '../../core/statistics/random.ts';
import { asPlimsollError } from '../../core/units/errors.ts';
import { formatElapsed } from '../../core/units/quantity/quantity-duration.ts';
import type { BatchCounters } from '../../schemas/replica/replica-metrics.ts';
import { closedLoop, openLoop, type Ask } from './capacity-load.ts';
import type { CapacityRequests } from './capacity-requests.ts';
import { measureMix } from './mix/measure-mix.ts';
import { shownQuantile } from './shown-ms.ts';
import type { ProvingPorts } from '../ports.ts';

export interface MeasureQuestion {
  readonly protocol: Protocol;
  readonly objective: QuantileBudget | null;
  /** In increasing order, the first 1. */
  readonly levels: readonly number[];
  /** Of each closed loop. */
  readonly measureMs: number;
  readonly requests: CapacityRequests;
  readonly batchCounters: () => Promise<BatchCounters | null>;
}

type MeasureContext = Pick<ProvingPorts, 'clock' | 'signal' | 'terminal'>;

/** Of each closed loop, left out: connections, caches and clocks of the device settle meanwhile. */
const warmUpShare = 0.2;
const rowsAtOnce = [1, 8, 64] as const;
/** An open-loop run lasts until so many requests are expected beyond the quantile that is promised, */
const lateExpected = 60;
/** and at most so many times as long as a closed loop. */
const longestRunFactor = 10;
/** Throughput that falls below this share of the largest so far ends the way up. */
const fallenShare = 0.95;

export interface MeasuredCapacity {
  readonly measurements: CapacityMeasurements;
  /** Of the time of the open-loop runs, in which the client itself stood still; 0 of none. */
  readonly stoodStillShare: number;
}

/** Closed loops upwards, requests of several rows, and open loops around the rate that they promise. */
export async function measureCapacity(context: MeasureContext, question: MeasureQuestion): Promise<MeasuredCapacity> {
  const single = await question.requests.ask(1);
  if (single === null) throw new TypeError('a request of one row can always be made');
  // Whatever is wrong with the requests is said now, in the words of the server.
  await single(0);
  const before = await question.batchCounters();
  const closed = await closedLevels(context, question, single);
  const direct = await rowsTogether(context, question);
  const { runs, stoodStillShare } = await openRuns(context, question, single, closed);
  const { protocol, objective, requests } = question;
  const mix = requests.mix === undefined ? null : await measureMix(context, requests.mix, closed, question.measureMs);
  const measurements: CapacityMeasurements = {
    capacityVersion: 1,
    protocol,
    requestsOf: requests.of,
    objective,
    batchLimitRows: before === null ? null : before.limitRows,
    closed,
    rowsAtOnce: direct,
    open: runs,
    ...(mix === null ? {} : { mix }),
  };
  return { measurements, stoodStillShare };
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
    const largest = Math.max(...measured.map(answeredPerSecond));
    if (level.failed > 0 || answeredPerSecond(level) < fallenShare * largest) break;
  }
  return measured;
}

const latencyText = ({ quantiles, failed }: ClosedLevel | OpenRun): string => {
  const largest = Object.entries(quantiles).at(-1);
  const text = largest === undefined ? '' : shownQuantile(largest[0], largest[1].valueMs);
  return failed === 0 ? text : `${text}, ${failed} failed`;
};

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

async function openRuns(
  context: MeasureContext,
  { objective, measureMs }: MeasureQuestion,
  ask: Ask,
  closed: readonly ClosedLevel[],
): Promise<{ readonly runs: readonly OpenRun[]; readonly stoodStillShare: number }> {
  const runs: OpenRun[] = [];
  const tried: TriedRate[] = [];
  let [stoodStillMs, totalMs] = [0, 0];
  const promised = promisedRate(closed, objective);
  const next = (): number | null => (promised === null ? null : nextOpenRate(promised, tried));
  for (let perSecond = next(); perSecond !== null; perSecond = next()) {
    const plan = { perSecond, requests: requestsWanted(objective), atMostMs: longestRunFactor * measureMs };
    const times = await openLoop(context, ask, { ...plan, random: seededRandom(tried.length + 1) });
    const load = measureLoad(times.timesMs, times.durationMs, quantilesOf(objective), times.streamed);
    const run = load === null ? null : { ...load, underWay: rounded(times.underWay) ?? 0 };
    if (run !== null) runs.push(run);
    stoodStillMs += times.stoodStillMs;
    totalMs += times.durationMs;
    const held = run !== null && standingOfRun(run, objective, closed) === 'holds';
    tried.push({ perSecond, held });
    const runMs = Math.min((1_000 * plan.requests) / perSecond, plan.atMostMs);
    const leftMs = next() === null ? 0 : (openRunsAtMost - tried.length) * runMs;
    const words = run === null ? 'overloaded' : latencyText(run);
    context.terminal.note(
      `  ${rateText(perSecond)} as they come: ${words}, ${held ? 'holds' : 'does not hold'}${leftMs > 0 ? `; at most ${formatElapsed(leftMs)} left` : ''}`,
    );
  }
  return { runs, stoodStillShare: totalMs > 0 ? stoodStillMs / totalMs : 0 };
}

/**
 * The throughput of the largest closed loop inside the objective, below the first that is not; of one request at a time
 * where none is; the knee's without an objective. Null where one at a time is proven to miss it: then no rate is inside.
 */
function promisedRate(closed: readonly ClosedLevel[], objective: QuantileBudget | null): number | null {
  const [single] = closed;
  if (single === undefined || single.failed === single.requests) return null;
  if (objective === null) return answeredPerSecond(kneeOf(closed) ?? single);
  if (standingOf(single, objective) === 'misses') return null;
  const firstOutside = closed.findIndex((level) => !isInside(level, objective));
  const inside = firstOutside === -1 ? closed : closed.slice(0, firstOutside);
  return Math.max(...(inside.length === 0 ? [single] : inside).map(answeredPerSecond));
}

function isInside({ quantiles }: ClosedLevel, objective: QuantileBudget): boolean {
  return Object.entries(objective).every(([name, limitMs]) => (quantiles[name]?.valueMs ?? Infinity) <= limitMs);
}

function requestsWanted(objective: QuantileBudget | null): number {
  const level = Math.max(0.9, ...quantilesOf(objective).map(levelOf));
  return Math.max(requestsNeeded(objective).requests, Math.ceil(lateExpected / (1 - level) - 1e-9));
}
