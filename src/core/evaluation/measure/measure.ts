import { coreSteps } from '../../units/next-steps/core-steps.ts';
import { nextStep } from '../../units/next-steps/next-step.ts';
import type { Gate } from '../../contract/contract.ts';
import type { Random } from '../../statistics/random.ts';
import { PlimsollError } from '../../units/errors.ts';
import { bindMetric, bindRowMetric, bindWholeMetric } from '../metrics/bind-metric.ts';
import { isUndefined, valueOf, type BoundMetric, type UndefinedMetric } from '../metrics/bound-metric.ts';
import { shownMetrics } from '../metrics/shown-metrics.ts';
import type {
  BaselineMeasurement,
  ComparisonMeasurement,
  EvaluationMeasurements,
  MetricMeasurement,
  SliceKey,
} from './measurements.ts';
import { findMetric } from '../metrics/metric-name.ts';
import { rowsOf, type Outcomes } from '../outcomes.ts';
import { bootstrapScope, type Spread } from './measure-bootstrap.ts';
import { pairedCounts, proportionOf } from './measure-counts.ts';
import { selectRows } from './select-rows.ts';

export interface MeasureQuestion {
  readonly outcomes: Outcomes;
  /** Of the same rows in the same order; one for each `noWorseThan` that names a version. */
  readonly baselines: readonly { readonly baseline: BaselineMeasurement; readonly outcomes: Outcomes }[];
  readonly gates: readonly Gate[];
  readonly slices: readonly SliceColumn[];
  /** User-defined metrics: the mean of one value per row. */
  readonly rowMetrics?: readonly RowMetric[];
  readonly random: Random;
  /** Bootstrap samples per metric; `defaultReplicates` where absent. */
  readonly replicates?: number;
}

/** A column of the data with its value in each row; null where the row has none and is in no slice. */
export interface SliceColumn {
  readonly column: string;
  readonly values: readonly (string | null)[];
}

export interface RowMetric {
  readonly name: string;
  readonly largerIsBetter: boolean;
  /** One value per row (NaN makes the metric undefined, and says which row), or one number, which has no limits and no slices. */
  readonly candidate: Float64Array | number;
  /** By `BaselineMeasurement.named`. */
  readonly baselines: Readonly<Record<string, Float64Array | number>>;
}

/** Yielded between steps, so that the caller can show progress, let others run, or stop. */
export interface MeasureProgress {
  readonly what: string;
  /** 0 to 1, of the whole measurement. */
  readonly doneShare: number;
}

export type Measured = Pick<EvaluationMeasurements, 'metrics' | 'comparisons'>;

export const defaultReplicates = 2_000;
/** Slices of all columns together: each is judged, and the correction for their number would leave nothing to find. */
export const mostSlices = 1_000;

/** Draws the same numbers for the same question: a measurement can be made again. */
export function* measure(question: MeasureQuestion): Generator<MeasureProgress, Measured> {
  requireSameRows(question);
  const scopes = scopesOf(question);
  const cost = scopes.reduce((sum, { rows }) => sum + (rows?.length ?? rowsOf(question.outcomes)), 0);
  const metrics: MetricMeasurement[] = [];
  const comparisons: ComparisonMeasurement[] = [];
  let done = 0;
  for (const scope of scopes) {
    const what = scope.slice === null ? 'all rows' : `${scope.slice.column} = ${scope.slice.value}`;
    const steps = measureScope(question, scope);
    for (let step = steps.next(); ; step = steps.next()) {
      if (step.done === true) {
        metrics.push(...step.value.metrics);
        comparisons.push(...step.value.comparisons);
        break;
      }
      yield { what, doneShare: (done + step.value * scopeCost(scope, question)) / Math.max(cost, 1) };
    }
    done += scopeCost(scope, question);
  }
  return { metrics, comparisons };
}

const scopeCost = ({ rows }: Scope, { outcomes }: MeasureQuestion): number => rows?.length ?? rowsOf(outcomes);

/** All rows, or those of a slice. */
interface Scope {
  readonly slice: SliceKey | null;
  readonly rows: Int32Array | null;
  readonly metrics: readonly string[];
}

function scopesOf(question: MeasureQuestion): readonly Scope[] {
  const { outcomes, gates, rowMetrics = [] } = question;
  const asked = [...new Set(gates.map(({ metric }) => metric))].filter(
    (name) => findMetric(name)?.row.task !== 'latency',
  );
  const shown = shownMetrics(outcomes);
  const names = [...new Set([...shown, ...rowMetrics.map(({ name }) => name), ...asked])];
  const ofSlices = asked.length === 0 ? shown.slice(0, 1) : asked;
  const slices = question.slices.flatMap(slicesOf);
  if (slices.length > mostSlices) throw tooManySlices(slices.length);
  return [
    { slice: null, rows: null, metrics: names },
    ...slices.map(({ slice, rows }) => ({ slice, rows, metrics: ofSlices })),
  ];
}

