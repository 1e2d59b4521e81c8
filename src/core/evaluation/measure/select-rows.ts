import type { Outcomes } from '../outcomes.ts';

/** The outcomes of some rows, in the order given. */
export function selectRows(outcomes: Outcomes, rows: Int32Array): Outcomes {
  switch (outcomes.task) {
    case 'classification': {
      const { labels, predicted, scores, classes } = outcomes;
      return {
        ...outcomes,
        labels: Int32Array.from(rows, (row) => labels[row] as number),
        predicted: Int32Array.from(rows, (row) => predicted[row] as number),
        scores: scores === null ? null : selectScores(scores, rows, classes.length),
      };
    }
    case 'regression':
      return {
        ...outcomes,
        labels: pick(outcomes.labels, rows),
        predicted: pick(outcomes.predicted, rows),
        quantiles: outcomes.quantiles.map(({ level, values }) => ({ level, values: pick(values, rows) })),
      };
    case 'ranking':
      return { ...outcomes, queries: Array.from(rows, (row) => at(outcomes.queries, row)) };
    case 'text':
      return {
        ...outcomes,
        references: Array.from(rows, (row) => at(outcomes.references, row)),
        answers: Array.from(rows, (row) => at(outcomes.answers, row)),
      };
  }
}

const pick = (values: Float64Array, rows: Int32Array): Float64Array =>
  Float64Array.from(rows, (row) => values[row] as number);
const at = <T>(values: readonly T[], row: number): T => values[row] as T;

function selectScores(scores: Float64Array, rows: Int32Array, classes: number): Float64Array {
  const selected = new Float64Array(rows.length * classes);
  rows.forEach((row, index) => selected.set(scores.subarray(row * classes, (row + 1) * classes), index * classes));
  return selected;
}
