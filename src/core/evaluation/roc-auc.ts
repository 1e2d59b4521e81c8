import type { BoundMetric, UndefinedMetric, Weights } from './bound-metric.ts';
import type { ScoredOutcomes } from './score-metrics.ts';

/** Area under the ROC curve: of the second class where there are two, else the mean of each class against the rest. */
export function rocAuc(outcomes: ScoredOutcomes): BoundMetric | UndefinedMetric {
  const { classes, labels } = outcomes;
  if (classes.length < 2) return { undefinedBecause: 'there is one class, and nothing to tell apart' };
  const missing = classes.findIndex((_, index) => !labels.includes(index));
  if (missing >= 0) return { undefinedBecause: `no row is labelled \`${classes[missing] ?? ''}\`` };
  const positives = classes.length === 2 ? [1] : classes.map((_, index) => index);
  const curves = positives.map((positive) => makeCurve(outcomes, positive));
  return {
    rows: labels.length,
    at(weights, wrong, right) {
      let sum = 0;
      for (const curve of curves) sum += areaUnder(curve, weights, wrong, right);
      return sum / curves.length;
    },
  };
}

/** Rows of one class against the rest, by rising score. */
interface Curve {
  readonly order: Uint32Array;
  /** By place in the order: 1 for a positive row. */
  readonly positive: Uint8Array;
  /** By place in the order: 1 where a run of equal scores ends. */
  readonly runEnds: Uint8Array;
  readonly positiveShare: number;
  /** So few rows are out of order that a sample of them has hardly any spread: the made-up rows count. */
  readonly nearlyPerfect: boolean;
}

/** Rows out of order below which their count is no longer near a normal variable. */
const fewOutOfOrder = 10;

function makeCurve({ classes, labels, scores }: ScoredOutcomes, positiveClass: number): Curve {
  const scoreOf = (row: number): number => scores[row * classes.length + positiveClass] as number;
  const order = Uint32Array.from(labels.keys()).sort((a, b) => scoreOf(a) - scoreOf(b));
  const positive = Uint8Array.from(order, (row) => (labels[row] === positiveClass ? 1 : 0));
  const runEnds = Uint8Array.from(order, (row, place) => {
    const next = order[place + 1];
    return next === undefined || scoreOf(next) !== scoreOf(row) ? 1 : 0;
  });
  const positives = positive.reduce((sum, one) => sum + one, 0);
  const curve = { order, positive, runEnds, positiveShare: positives / order.length, nearlyPerfect: false };
  const area = areaUnder(curve, new Float64Array(order.length).fill(1), 0, 0);
  const outOfOrder = Math.min(positives, order.length - positives) * (1 - area);
  return { ...curve, nearlyPerfect: outOfOrder < fewOutOfOrder };
}

/**
 * P(score of a positive > score of a negative) + P(equal) / 2, weighted: the Mann-Whitney statistic over the pairs. A row
 * made up as wrong is a positive below all and a negative above all, in the shares of the classes; right, the reverse.
 */
function areaUnder(curve: Curve, weights: Weights, wrong: number, right: number): number {
  const { order, positive, runEnds, positiveShare, nearlyPerfect } = curve;
  let positives = 0;
  let negatives = 0;
  let won = 0;
  let runPositives = 0;
  let runNegatives = 0;
  for (let place = 0; place < order.length; place += 1) {
    const weight = weights[order[place] as number] as number;
    if (positive[place] === 1) runPositives += weight;
    else runNegatives += weight;
    if (runEnds[place] === 0) continue;
    won += runPositives * (negatives + runNegatives / 2);
    positives += runPositives;
    negatives += runNegatives;
    runPositives = 0;
    runNegatives = 0;
  }
  if (!nearlyPerfect) return ratio(won, positives * negatives);
  const lowPositives = wrong * positiveShare;
  const highPositives = right * positiveShare;
  const highNegatives = wrong * (1 - positiveShare);
  const lowNegatives = right * (1 - positiveShare);
  won += positives * lowNegatives + highPositives * (negatives + lowNegatives + highNegatives / 2);
  won += (lowPositives * lowNegatives) / 2;
  return ratio(won, (positives + lowPositives + highPositives) * (negatives + lowNegatives + highNegatives));
}

const ratio = (part: number, whole: number): number => (whole === 0 ? NaN : part / whole);
