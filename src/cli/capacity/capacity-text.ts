import { quantileWords } from '../../core/contract/objective/capacity-objective.ts';
import type { FittedCurve } from '../../core/capacity/fit-curve.ts';
import type { ReplicaCapacity } from '../../core/capacity/service-curve.ts';
import {
  answeredPerSecond,
  sentPerSecond,
  type CapacityMeasurements,
  type MeasuredLoad,
} from '../../core/evidence/kinds/capacity/capacity-measurements.ts';
import { standingOfHorizon } from '../../core/evidence/kinds/capacity/sustained-interval.ts';
import {
  rateText,
  standingOfRun,
  underWayWithoutObjective,
  type LoadStanding,
} from '../../core/evidence/kinds/capacity/sustained-rate.ts';
import { formatDuration } from '../../core/units/quantity/quantity-duration.ts';
import type { Verdict } from '../../core/units/verdict.ts';
import { painter, type Tone } from '../terminal/paint.ts';
import { alignedTable } from '../terminal/table.ts';
import { describeMix } from '../../prove/capacity/mix/measure-mix.ts';
import { shownMs, shownValue } from '../../prove/capacity/shown-ms.ts';

export interface CapacityReport {
  readonly service: string;
  readonly environment: string;
  readonly model: { readonly name: string; readonly version: number };
  readonly verdict: Verdict;
  readonly reasons: readonly string[];
  readonly measurements: CapacityMeasurements;
  /** How a replica serves; null where nothing was answered. */
  readonly fitted: FittedCurve | null;
  /** What scaling may use; null where no rate is inside the objective. */
  readonly capacity: ReplicaCapacity | null;
  readonly notes: readonly string[];
  readonly next: string;
}

const toneOf: Readonly<Record<Verdict, Tone>> = { pass: 'good', fail: 'bad', inconclusive: 'warn', unknown: 'warn' };
const standingWords: Readonly<Record<LoadStanding, string>> = {
  holds: 'holds',
  misses: 'misses',
  undecided: 'undecided',
  'not-measured': 'not measured',
};

export function capacityText(report: CapacityReport, colour: boolean): string {
  const paint = painter(colour);
  const { measurements, model } = report;
  const section = (title: string, rows: readonly (readonly string[])[]): readonly string[] =>
    rows.length < 2 ? [] : ['', paint('strong', title), ...alignedTable(rows, '  ')];
  return [
    `model ${model.name} version ${model.version} on one replica, ${measurements.mix === undefined ? 'requests of one row' : 'requests of a mix'}: ${measurements.requestsOf}`,
    ...section('so many under way all the time', closedRows(measurements)),
    ...section('rows in one request, one request at a time', directRows(measurements)),
    ...section('as they come (Poisson), whatever the replica does', openRows(measurements)),
    ...section(horizonsTitle(measurements), horizonRows(measurements)),
    ...curveLines(report),
    ...(measurements.mix === undefined ? [] : describeMix(measurements.mix)),
    ...tokenLines(measurements),
    ...report.notes,
    `${paint(toneOf[report.verdict], report.verdict)}: ${report.reasons.join('; ')}`,
    `next: ${report.next}`,
  ].join('\n');
}

function closedRows({ closed }: CapacityMeasurements): readonly (readonly string[])[] {
  const largest = Math.max(...closed.map(answeredPerSecond));
  const withBatches = closed.some(({ meanBatchRows }) => meanBatchRows !== null);
  const head = ['under way', 'answers/s', '', ...quantileNames(closed), ...(withBatches ? ['batch'] : []), 'requests'];
  return [
    head,
    ...closed.map((level) => [
      String(level.concurrency),
      numberText(answeredPerSecond(level)),
      bar(answeredPerSecond(level) / largest),
      ...quantileTexts(level),
      ...(withBatches ? [numberText(level.meanBatchRows)] : []),
      requestsText(level),
    ]),
  ];
}

function directRows({ rowsAtOnce }: CapacityMeasurements): readonly (readonly string[])[] {
  return [
    ['rows', 'mean', 'per row', 'requests'],
    ...rowsAtOnce.map(({ rows, meanMs, requests }) => [
      String(rows),
      shownMs(meanMs),
      shownMs(meanMs / rows),
      requests.toLocaleString('en-US'),
    ]),
  ];
}

function openRows({ open, objective, closed }: CapacityMeasurements): readonly (readonly string[])[] {
  const sorted = open.toSorted((a, b) => sentPerSecond(a) - sentPerSecond(b));
  return [
    ['requests/s', ...quantileNames(open), 'under way', 'requests', 'objective'],
    ...sorted.map((run) => [
      numberText(sentPerSecond(run)),
      ...quantileTexts(run),
      numberText(run.underWay),
      requestsText(run),
      standingWords[standingOfRun(run, objective, closed)],
    ]),
  ];
}

