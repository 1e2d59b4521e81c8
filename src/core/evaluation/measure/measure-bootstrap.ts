import { acceleratedLimits, bootstrap, normalLimits, type BootstrapResult } from '../../statistics/limits/bootstrap.ts';
import { bootstrapCells } from '../../statistics/limits/cell-bootstrap.ts';
import {
  isNearNormal,
  linearDifference,
  linearValue,
  momentLimits,
  resampledMoments,
  type LinearStatistic,
  type ResampledMoments,
} from '../../statistics/limits/linear-statistic.ts';
import type { Random } from '../../statistics/random.ts';
import type { BootstrappedMetric } from '../metrics/bound-metric.ts';
import { cellsOf, countedVersions, evaluateCells } from './measure-cells.ts';
import { confidenceText, type LimitsByConfidence } from './measurements.ts';

/** The resampled part of a measurement: limits and standard error, or why there are none. */
export interface Spread {
  readonly limits?: LimitsByConfidence;
  readonly standardError?: number;
  readonly noLimitsBecause?: string;
}

export interface ScopeQuestion {
  readonly rows: number;
  readonly metrics: readonly BootstrappedMetric[];
  readonly confidences: readonly number[];
  readonly random: Random;
  readonly replicates: number;
}

/** Per metric: the spread of the candidate, then of its difference to each baseline. */
export type ScopeSpreads = readonly (readonly Spread[])[];

/** Fewer rows hold too few different samples to tell a tail of 5%. */
export const fewestBootstrapRows = 10;
/** From so many rows on a metric that is near a mean needs no samples: those of a mean are known. */
export const fewestMomentRows = 2_000;

/**
 * | metric | below 2,000 rows | from 2,000 rows on |
 * |---|---|---|
 * | of the confusion matrix | multinomial samples of its cells | the same |
 * | near a mean of one value per row | samples of rows | its moments; where it is skewed, samples of the row values |
 * | any other | samples of rows | the same |
 */
export function* bootstrapScope(question: ScopeQuestion): Generator<number, ScopeSpreads> {
  const { rows, metrics } = question;
  if (metrics.length === 0) return [];
  if (rows < fewestBootstrapRows) {
    const spread = { noLimitsBecause: `${rows} rows are too few for a bootstrap, which takes ${fewestBootstrapRows}` };
    return metrics.map(({ baselines }) => [spread, ...baselines.map(() => spread)]);
  }
  const isNearMean = ({ candidate, baselines }: BootstrappedMetric): boolean =>
    rows >= fewestMomentRows && [candidate, ...baselines].every(({ linear }) => linear !== undefined);
  const isCounted = ({ candidate, baselines }: BootstrappedMetric): boolean =>
    [candidate, ...baselines].every(({ counts }) => counts !== undefined);
  const kinds = metrics.map((metric) => (isCounted(metric) ? 'cells' : isNearMean(metric) ? 'moments' : 'rows'));
  const of = (kind: (typeof kinds)[number]): readonly BootstrappedMetric[] =>
    metrics.filter((_, index) => kinds[index] === kind);
  const spreads = {
    cells: yield* spreadCells(of('cells'), question),
    moments: yield* spreadMoments(of('moments'), question),
    rows: yield* spreadRows(of('rows'), question),
  };
  const next = { cells: 0, moments: 0, rows: 0 };
  return kinds.map((kind) => spreads[kind][next[kind]++] ?? []);
}

function* spreadCells(
  metrics: readonly BootstrappedMetric[],
  question: ScopeQuestion,
): Generator<number, ScopeSpreads> {
  if (metrics.length === 0) return [];
  const { random, replicates } = question;
  const cells = cellsOf(countedVersions(metrics));
  const statistics = countStatistics(metrics);
  const evaluate = evaluateCells(metrics, cells);
  const { sizes, cellOf } = cells;
  return byMetric(
    metrics,
    yield* bootstrapCells({ sizes, cellOf, statistics, evaluate, random, replicates }),
    question,
  );
}

function* spreadRows(metrics: readonly BootstrappedMetric[], question: ScopeQuestion): Generator<number, ScopeSpreads> {
  if (metrics.length === 0) return [];
  const { rows, random } = question;
  const statistics = countStatistics(metrics);
  const evaluate = evaluateRows(metrics);
  // A standard error is known from fewer samples than a tail: 200 of them to 5%.
  const enough = Math.max(200, Math.ceil(mostDraws / rows));
  const replicates = metrics.every(({ candidate }) => candidate.folded !== undefined)
    ? Math.min(question.replicates, enough)
    : question.replicates;
  return byMetric(metrics, yield* bootstrap({ rows, statistics, evaluate, random, replicates }), {
    ...question,
    replicates,
  });
}

