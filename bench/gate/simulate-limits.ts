import { bindMetric } from '../../src/core/evaluation/metrics/bind-metric.ts';
import { isUndefined, valueOf, type BoundMetric } from '../../src/core/evaluation/metrics/bound-metric.ts';
import { bootstrapScope, fewestMomentRows } from '../../src/core/evaluation/measure/measure-bootstrap.ts';
import type { Limits } from '../../src/core/evaluation/measure/measurements.ts';
import { findMetric } from '../../src/core/evaluation/metrics/metric-name.ts';
import type { ClassificationOutcomes } from '../../src/core/evaluation/outcomes.ts';
import {
  acceleratedLimits,
  bootstrap,
  normalLimits,
  percentileLimits,
} from '../../src/core/statistics/limits/bootstrap.ts';
import { normalQuantile } from '../../src/core/statistics/distributions/normal.ts';
import { seededRandom, type Random } from '../../src/core/statistics/random.ts';

/** How often the one-sided 95% limits of a metric miss what they are limits of. */
export interface LimitsCell {
  readonly kind: 'limits';
  readonly metric: string;
  /** Of the candidate alone (`atLeast`, `atMost`), or of candidate less baseline (`noWorseThan`). */
  readonly of: 'value' | 'difference';
  readonly rows: number;
  /** Noise that only the candidate has, so that the two differ in truth. */
  readonly worse: number;
  /** True value in all the rows there could be, or the mean over samples of this size: they differ for `ece` alone. */
  readonly truthOf: 'many rows' | 'such samples';
  readonly truth: number;
  readonly simulations: number;
  readonly replicates: number;
  readonly seed: number;
}

export const limitMethods = ['gate', 'accelerated', 'percentile', 'normal'] as const;
export type LimitMethod = (typeof limitMethods)[number];

/** Misses by method; null where the method was not tried, because the gate takes no samples of rows. */
export interface LimitsCounts {
  readonly lowerMissed: Readonly<Record<LimitMethod, number | null>>;
  readonly upperMissed: Readonly<Record<LimitMethod, number | null>>;
}

const confidence = 0.95;

/** Two classes (30% positive); one latent margin per row that both versions see with noise of their own. */
export function makePair(rows: number, worse: number, random: Random): readonly ClassificationOutcomes[] {
  const labels = Int32Array.from({ length: rows }, () => (random.nextShare() < 0.3 ? 1 : 0));
  const shared = Float64Array.from(labels, (label) => 1.4 * (label - 0.4) + gaussian(random));
  return [worse, 0].map((extra) => {
    const noisy = shared.map((value) => value + (0.35 + extra) * gaussian(random));
    const scores = new Float64Array(2 * rows);
    noisy.forEach((value, row) => {
      const positive = 1 / (1 + Math.exp(-1.4 * value));
      scores[2 * row] = 1 - positive;
      scores[2 * row + 1] = positive;
    });
    const predicted = Int32Array.from(noisy, (value) => (value > 0 ? 1 : 0));
    return { task: 'classification', classes: ['no', 'yes'], labels, predicted, scores };
  });
}

const gaussian = (random: Random): number => normalQuantile((Math.floor(random.nextShare() * 2 ** 50) + 0.5) / 2 ** 50);

function bindPair(metric: string, pair: readonly ClassificationOutcomes[]): readonly [BoundMetric, BoundMetric] {
  const [candidate, baseline] = pair.map((outcomes) => {
    const name = findMetric(metric);
    const bound = name === null ? null : bindMetric(name, outcomes);
    if (bound === null || isUndefined(bound)) throw new Error(`${metric} is not defined here`);
    return bound;
  });
  if (candidate === undefined || baseline === undefined) throw new Error('a pair is two');
  return [candidate, baseline];
}

/** Mean over some pairs of each metric of the candidate, and of its difference. */
export function meansOver(metrics: readonly string[], pairs: number, rows: number, worse: number, seed: number) {
  const random = seededRandom(seed);
  const sums = metrics.map((metric) => ({ metric, value: 0, difference: 0 }));
  for (let pair = 0; pair < pairs; pair += 1) {
    const outcomes = makePair(rows, worse, random);
    for (const sum of sums) {
      const [candidate, baseline] = bindPair(sum.metric, outcomes);
      const value = valueOf(candidate, rows);
      sum.value += value / pairs;
      sum.difference += (value - valueOf(baseline, rows)) / pairs;
    }
  }
  return sums;
}

export function simulateLimits(cell: LimitsCell): LimitsCounts {
  const random = seededRandom(cell.seed);
  const sampled = cell.rows < fewestMomentRows;
  const none = () => ({
    gate: 0,
    accelerated: sampled ? 0 : null,
    percentile: sampled ? 0 : null,
    normal: sampled ? 0 : null,
  });
  const [lowerMissed, upperMissed] = [none(), none()];
  for (let run = 0; run < cell.simulations; run += 1) {
    const pair = bindPair(cell.metric, makePair(cell.rows, cell.worse, random));
    const limits = { gate: limitsOfGate(cell, pair, random), ...(sampled ? limitsOfSamples(cell, pair, random) : {}) };
    for (const [method, { lower, upper }] of Object.entries(limits) as [LimitMethod, Limits][]) {
      if (lower > cell.truth) lowerMissed[method] = (lowerMissed[method] ?? 0) + 1;
      if (upper < cell.truth) upperMissed[method] = (upperMissed[method] ?? 0) + 1;
    }
  }
  return { lowerMissed, upperMissed };
}

function limitsOfGate(
  cell: LimitsCell,
  [candidate, baseline]: readonly [BoundMetric, BoundMetric],
  random: Random,
): Limits {
  const { rows, replicates, of } = cell;
  const metrics = [{ candidate, baselines: of === 'value' ? [] : [baseline] }];
  const [spreads] = finish(bootstrapScope({ rows, metrics, confidences: [confidence], random, replicates }));
  const limits = spreads?.[of === 'value' ? 0 : 1]?.limits?.[String(confidence)];
  // Without limits the gate is inconclusive: nothing is missed.
  return limits ?? { lower: -Infinity, upper: Infinity };
}

function limitsOfSamples(cell: LimitsCell, [candidate, baseline]: readonly [BoundMetric, BoundMetric], random: Random) {
  const steps = bootstrap({
    rows: cell.rows,
    statistics: 1,
    evaluate: (weights, wrong, right, into) => {
      const value = candidate.at(weights, wrong, right);
      into[0] = cell.of === 'value' ? value : value - baseline.at(weights, right, wrong);
    },
    random,
    replicates: cell.replicates,
  });
  const [result] = finish(steps);
  if (result === undefined) throw new Error('one statistic has one result');
  return {
    accelerated: acceleratedLimits(result, confidence),
    percentile: percentileLimits(result, confidence),
    normal: normalLimits(result, confidence),
  };
}

function finish<T>(steps: Generator<number, T>): T {
  let step = steps.next();
  while (step.done !== true) step = steps.next();
  return step.value;
}
