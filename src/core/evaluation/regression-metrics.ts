import { meanMetric, type BoundMetric, type UndefinedMetric } from './bound-metric.ts';
import type { MetricName } from './metric-name.ts';
import type { RegressionOutcomes } from './outcomes.ts';

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
  return { rows: meanSquare.rows, at: (weights) => Math.sqrt(meanSquare.at(weights, 0, 0)) };
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