/** 2,000 samples of 100,000 rows; of more rows, fewer. */
const mostDraws = 200_000_000;

const countStatistics = (metrics: readonly BootstrappedMetric[]): number =>
  metrics.reduce((sum, { baselines }) => sum + 1 + baselines.length, 0);

/** A row that is made up as wrong for the candidate is right for the baseline, and the reverse. */
function evaluateRows(metrics: readonly BootstrappedMetric[]) {
  return (weights: Float64Array, wrong: number, right: number, into: Float64Array): void => {
    let place = 0;
    for (const { candidate, baselines } of metrics) {
      const value = candidate.at(weights, wrong, right);
      into[place++] = value;
      for (const baseline of baselines) into[place++] = value - baseline.at(weights, right, wrong);
    }
  };
}

function byMetric(
  metrics: readonly BootstrappedMetric[],
  results: readonly BootstrapResult[],
  question: ScopeQuestion,
): ScopeSpreads {
  let next = 0;
  return metrics.map(({ candidate, baselines }) => {
    const { folded } = candidate;
    return results.slice(next, (next += 1 + baselines.length)).map((result, index) => {
      if (folded === undefined) return spreadOf(result, question, acceleratedLimits);
      return spreadOf(result, question, index === 0 ? foldedLimits(folded.mostBias) : normalLimits);
    });
  });
}

/** Of the value in all rows: the lower one gives away the greatest bias there can be. Of a difference the biases nearly cancel. */
const foldedLimits =
  (mostBias: number): typeof normalLimits =>
  (result, confidence) => {
    const { lower, upper } = normalLimits(result, confidence);
    return { lower: Math.max(lower - mostBias, 0), upper };
  };

/** Those that are skewed share one set of samples of rows. */
function* spreadMoments(
  metrics: readonly BootstrappedMetric[],
  question: ScopeQuestion,
): Generator<number, ScopeSpreads> {
  const { rows, random, replicates, confidences } = question;
  const skewed: LinearStatistic[] = [];
  const found: (ResampledMoments | number)[][] = [];
  for (const { candidate, baselines } of metrics) {
    const own = candidate.linear?.();
    const others = baselines.map(({ linear }) => linear?.());
    if (own === undefined) continue;
    const statistics = [own, ...others.flatMap((other) => (other === undefined ? [] : [linearDifference(own, other)]))];
    found.push(
      statistics.map((statistic) => {
        const moments = resampledMoments(statistic);
        return isNearNormal(moments) ? moments : skewed.push(statistic) - 1;
      }),
    );
    yield 0;
  }
  const sampled =
    skewed.length === 0
      ? []
      : yield* bootstrap({
          rows,
          statistics: skewed.length,
          evaluate: (weights, wrong, right, into) => {
            skewed.forEach((statistic, index) => {
              into[index] = linearValue(statistic, weights, wrong, right);
            });
          },
          random,
          replicates,
        });
  return found.map((statistics) =>
    statistics.map((one) => {
      if (typeof one !== 'number')
        return spreadByLimits(one, confidences, (confidence) => momentLimits(one, confidence));
      const result = sampled[one];
      return result === undefined ? {} : spreadOf(result, question, acceleratedLimits);
    }),
  );
}

/** A statistic that is undefined in one of a hundred samples rests on too few rows of some kind. */
const mostUndefinedShare = 0.01;

function spreadOf(
  result: BootstrapResult,
  { replicates, confidences }: Pick<ScopeQuestion, 'replicates' | 'confidences'>,
  limitsOf: typeof normalLimits,
): Spread {
  const undefinedSamples = replicates - result.samples.length;
  if (undefinedSamples > mostUndefinedShare * replicates) {
    return { noLimitsBecause: `it is not defined in ${undefinedSamples} of ${replicates} bootstrap samples` };
  }
  return spreadByLimits(result, confidences, (confidence) => limitsOf(result, confidence));
}

function spreadByLimits(
  { centre, standardError }: Pick<BootstrapResult, 'centre' | 'standardError'>,
  confidences: readonly number[],
  limitsOf: (confidence: number) => { readonly lower: number; readonly upper: number },
): Spread {
  if (!(standardError > 1e-14 * Math.max(1, Math.abs(centre)))) {
    return { noLimitsBecause: 'it is the same in every bootstrap sample, which shows nothing of other rows' };
  }
  const limits = confidences.map((confidence) => [confidenceText(confidence), limitsOf(confidence)]);
  return { limits: Object.fromEntries(limits) as LimitsByConfidence, standardError };
}
