import { bindMetric } from '../../evaluation/metrics/bind-metric.ts';
import { isUndefined, valueOf } from '../../evaluation/metrics/bound-metric.ts';
import type { MetricName } from '../../evaluation/metrics/metric-name.ts';
import type { Outcomes } from '../../evaluation/outcomes.ts';

/** The truth about one answer: whether it was right, or what the answer should have been. */
export type Truth = { readonly right: boolean } | { readonly label: string | number };

/** A metric that is a mean of one bounded value per row, so that one row has a loss. */
export interface RowMetric {
  readonly name: MetricName;
  /** Worst loss of a row in the metric's own unit; larger errors count as this one. */
  readonly worst: number;
}

/**
 * How wrong one answer was: 0 is right, 1 is as wrong as a row can be. The metric is that of the gates, over one row.
 *
 * | metric | loss |
 * |---|---|
 * | `accuracy`, `exact-match`, `token-f1`, `rouge-l` | 1 - metric |
 * | `mae`, `mape` | the error / `worst`, 1 at most |
 *
 * Null where the truth does not tell: a text for a number, or `right` alone for a metric that has more than two values.
 */
export function rowLoss(metric: RowMetric, prediction: string | number, truth: Truth): number | null {
  const { row } = metric.name;
  if ('right' in truth) return row.decomposes === 'proportion' ? Number(!truth.right) : null;
  const outcomes = outcomesOf(metric, prediction, truth.label);
  const bound = outcomes === null ? null : bindMetric(metric.name, outcomes);
  if (bound === null || isUndefined(bound)) return null;
  const value = valueOf(bound, 1);
  if (!Number.isFinite(value)) return null;
  return Math.min(1, Math.max(0, row.largerIsBetter ? 1 - value : value / metric.worst));
}

function outcomesOf({ name }: RowMetric, prediction: string | number, label: string | number): Outcomes | null {
  switch (name.row.task) {
    case 'classification':
      return {
        task: 'classification',
        classes: [String(label), String(prediction)],
        labels: Int32Array.of(0),
        predicted: Int32Array.of(String(label) === String(prediction) ? 0 : 1),
        scores: null,
      };
    case 'regression':
      if (typeof prediction !== 'number' || typeof label !== 'number') return null;
      return {
        task: 'regression',
        labels: Float64Array.of(label),
        predicted: Float64Array.of(prediction),
        quantiles: [],
      };
    case 'text':
      return { task: 'text', references: [[String(label)]], answers: [String(prediction)] };
    default:
      return null;
  }
}
