import type { BoundMetric, ClassCounts, Weights } from './bound-metric.ts';
import type { ClassificationOutcomes } from '../outcomes.ts';

/** A metric of the counts by class. */
export function countsMetric(outcomes: ClassificationOutcomes, of: (counts: ClassCounts) => number): BoundMetric {
  const counter = rowCounter(outcomes, outcomes);
  return {
    rows: outcomes.labels.length,
    counts: { outcomes, of },
    at(weights, wrong, right) {
      counter.count(weights, wrong, right);
      return of(counter.counts);
    },
  };
}

/** Counts some rows of the outcomes, or one row for each cell, by weights; each time the counts are overwritten. */
export function rowCounter(
  outcomes: ClassificationOutcomes,
  { labels, predicted }: Pick<ClassificationOutcomes, 'labels' | 'predicted'>,
): { readonly counts: ClassCounts; count(weights: Weights, wrong: number, right: number): void } {
  const classes = outcomes.classes.length;
  const madeUp = madeUpRows(outcomes);
  const counts: ClassCounts = {
    right: new Float64Array(classes),
    labels: new Float64Array(classes),
    answers: new Float64Array(classes),
  };
  return {
    counts,
    count(weights, wrong, right) {
      startFrom(counts, madeUp, wrong, right);
      addRows(counts, labels, predicted, weights);
    },
  };
}

function addRows(counts: ClassCounts, labels: Int32Array, predicted: Int32Array, weights: Weights): void {
  for (let row = 0; row < labels.length; row += 1) {
    const weight = weights[row] as number;
    if (weight === 0) continue;
    const label = labels[row] as number;
    const answer = predicted[row] as number;
    (counts.labels[label] as number) += weight;
    // An answer that is none of the classes is wrong, and an answer of no class.
    if (answer >= 0) (counts.answers[answer] as number) += weight;
    if (answer === label) (counts.right[label] as number) += weight;
  }
}

interface MadeUpRows {
  /** Share of each class among the labels. */
  readonly labels: Float64Array;
  /** How one row's worth of wrong answers falls on the classes. */
  readonly wrongAnswers: Float64Array;
}

function startFrom(counts: ClassCounts, madeUp: MadeUpRows, wrong: number, right: number): void {
  for (let index = 0; index < counts.labels.length; index += 1) {
    const share = madeUp.labels[index] as number;
    counts.right[index] = right * share;
    counts.labels[index] = (right + wrong) * share;
    counts.answers[index] = right * share + wrong * (madeUp.wrongAnswers[index] as number);
  }
}

/** A made-up row has each class as its label in the share that the class has; a wrong answer falls on the others likewise. */
function madeUpRows({ classes, labels }: ClassificationOutcomes): MadeUpRows {
  const shares = new Float64Array(classes.length);
  for (const label of labels) (shares[label] as number) += 1 / labels.length;
  const wrongAnswers = new Float64Array(classes.length);
  // sum over labels l other than a of share(l) share(a) / (1 - share(l)), by one sum over all l.
  const odds = shares.reduce((sum, share) => sum + (share < 1 ? share / (1 - share) : 0), 0);
  shares.forEach((share, answer) => {
    wrongAnswers[answer] = share < 1 ? share * (odds - share / (1 - share)) : 0;
  });
  return { labels: shares, wrongAnswers };
}

/** Rows by label (first) and answer (second); an answer that is none of the classes is left out. */
export function confusionOf({ classes, labels, predicted }: ClassificationOutcomes): readonly (readonly number[])[] {
  const table = classes.map(() => classes.map(() => 0));
  labels.forEach((label, row) => {
    const answers = table[label];
    const answer = predicted[row] as number;
    if (answers !== undefined && answer >= 0) (answers[answer] as number) += 1;
  });
  return table;
}