function slicesOf({ column, values }: SliceColumn): readonly { readonly slice: SliceKey; readonly rows: Int32Array }[] {
  const byValue = new Map<string, number[]>();
  values.forEach((value, row) => {
    if (value === null) return;
    const rows = byValue.get(value);
    if (rows === undefined) byValue.set(value, [row]);
    else rows.push(row);
  });
  return [...byValue]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([value, rows]) => ({ slice: { column, value }, rows: Int32Array.from(rows) }));
}

/** A metric that is bound, for the candidate and for each baseline. */
interface BoundPair {
  readonly metric: string;
  readonly largerIsBetter: boolean;
  readonly candidate: BoundMetric | UndefinedMetric;
  readonly baselines: readonly {
    readonly baseline: BaselineMeasurement;
    readonly metric: BoundMetric | UndefinedMetric;
  }[];
}

function* measureScope(question: MeasureQuestion, scope: Scope): Generator<number, Measured> {
  const outcomes = scope.rows === null ? question.outcomes : selectRows(question.outcomes, scope.rows);
  const baselines = question.baselines.map(({ baseline, outcomes: all }) => ({
    baseline,
    outcomes: scope.rows === null ? all : selectRows(all, scope.rows),
  }));
  const pairs: BoundPair[] = [];
  for (const name of scope.metrics) {
    pairs.push(agreeOnHits(bindPair(name, question, scope.rows, outcomes, baselines)));
    yield 0;
  }
  const sampled = pairs.filter(needsBootstrap);
  const rows = rowsOf(outcomes);
  const spreads = yield* bootstrapScope({
    rows,
    metrics: sampled.map(({ candidate, baselines: others }) => ({
      candidate,
      baselines: others.flatMap(({ metric }) => (isUndefined(metric) ? [] : [metric])),
    })),
    confidences: [...new Set([0.95, ...question.gates.map(({ confidenceShare }) => confidenceShare)])],
    random: question.random,
    replicates: question.replicates ?? defaultReplicates,
  });
  const described = pairs.map((pair) => {
    const index = sampled.indexOf(pair as BootstrappedPair);
    return describePair(pair, rows, scope.slice, index < 0 ? [] : (spreads[index] ?? []));
  });
  return {
    metrics: described.map(({ metric }) => metric),
    comparisons: described.flatMap(({ comparisons }) => comparisons),
  };
}

type BootstrappedPair = BoundPair & { readonly candidate: BoundMetric };
const needsBootstrap = (pair: BoundPair): pair is BootstrappedPair =>
  !isUndefined(pair.candidate) && pair.candidate.hits === undefined;

/** Whether a recall of documents is a share of rows depends on what was answered: of two versions both are, or neither. */
function agreeOnHits(pair: BoundPair): BoundPair {
  const all = [pair.candidate, ...pair.baselines.map(({ metric }) => metric)];
  if (all.every((bound) => isUndefined(bound) || bound.hits !== undefined)) return pair;
  const without = (bound: BoundMetric | UndefinedMetric): BoundMetric | UndefinedMetric => {
    if (isUndefined(bound) || bound.hits === undefined) return bound;
    const { hits: _, ...rest } = bound;
    return rest;
  };
  return {
    ...pair,
    candidate: without(pair.candidate),
    baselines: pair.baselines.map(({ baseline, metric }) => ({ baseline, metric: without(metric) })),
  };
}

function bindPair(
  metric: string,
  { rowMetrics = [] }: MeasureQuestion,
  rows: Int32Array | null,
  outcomes: Outcomes,
  baselines: MeasureQuestion['baselines'],
): BoundPair {
  const own = rowMetrics.find(({ name }) => name === metric);
  if (own !== undefined) {
    const bindRows = (values: Float64Array | number | undefined): BoundMetric | UndefinedMetric => {
      if (values === undefined) return { undefinedBecause: 'it was not measured of the baseline' };
      if (typeof values === 'number') return bindWholeMetric(values, rows === null ? rowsOf(outcomes) : null);
      return bindRowMetric(rows === null ? values : Float64Array.from(rows, (row) => values[row] as number));
    };
    return {
      metric,
      largerIsBetter: own.largerIsBetter,
      candidate: bindRows(own.candidate),
      baselines: baselines.map(({ baseline }) => ({ baseline, metric: bindRows(own.baselines[baseline.named]) })),
    };
  }
  const name = findMetric(metric);
  const bind = (of: Outcomes): BoundMetric | UndefinedMetric =>
    name === null
      ? { undefinedBecause: `\`${metric}\` is no metric of Plimsoll, and none was defined` }
      : bindMetric(name, of);
  return {
    metric,
    largerIsBetter: name?.row.largerIsBetter ?? true,
    candidate: bind(outcomes),
    baselines: baselines.map(({ baseline, outcomes: of }) => ({ baseline, metric: bind(of) })),
  };
}

