import { acceleratedLimits, bootstrap, normalLimits, type BootstrapResult } from '../statistics/bootstrap.ts';
import type { Random } from '../statistics/random.ts';
import type { BoundMetric } from './bound-metric.ts';
import { confidenceText, type LimitsByConfidence } from './measurements.ts';

/** The bootstrapped part of a measurement: limits and standard error, or why there are none. */
export interface Spread {
  readonly limits?: LimitsByConfidence;
  readonly standardError?: number;
  readonly noLimitsBecause?: string;
}

/** One metric: the candidate, and the baselines that it is compared with. */
export interface BootstrappedMetric {
  readonly candidate: BoundMetric;
  readonly baselines: readonly BoundMetric[];
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

export function* bootstrapScope(question: ScopeQuestion): Generator<number, ScopeSpreads> {
  const { rows, metrics, confidences, random, replicates } = question;
  if (metrics.length === 0) return [];
  if (rows < fewestBootstrapRows) {
    const spread = { noLimitsBecause: `${rows} rows are too few for a bootstrap, which takes ${fewestBootstrapRows}` };
    return metrics.map(({ baselines }) => [spread, ...baselines.map(() => spread)]);
  }
  const statistics = metrics.reduce((sum, { baselines }) => sum + 1 + baselines.length, 0);
  const evaluate = evaluateAll(metrics);
  const results = yield* bootstrap({ rows, statistics, evaluate, random, replicates });
  const folded = metrics.flatMap(({ candidate, baselines }) => [candidate, ...baselines].map(() => candidate.folded));
  const spreads = results.map((result, index) => {
    const limitsOf = folded[index] === true ? normalLimits : acceleratedLimits;
    return spreadOf(result, replicates, confidences, limitsOf);
  });
  let next = 0;
  return metrics.map(({ baselines }) => spreads.slice(next, (next += 1 + baselines.length)));
}

/** A row that is made up as wrong for the candidate is right for the baseline, and the reverse. */
function evaluateAll(metrics: readonly BootstrappedMetric[]) {
  return (weights: Float64Array, wrong: number, right: number, into: Float64Array): void => {
    let place = 0;
    for (const { candidate, baselines } of metrics) {
      const value = candidate.at(weights, wrong, right);
      into[place++] = value;
      for (const baseline of baselines) into[place++] = value - baseline.at(weights, right, wrong);
    }
  };
}

/** A statistic that is undefined in one of a hundred samples rests on too few rows of some kind. */
const mostUndefinedShare = 0.01;

function spreadOf(
  result: BootstrapResult,
  replicates: number,
  confidences: readonly number[],
  limitsOf: typeof normalLimits,
): Spread {
  const undefinedSamples = replicates - result.samples.length;
  if (undefinedSamples > mostUndefinedShare * replicates) {
    return { noLimitsBecause: `it is not defined in ${undefinedSamples} of ${replicates} bootstrap samples` };
  }
  if (!(result.standardError > 1e-14 * Math.max(1, Math.abs(result.centre)))) {
    return { noLimitsBecause: 'it is the same in every bootstrap sample, which shows nothing of other rows' };
  }
  const limits = confidences.map((confidence) => [confidenceText(confidence), limitsOf(result, confidence)]);
  return { limits: Object.fromEntries(limits) as LimitsByConfidence, standardError: result.standardError };
}
