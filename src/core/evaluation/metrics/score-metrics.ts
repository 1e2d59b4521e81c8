import { meanMetric, type BoundMetric, type UndefinedMetric } from './bound-metric.ts';
import type { ClassificationOutcomes } from '../outcomes.ts';

export type ScoredOutcomes = ClassificationOutcomes & { readonly scores: Float64Array };

/** Scores that are probabilities: present, finite, 0 to 1, summing to 1. */
export function requireScores(outcomes: ClassificationOutcomes): ScoredOutcomes | UndefinedMetric {
  const { scores, classes } = outcomes;
  if (scores === null) return { undefinedBecause: 'the model gives classes and no probabilities' };
  for (let row = 0; row * classes.length < scores.length; row += 1) {
    const complaint = complaintOf(scores.subarray(row * classes.length, (row + 1) * classes.length));
    if (complaint !== null) return { undefinedBecause: `row ${row + 1}: ${complaint}` };
  }
  return { ...outcomes, scores };
}

/** Single precision and a softmax over many classes leave sums that are off by some 1e-5. */
const sumTolerance = 1e-3;

function complaintOf(row: Float64Array): string | null {
  let sum = 0;
  for (const score of row) {
    if (!(score >= -1e-9 && score <= 1 + sumTolerance)) return `the score ${score} is no probability`;
    sum += score;
  }
  return Math.abs(sum - 1) <= sumTolerance ? null : `the scores sum to ${Number(sum.toPrecision(6))}, and not to 1`;
}

const leastProbability = Number.EPSILON;

/** -ln of the probability of the label, which is kept away from 0 and 1 by the spacing of numbers near 1. */
export function logLoss({ scores, labels, classes }: ScoredOutcomes): BoundMetric {
  const losses = Float64Array.from(labels, (label, row) => {
    const score = scores[row * classes.length + label] as number;
    return -Math.log(Math.min(Math.max(score, leastProbability), 1 - leastProbability));
  });
  return meanMetric(losses, null);
}

export function brierScore({ scores, labels, classes }: ScoredOutcomes): BoundMetric {
  const scale = classes.length === 2 ? 0.5 : 1;
  const distances = Float64Array.from(labels, (label, row) => {
    let sum = 0;
    for (let index = 0; index < classes.length; index += 1) {
      const distance = (scores[row * classes.length + index] as number) - (index === label ? 1 : 0);
      sum += distance * distance;
    }
    return scale * sum;
  });
  return meanMetric(distances, [2 * scale, 0]);
}
