/**
 * What was asked of a model and what it answered, row by row: the input of every metric. Typed arrays, all of the same
 * length n unless said otherwise.
 */
export type Outcomes = ClassificationOutcomes | RegressionOutcomes | RankingOutcomes | TextOutcomes;
export type Task = Outcomes['task'];

export interface ClassificationOutcomes {
  readonly task: 'classification';
  /** k names, in the order of the scores. */
  readonly classes: readonly string[];
  /** Index into `classes`. */
  readonly labels: Int32Array;
  readonly predicted: Int32Array;
  /** n * k, row-major: one probability per class, summing to 1 (logits are turned into them before); null where the model gives classes alone. */
  readonly scores: Float64Array | null;
}

export interface RegressionOutcomes {
  readonly task: 'regression';
  readonly labels: Float64Array;
  readonly predicted: Float64Array;
  /** Predicted quantiles beside the point: level in (0, 1) to n values. */
  readonly quantiles: readonly { readonly level: number; readonly values: Float64Array }[];
}

/** One row is one query with its list of documents. */
export interface RankingOutcomes {
  readonly task: 'ranking';
  readonly queries: readonly { readonly relevance: Float64Array; readonly scores: Float64Array }[];
}

export interface TextOutcomes {
  readonly task: 'text';
  /** Any of the references of a row counts as right. */
  readonly references: readonly (readonly string[])[];
  readonly answers: readonly string[];
}

/** Number of rows. */
export function rowsOf(outcomes: Outcomes): number {
  switch (outcomes.task) {
    case 'classification':
    case 'regression':
      return outcomes.labels.length;
    case 'ranking':
      return outcomes.queries.length;
    case 'text':
      return outcomes.answers.length;
  }
}