interface Described {
  readonly metric: MetricMeasurement;
  readonly comparisons: readonly ComparisonMeasurement[];
}

function describePair(pair: BoundPair, rows: number, slice: SliceKey | null, spreads: readonly Spread[]): Described {
  const { metric, largerIsBetter, candidate } = pair;
  const shared = { metric, slice, largerIsBetter };
  const [ownSpread = {}, ...differences] = spreads;
  let next = 0;
  const own = describeOne(candidate, rows);
  const folded = !isUndefined(candidate) && candidate.folded !== undefined;
  return {
    metric: { ...shared, ...own, ...around(own.value, folded ? 0 : -Infinity, ownSpread) },
    comparisons: pair.baselines.map(({ baseline, metric: other }) => {
      const spread = isUndefined(other) || isUndefined(candidate) ? {} : (differences[next++] ?? {});
      const compared = compareTwo(candidate, other, rows);
      const { candidate: ours, baselineValue } = compared;
      const difference = ours === null || baselineValue === null ? null : ours - baselineValue;
      return { ...shared, baseline, ...compared, ...around(difference, -Infinity, spread) };
    }),
  };
}

/**
 * Limits are about a centre that counts the made-up rows, and corrected for bias, so that a value at the end of its range may
 * lie outside of them: they are widened to hold it. None lies below what the metric can be.
 */
function around(value: number | null, least: number, spread: Spread): Spread {
  if (spread.limits === undefined || value === null) return spread;
  const limits = Object.entries(spread.limits).map(([confidence, { lower, upper }]) => [
    confidence,
    { lower: Math.max(Math.min(lower, value), least), upper: Math.max(upper, value) },
  ]);
  return { ...spread, limits: Object.fromEntries(limits) as NonNullable<Spread['limits']> };
}

function describeOne(bound: BoundMetric | UndefinedMetric, rows: number) {
  if (isUndefined(bound)) return { rows, value: null, undefinedBecause: bound.undefinedBecause };
  const value = valueOf(bound, rows);
  return { rows: bound.rows, value, ...(bound.hits === undefined ? {} : { proportion: proportionOf(bound.hits) }) };
}

function compareTwo(candidate: BoundMetric | UndefinedMetric, baseline: BoundMetric | UndefinedMetric, rows: number) {
  const because = isUndefined(candidate)
    ? `of the candidate: ${candidate.undefinedBecause}`
    : isUndefined(baseline)
      ? `of the baseline: ${baseline.undefinedBecause}`
      : null;
  const values = {
    candidate: isUndefined(candidate) ? null : valueOf(candidate, rows),
    baselineValue: isUndefined(baseline) ? null : valueOf(baseline, rows),
  };
  if (because !== null || isUndefined(candidate) || isUndefined(baseline)) {
    return { rows, ...values, undefinedBecause: because ?? '' };
  }
  const { hits } = candidate;
  const paired = hits !== undefined && baseline.hits !== undefined ? pairedCounts(hits, baseline.hits) : undefined;
  return { rows: candidate.rows, ...values, ...(paired === undefined ? {} : { paired }) };
}

function requireSameRows({ outcomes, baselines, slices, rowMetrics = [] }: MeasureQuestion): void {
  const rows = rowsOf(outcomes);
  const lengths: readonly (readonly [string, number])[] = [
    ...baselines.map(({ baseline, outcomes: other }) => [`the baseline \`${baseline.named}\``, rowsOf(other)] as const),
    ...slices.map(({ column, values }) => [`the slice column \`${column}\``, values.length] as const),
    ...rowMetrics.flatMap(({ name, candidate, baselines: others }) =>
      [candidate, ...Object.values(others)].flatMap((values) =>
        typeof values === 'number' ? [] : [[`the metric \`${name}\``, values.length] as const],
      ),
    ),
  ];
  const wrong = lengths.find(([, length]) => length !== rows);
  if (wrong === undefined) return;
  throw new PlimsollError({
    code: 'evaluation-rows-differ',
    category: 'input',
    message: `${wrong[0]} has ${wrong[1]} rows, and the candidate answered ${rows}`,
    next: nextStep(coreSteps, 'evaluation-rows-differ'),
    details: { rows, otherRows: wrong[1] },
  });
}

function tooManySlices(count: number): PlimsollError {
  return new PlimsollError({
    code: 'slices-too-many',
    category: 'input',
    message: `the columns of \`evaluation.slices\` have ${count} values together, and at most ${mostSlices} are judged`,
    next: 'name columns with fewer values, or put the values of a column into groups',
    details: { slices: count, mostSlices },
  });
}
