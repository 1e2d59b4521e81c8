import { hitMetric, type BoundMetric, type ClassCounts, type UndefinedMetric } from './bound-metric.ts';
import { calibrationError } from './calibration.ts';
import { countsMetric } from './confusion-metrics.ts';
import type { MetricName } from './metric-name.ts';
import type { ClassificationOutcomes } from '../outcomes.ts';
import { rocAuc } from './roc-auc.ts';
import { brierScore, logLoss, requireScores } from './score-metrics.ts';

export function classificationMetric(
  { row, className }: MetricName,
  outcomes: ClassificationOutcomes,
): BoundMetric | UndefinedMetric {
  const stray = outcomes.labels.findIndex((label) => label < 0 || label >= outcomes.classes.length);
  if (stray >= 0) return { undefinedBecause: `row ${stray + 1}: the label is none of the classes` };
  if (className !== undefined) return ofOneClass(row.name, className, outcomes);
  if (row.needsScores === true) {
    const scores = requireScores(outcomes);
    if ('undefinedBecause' in scores) return scores;
    return ofScores(row.name, scores);
  }
  if (row.name === 'accuracy') return hitMetric(hitsOf(outcomes));
  return countsMetric(outcomes, row.name === 'f1-macro' ? macroF1 : balancedAccuracy);
}

function ofScores(name: string, outcomes: ClassificationOutcomes & { readonly scores: Float64Array }) {
  switch (name) {
    case 'roc-auc':
      return rocAuc(outcomes);
    case 'log-loss':
      return logLoss(outcomes);
    case 'brier':
      return brierScore(outcomes);
    default:
      return calibrationError(outcomes);
  }
}

function ofOneClass(name: string, className: string, outcomes: ClassificationOutcomes): BoundMetric | UndefinedMetric {
  const index = outcomes.classes.indexOf(className);
  if (index < 0) return { undefinedBecause: `the data has no class \`${className}\`` };
  const labelled = outcomes.labels.includes(index);
  const answered = outcomes.predicted.includes(index);
  if (name === 'recall') {
    if (!labelled) return { undefinedBecause: `no row is labelled \`${className}\`` };
    return hitMetric(hitsOf(outcomes).map((hit, row) => (outcomes.labels[row] === index ? hit : 2)));
  }
  if (name === 'precision') {
    if (!answered) return { undefinedBecause: `no row is answered \`${className}\`` };
    return countsMetric(outcomes, ({ right, answers }) => quotient(right, answers, index));
  }
  if (!labelled && !answered) return { undefinedBecause: `no row is labelled or answered \`${className}\`` };
  return countsMetric(outcomes, (counts) => f1Of(counts, index));
}

/** 1 where the answer is the label. */
export function hitsOf({ labels, predicted }: ClassificationOutcomes): Uint8Array {
  return Uint8Array.from(labels, (label, row) => (predicted[row] === label ? 1 : 0));
}

const quotient = (of: Float64Array, by: Float64Array, index: number): number => {
  const total = by[index] as number;
  return total === 0 ? NaN : (of[index] as number) / total;
};

const f1Of = ({ right, labels, answers }: ClassCounts, index: number): number => {
  const total = (labels[index] as number) + (answers[index] as number);
  return total === 0 ? NaN : (2 * (right[index] as number)) / total;
};

const macroF1 = (counts: ClassCounts): number => meanDefined(counts.right.length, (index) => f1Of(counts, index));
const balancedAccuracy = ({ right, labels }: ClassCounts): number =>
  meanDefined(right.length, (index) => quotient(right, labels, index));

/** Mean over the classes that have a value. */
function meanDefined(classes: number, of: (index: number) => number): number {
  let sum = 0;
  let count = 0;
  for (let index = 0; index < classes; index += 1) {
    const value = of(index);
    if (Number.isNaN(value)) continue;
    sum += value;
    count += 1;
  }
  return count === 0 ? NaN : sum / count;
}
