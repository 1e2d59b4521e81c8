import type { Gate } from '../../contract/contract.ts';
import { limitsOfMetric } from '../../evaluation/gate/limits.ts';
import type { EvaluationMeasurements } from '../../evaluation/measure/measurements.ts';
import { findMetric, type MetricName } from '../../evaluation/metrics/metric-name.ts';

/** What labels are judged by. Another plan begins another judgement. Plain JSON. */
export interface LabelPlan {
  /** The releases that run what was evaluated, by number: predictions of others are not judged. */
  readonly releases: readonly number[];
  readonly withinMs: number;
  readonly cohortMs: number;
  readonly metrics: readonly PlannedMetric[];
  /** Metrics of the gates that labels cannot judge, and why. */
  readonly unknown: readonly { readonly metric: string; readonly reason: string }[];
}

export interface PlannedMetric {
  readonly metric: string;
  /** Worst loss of a row in the metric's own unit. Risks below are shares of it, 0 to 1. */
  readonly worst: number;
  /** Limits of the risk by the evaluation evidence; null where there is none. */
  readonly evaluated: { readonly low: number; readonly high: number } | null;
  /** The upper limit plus the margin: a live risk above it is an alarm. */
  readonly limit: number | null;
  /** Why there is no limit. */
  readonly noLimitBecause: string | null;
}

export interface LabelQuestion {
  readonly releases: readonly number[];
  readonly withinMs: number;
  /** How far the live risk may lie above the evaluated one, as a share of the worst loss. */
  readonly marginShare: number;
  /** Worst error of a row, for metrics that have none of their own; null where the contract states none. */
  readonly errorAtMost: number | null;
  readonly gates: readonly Gate[];
  /** Of the evaluation evidence; null where there is none. */
  readonly measurements: EvaluationMeasurements | null;
}

/** Where the contract states no margin. */
export const defaultLabelMarginShare = 0.01;
/** More metrics would each get so little of the alarm budget that they find nothing. */
export const mostLabelMetrics = 8;

const dayMs = 86_400_000;

/**
 * Length of a cohort. Cohorts are judged one after another, and rows inside a cohort may depend on one another. So a cohort
 * should last several times as long as correctness stays alike: a day where labels may take a day, so that hours of the day
 * do not matter; else a 24th of what labels may take, at least a minute.
 */
export const cohortLengthMs = (withinMs: number): number =>
  withinMs >= dayMs ? dayMs : Math.max(60_000, Math.floor(withinMs / 24));

/** The metrics of the gates, each once, with the risk that was evaluated; `accuracy` where there are no gates of labels. */
export function planLabels(question: LabelQuestion): LabelPlan {
  const gates = question.gates.filter(({ metric }) => findMetric(metric)?.row.task !== 'latency');
  const first = new Map<string, Gate>();
  for (const gate of gates) if (!first.has(gate.metric)) first.set(gate.metric, gate);
  if (first.size === 0) first.set('accuracy', { metric: 'accuracy', confidenceShare: 0.95 });
  const judged = [...first.values()].map((gate) => ({ gate, found: findBounded(gate.metric, question.errorAtMost) }));
  const metrics = judged.flatMap(({ gate, found }) => ('reason' in found ? [] : [planMetric(gate, found, question)]));
  const over = metrics.slice(mostLabelMetrics).map(({ metric }) => ({
    metric,
    reason: `labels judge ${mostLabelMetrics} metrics at most`,
  }));
  return {
    releases: question.releases,
    withinMs: question.withinMs,
    cohortMs: cohortLengthMs(question.withinMs),
    metrics: metrics.slice(0, mostLabelMetrics),
    unknown: [
      ...judged.flatMap(({ gate, found }) =>
        'reason' in found ? [{ metric: gate.metric, reason: found.reason }] : [],
      ),
      ...over,
    ],
  };
}

type Bounded = { readonly name: MetricName; readonly worst: number } | { readonly reason: string };

/** Only a mean of one bounded value per row has limits at every moment; every other metric is unknown, by name. */
function findBounded(metric: string, errorAtMost: number | null): Bounded {
  const name = findMetric(metric);
  if (name === null) return { reason: `${metric} is computed by the service's own program, over all rows at once` };
  const { row } = name;
  if (row.needsScores) return { reason: `${metric} needs the probability of every class, and a captured row has one` };
  if (row.task === 'ranking') return { reason: `${metric} needs a score for each document` };
  if (row.argument === 'level') return { reason: `${metric} needs the predicted quantile` };
  if (row.argument === 'class') return { reason: `${metric} is over the rows of one class, which labels alone tell` };
  if (row.decomposes !== 'proportion' && row.decomposes !== 'mean') {
    return { reason: `${metric} is no mean of one value for each row` };
  }
  const worst = row.range[1] ?? errorAtMost;
  if (worst === null) {
    return { reason: `${metric} has no worst value for a row: set monitoring.labels.errorAtMost` };
  }
  return { name, worst };
}

function planMetric(
  { metric, confidenceShare }: Gate,
  { name, worst }: { readonly name: MetricName; readonly worst: number },
  { measurements, marginShare }: LabelQuestion,
): PlannedMetric {
  const without = (reason: string): PlannedMetric => ({
    metric,
    worst,
    evaluated: null,
    limit: null,
    noLimitBecause: reason,
  });
  const measured = measurements?.metrics.find((each) => each.metric === metric && each.slice === null);
  if (measured === undefined) return without(`the evaluation evidence does not measure ${metric}`);
  const limits = limitsOfMetric(measured, confidenceShare);
  if ('missing' in limits) return without(`the evaluation evidence has no limits of ${metric}: ${limits.missing}`);
  const { lower, upper } = limits;
  const isGain = name.row.largerIsBetter;
  const evaluated = isGain ? { low: 1 - upper, high: 1 - lower } : { low: lower / worst, high: upper / worst };
  const limit = evaluated.high + marginShare;
  if (!(limit < 1))
    return { ...without(`a risk of ${limit.toFixed(3)} of 1 is allowed: no answer is too wrong`), evaluated };
  return { metric, worst, evaluated, limit, noLimitBecause: null };
}
