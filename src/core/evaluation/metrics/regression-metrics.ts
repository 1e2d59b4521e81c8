import { fewestLinearRows, meanMetric, type BoundMetric, type UndefinedMetric } from './bound-metric.ts';
import type { LinearStatistic } from '../../statistics/limits/linear-statistic.ts';
import type { MetricName } from './metric-name.ts';
import type { RegressionOutcomes } from '../outcomes.ts';

export function regressionMetric(
  { row, level }: MetricName,
  outcomes: RegressionOutcomes,
): BoundMetric | UndefinedMetric {
  const { labels, predicted } = outcomes;
  const bad = notFinite(labels, 'label') ?? (level === undefined ? notFinite(predicted, 'answer') : null);
  if (bad !== null) return bad;
  switch (row.name) {
    case 'mae':
      return meanMetric(
        labels.map((label, index) => Math.abs((predicted[index] as number) - label)),
        null,
      );
    case 'mape':
      return meanAbsolutePercentage(outcomes);
    case 'quantile-loss':
      return quantileLoss(outcomes, level ?? NaN);
    case 'r2':
      return explainedVariance(outcomes);
    default:
      return rootMeanSquare(outcomes);
  }
}

function notFinite(values: Float64Array, what: string): UndefinedMetric | null {
  const row = values.findIndex((value) => !Number.isFinite(value));
  return row < 0 ? null : { undefinedBecause: `row ${row + 1}: the ${what} is ${values[row]}` };
}

const squaredErrors = ({ labels, predicted }: RegressionOutcomes): Float64Array =>
  labels.map((label, row) => ((predicted[row] as number) - label) ** 2);

function rootMeanSquare(outcomes: RegressionOutcomes): BoundMetric {
  const meanSquare = meanMetric(squaredErrors(outcomes), null);
  return {
    rows: meanSquare.rows,
    at: (weights) => Math.sqrt(meanSquare.at(weights, 0, 0)),
    ...(meanSquare.linear === undefined ? {} : { linear: () => linearRoot(meanSquare.linear?.() ?? noRows) }),
  };
}

const noRows: LinearStatistic = { centre: 0, rows: new Float64Array(0), wrong: 0, right: 0 };

/** d sqrt(x) = dx / (2 sqrt(x)). */
function linearRoot({ centre, rows }: LinearStatistic): LinearStatistic {
  const root = Math.sqrt(centre);
  return { centre: root, rows: rows.map((value) => (root === 0 ? 0 : value / (2 * root))), wrong: 0, right: 0 };
}

function meanAbsolutePercentage({ labels, predicted }: RegressionOutcomes): BoundMetric | UndefinedMetric {
  const zero = labels.indexOf(0);
  if (zero >= 0) return { undefinedBecause: `row ${zero + 1}: the label is zero, and a percentage of it is nothing` };
  return meanMetric(
    labels.map((label, row) => Math.abs(((predicted[row] as number) - label) / label)),
    null,
  );
}

function quantileLoss({ labels, quantiles }: RegressionOutcomes, level: number): BoundMetric | UndefinedMetric {
  const values = quantiles.find((quantile) => quantile.level === level)?.values;
  if (values === undefined) return { undefinedBecause: `the model gives no quantile ${level}` };
  const bad = notFinite(values, `quantile ${level}`);
  if (bad !== null) return bad;
  const losses = labels.map((label, row) => {
    const excess = label - (values[row] as number);
    return Math.max(level * excess, (level - 1) * excess);
  });
  return meanMetric(losses, null);
}

function explainedVariance(outcomes: RegressionOutcomes): BoundMetric | UndefinedMetric {
  const { labels } = outcomes;
  if (labels.every((label) => label === labels[0])) {
    return { undefinedBecause: 'all labels are equal, and there is no variance to explain' };
  }
  const errors = squaredErrors(outcomes);
  return {
    rows: labels.length,
    ...(labels.length < fewestLinearRows ? {} : { linear: () => linearExplained(labels, errors) }),
    at(weights) {
      let total = 0;
      let sum = 0;
      let error = 0;
      for (let row = 0; row < labels.length; row += 1) {
        const weight = weights[row] as number;
        total += weight;
        sum += weight * (labels[row] as number);
        error += weight * (errors[row] as number);
      }
      // A second pass about the mean: the sum of squares less the square of the sum cancels for labels far from zero.
      const mean = sum / total;
      let spread = 0;
      for (let row = 0; row < labels.length; row += 1) {
        spread += (weights[row] as number) * ((labels[row] as number) - mean) ** 2;
      }
      return spread > 0 ? 1 - error / spread : NaN;
    },
  };
}

/** d (1 - E / S) = E dS / S^2 - dE / S, where a row adds its squared error to E and its squared distance from the mean to S. */
function linearExplained(labels: Float64Array, errors: Float64Array): LinearStatistic {
  const mean = labels.reduce((sum, label) => sum + label, 0) / labels.length;
  const spread = labels.reduce((sum, label) => sum + (label - mean) ** 2, 0);
  const error = errors.reduce((sum, value) => sum + value, 0);
  const scale = (labels.length + 2) / spread;
  const rows = labels.map((label, row) => scale * ((error / spread) * (label - mean) ** 2 - (errors[row] as number)));
  return { centre: 1 - error / spread, rows, wrong: 0, right: 0 };
}
