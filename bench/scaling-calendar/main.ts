/**
 * What seasons are worth: days after a recorded week, with and without a rush at nine of each working day, by the own
 * policy with and without the season of what arrived before. All but the first six hours are scored.
 *
 *   npm run bench -- scaling-calendar [--recorded DAYS] [--days N] [--start SECONDS] [--only TRACE] [--json]
 *
 * With `--trials` no policy runs: it tells how often a season is used after one to six weeks, over 30 draws of each trace.
 */
import { cpus } from 'node:os';
import { statedCapacity } from '../../src/core/capacity/read-stated-curve.ts';
import { lognormalStarts } from '../../src/core/coldstart/stated-starts.ts';
import { plimsollPolicy } from '../../src/core/scaling/own/plimsoll.ts';
import { dayMs } from '../../src/core/scaling/seasons/arrival-day.ts';
import { totalSeconds } from '../../src/core/scaling/simulation/score/score.ts';
import { simulate } from '../../src/core/scaling/simulation/simulate.ts';
import type { SimulatedWorld } from '../../src/core/scaling/simulation/world.ts';
import { seededRandom } from '../../src/core/statistics/random.ts';
import { calendarTraces, makeTrace, type CalendarTrace } from './traces.ts';
import { tryTraces } from './trials.ts';

const workMs = 1_000;
/** A Monday. */
const beginsAtMs = Date.parse('2026-11-02T00:00Z');
/** A trace without seasons may cost so much more with them. */
const needlessAtMostShare = 0.005;

interface Row {
  readonly trace: string;
  readonly seasons: boolean;
  readonly requests: number;
  readonly attainmentShare: number;
  readonly late: number;
  /** Of requests that arrived from 9:00 to 9:15 of scored working days. */
  readonly rushLate: number;
  readonly acceleratorSeconds: number;
  readonly cpuSeconds: number;
}

interface Asked {
  readonly recorded: number;
  readonly days: number;
  readonly startSeconds: number;
}

function makeWorld(trace: CalendarTrace, { recorded, days, startSeconds }: Asked, seasons: boolean): SimulatedWorld {
  const made = makeTrace(trace, { recorded, simulated: days }, { beginsAtMs, seed: 9, workMs });
  const { arrivals } = made;
  return {
    arrivals,
    endMs: days * dayMs,
    scoreFromMs: dayMs / 4,
    capacity: statedCapacity({ kind: 'slots', slots: 2, speeds: [1, 1], meanWorkMs: workMs }),
    starts: lognormalStarts(0.75 * startSeconds * 1_000, startSeconds * 1_000, 0.01),
    terms: {
      minReplicas: 1,
      maxReplicas: 30,
      toZero: false,
      warmPool: 0,
      latencyMs: 5_000,
      attainmentShare: 0.99,
      acceleratorSecondPrice: 1,
      lateRequestPrice: 0,
    },
    ...(seasons ? { calendar: { beginsAtMs, zone: 'UTC', schedule: [], seasons: true, recorded: made.recorded } } : {}),
    initialReplicas: 2,
    dropAfterMs: 600_000,
    queueLimit: 1_000_000,
    metricPeriodMs: 1_000,
    metricLagMs: 500,
    restartBackoffMs: 2_000,
    drainAtMostMs: 30_000,
    stockOuts: [],
  };
}

function isRush(arrivedAtMs: number): boolean {
  const [day, inDayMs] = [Math.floor(arrivedAtMs / dayMs), arrivedAtMs % dayMs];
  return day % 7 < 5 && inDayMs >= 9 * 3_600_000 && inDayMs < 9.25 * 3_600_000;
}

function score(trace: CalendarTrace, world: SimulatedWorld): Row {
  const begun = process.cpuUsage();
  let rushLate = 0;
  const result = simulate(world, plimsollPolicy, seededRandom(1), {
    onAnswer: (arrivedAtMs, _taken, endedAtMs) => {
      if (isRush(arrivedAtMs) && endedAtMs - arrivedAtMs > world.terms.latencyMs) rushLate += 1;
    },
  });
  const { user, system } = process.cpuUsage(begun);
  return {
    trace: trace.name,
    seasons: world.calendar !== undefined,
    requests: result.requests,
    attainmentShare: result.attainmentShare,
    late: result.late + result.dropped,
    rushLate,
    acceleratorSeconds: totalSeconds(result.acceleratorSeconds),
    cpuSeconds: (user + system) / 1e6,
  };
}

export function main(argv: readonly string[]): Promise<number> {
  if (argv.includes('--trials')) return showTrials(argv.includes('--json'));
  const option = (name: string): string | undefined =>
    argv.includes(name) ? (argv[argv.indexOf(name) + 1] ?? '') : undefined;
  const asked: Asked = {
    recorded: Number(option('--recorded') ?? 7),
    days: Number(option('--days') ?? 2),
    startSeconds: Number(option('--start') ?? 120),
  };
  const only = option('--only');
  const json = argv.includes('--json');
  const rows: Row[] = [];
  let met = true;
  for (const trace of calendarTraces.filter(({ name }) => only === undefined || name === only)) {
    const [without, found] = [false, true].map((seasons) => {
      const row = score(trace, makeWorld(trace, asked, seasons));
      rows.push(row);
      if (!json) console.log(textOf(row));
      return row;
    }) as [Row, Row];
    const isCheap = found.acceleratorSeconds <= (1 + needlessAtMostShare) * without.acceleratorSeconds;
    met &&= trace.hasSeason ? found.attainmentShare >= 0.99 && found.rushLate === 0 : isCheap;
  }
  if (json)
    console.log(JSON.stringify({ bench: 'scaling-calendar', processor: cpus()[0]?.model, ...asked, rows }, null, 2));
  else console.log(met ? 'met' : 'missed');
  return Promise.resolve(met ? 0 : 1);
}

function showTrials(json: boolean): Promise<number> {
  const trials = tryTraces(beginsAtMs);
  if (json) console.log(JSON.stringify({ bench: 'scaling-calendar', trials }, null, 2));
  else {
    for (const { trace, horizonSeconds, used, tried } of trials) {
      console.log(`${trace.padEnd(15)}${`${horizonSeconds} s`.padStart(6)}  used in ${used.join(', ')} of ${tried}`);
    }
  }
  return Promise.resolve(0);
}

function textOf({ trace, seasons, attainmentShare, late, rushLate, acceleratorSeconds, cpuSeconds }: Row): string {
  const cells = [
    trace.padEnd(15),
    (seasons ? 'seasons' : 'none').padEnd(8),
    `${(100 * attainmentShare).toFixed(3)}%`.padStart(9),
    `${late} late`.padStart(12),
    `${rushLate} of the rush`.padStart(18),
    `${Math.round(acceleratorSeconds)} s`.padStart(12),
    `${cpuSeconds.toFixed(0)} s of a core`.padStart(16),
  ];
  return cells.join('  ');
}