function curveLines({ fitted, capacity }: CapacityReport): readonly string[] {
  if (fitted === null) return [];
  const { curve, because, meanErrorShare } = fitted;
  const shape =
    curve.kind === 'slots'
      ? `${curve.slots} ${curve.slots === 1 ? 'slot' : 'slots'} of ${shownMs(curve.meanWorkMs)} a request, at ${numberText(100 * (curve.speeds.at(-1) ?? 1))}% of the speed when all are taken`
      : `batches of up to ${curve.batchMs.length}, ${shownMs(curve.batchMs[0] ?? null)} for one and ${shownMs(curve.batchMs.at(-1) ?? null)} for ${curve.batchMs.length}`;
  return [
    '',
    `curve: ${shape} (${because})`,
    `  off by ${numberText(100 * meanErrorShare)}% of the measured throughput on average`,
    ...(capacity === null
      ? []
      : [
          `rate: ${intervalText(capacity)}, ${numberText(capacity.concurrency)} under way, ${shownMs(capacity.serviceMs)} each`,
        ]),
  ];
}

function intervalText({ ratePerSecond, interval }: ReplicaCapacity): string {
  if (interval === undefined) return rateText(ratePerSecond);
  const { lower, upper, confidence } = interval;
  const above = upper === null ? 'no upper limit' : `below ${rateText(upper)}`;
  return `at least ${rateText(lower)}, ${above} (${numberText(100 * confidence)}% each)`;
}

function horizonsTitle({ sustained }: CapacityMeasurements): string {
  return sustained === undefined
    ? ''
    : `fresh horizons of ${formatDuration(sustained.horizonMs)}, the first quarter cut`;
}

function horizonRows({ sustained, objective, closed }: CapacityMeasurements): readonly (readonly string[])[] {
  const tried = sustained === undefined ? [] : [...sustained.lower, ...sustained.upper];
  const underWayAtMost = underWayWithoutObjective(closed);
  return [
    ['requests/s', 'for', 'inside', 'of', 'planned', 'part of the 5%'],
    ...tried.map((candidate, at) => [
      numberText(candidate.perSecond),
      at < (sustained?.lower.length ?? 0) ? 'lower limit' : 'upper limit',
      String(candidate.horizons.filter((one) => standingOfHorizon(one, objective, underWayAtMost) === 'inside').length),
      String(candidate.horizons.length),
      String(candidate.planned),
      `${numberText(100 * candidate.alphaShare)}%`,
    ]),
  ];
}

const quantileNames = (loads: readonly MeasuredLoad[]): readonly string[] =>
  Object.keys(loads[0]?.quantiles ?? {}).map(quantileWords);

/** The quantile, and its upper limit where there are enough requests for one. */
function quantileTexts({ quantiles }: MeasuredLoad): readonly string[] {
  return Object.entries(quantiles).map(([name, { valueMs, upperMs }]) => {
    const limit = upperMs === null ? 'no limit' : `<= ${shownValue(name, upperMs)}`;
    return `${shownValue(name, valueMs)} (${limit})`;
  });
}

/** Tokens of the open loops together, with what came from the prefix cache of the engine. */
function tokenLines({ open, closed }: CapacityMeasurements): readonly string[] {
  const tokens = [...closed, ...open].flatMap((load) => load.tokens ?? []);
  if (tokens.length === 0) return [];
  const sum = (counts: readonly (number | null)[]): number | null =>
    counts.reduce((total, count) => (total === null || count === null ? null : total + count), 0);
  const [input, cached] = [sum(tokens.map((one) => one.in)), sum(tokens.map((one) => one.cached))];
  const output = sum(tokens.map(({ out }) => out));
  const hits =
    input === null || cached === null
      ? 'the engine does not tell its prefix-cache hits'
      : `${numberText((100 * cached) / Math.max(1, input))}% of the input tokens from the prefix cache`;
  const told = input === null ? 'input tokens not told' : `${input.toLocaleString('en-US')} tokens in`;
  return [`tokens: ${told}, ${(output ?? 0).toLocaleString('en-US')} out; ${hits}`];
}

function requestsText({ requests, failed }: MeasuredLoad): string {
  const text = requests.toLocaleString('en-US');
  return failed === 0 ? text : `${text}, ${failed} failed`;
}

const barColumns = 10;
const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'] as const;

/** A share of a full bar, to an eighth of a column. */
function bar(share: number): string {
  const parts = Math.max(0, Math.min(barColumns * 8, Math.round(share * barColumns * 8)));
  return '█'.repeat(Math.floor(parts / 8)) + (eighths[parts % 8] ?? '');
}

const numberText = (value: number | null): string =>
  value === null ? '-' : value.toLocaleString('en-US', { maximumSignificantDigits: 3 });
