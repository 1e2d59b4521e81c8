import type { Task } from '../outcomes.ts';

/** Which measurements a metric reads: the answers to one kind of task, or the times of the requests. */
export type MetricTask = Task | 'latency';

/**
 * How a metric comes from its rows, which decides how its limits are found (docs/evaluation-statistics.md):
 *
 * | decomposes | the metric is | limits |
 * |---|---|---|
 * | proportion | the share of rows that are right | exact, from counts |
 * | mean | the mean of one value per row | bootstrap of rows |
 * | counts | a function of the confusion matrix | bootstrap of rows |
 * | no | a function of all rows at once | bootstrap of rows |
 * | order-statistic | a quantile of the rows | exact, by order statistics |
 */
export type Decomposition = 'proportion' | 'mean' | 'counts' | 'no' | 'order-statistic';

export interface MetricRow {
  /** As the contract writes it, before its argument. */
  readonly name: string;
  /** What follows the name: `f1[cat]`, `ndcg@10`, `quantile-loss@0.9`; null for a name alone. */
  readonly argument: 'class' | 'depth' | 'level' | null;
  readonly task: MetricTask;
  readonly largerIsBetter: boolean;
  /** Least and greatest value; null where there is no bound. */
  readonly range: readonly [number | null, number | null];
  /** How the contract writes its values: a percentage, a duration, or a bare number of the labels' own unit. */
  readonly unit: 'share' | 'ms' | 'number';
  readonly decomposes: Decomposition;
  /** Needs probabilities, and not the answered class alone. */
  readonly needsScores?: true;
  readonly formula: string;
  readonly source: string;
}

const scikit = (name: string): string => `scikit-learn 1.9, sklearn.metrics.${name}`;
const squad = 'Rajpurkar et al. 2016, evaluate-v2.0.py of SQuAD';
const share = { unit: 'share', range: [0, 1], largerIsBetter: true } as const;

/** Every metric that Plimsoll computes itself. What is not here is user-defined: the mean of one value per row. */
export const metricTable: readonly MetricRow[] = [
  {
    ...share,
    name: 'accuracy',
    argument: null,
    task: 'classification',
    decomposes: 'proportion',
    formula: 'rows answered with their label / rows',
    source: scikit('accuracy_score'),
  },
  {
    ...share,
    name: 'balanced-accuracy',
    argument: null,
    task: 'classification',
    decomposes: 'counts',
    formula: 'mean over the classes that occur of the recall of each',
    source: scikit('balanced_accuracy_score'),
  },
  {
    ...share,
    name: 'f1-macro',
    argument: null,
    task: 'classification',
    decomposes: 'counts',
    formula: 'mean over the classes that occur, as label or as answer, of 2 TP / (2 TP + FP + FN)',
    source: scikit("f1_score(average='macro')"),
  },
  {
    ...share,
    name: 'f1',
    argument: 'class',
    task: 'classification',
    decomposes: 'counts',
    formula: '2 TP / (2 TP + FP + FN) of one class',
    source: scikit('f1_score(labels=[class])'),
  },
  {
    ...share,
    name: 'precision',
    argument: 'class',
    task: 'classification',
    decomposes: 'counts',
    formula: 'TP / (TP + FP) of one class',
    source: scikit('precision_score(labels=[class])'),
  },
  {
    ...share,
    name: 'recall',
    argument: 'class',
    task: 'classification',
    decomposes: 'proportion',
    formula: 'TP / (TP + FN) of one class: a share of the rows of that class',
    source: scikit('recall_score(labels=[class])'),
  },
  {
    ...share,
    name: 'roc-auc',
    argument: null,
    task: 'classification',
    decomposes: 'no',
    needsScores: true,
    formula:
      'P(score of a positive row > of a negative one) + P(equal) / 2; the second of two classes is positive; with more classes the mean of each against the rest',
    source: scikit("roc_auc_score(multi_class='ovr', average='macro')"),
  },
  {
    name: 'log-loss',
    argument: null,
    task: 'classification',
    largerIsBetter: false,
    range: [0, null],
    unit: 'number',
    decomposes: 'mean',
    needsScores: true,
    formula: 'mean of -ln(probability of the label), the probability kept within [2^-52, 1 - 2^-52]',
    source: scikit('log_loss'),
  },
  {
    name: 'brier',
    argument: null,
    task: 'classification',
    largerIsBetter: false,
    range: [0, 2],
    unit: 'number',
    decomposes: 'mean',
    needsScores: true,
    formula:
      'mean of the squared distance between probabilities and label, summed over classes; halved for two classes',
    source: `Brier 1950; ${scikit('brier_score_loss')}`,
  },
  {
    name: 'ece',
    argument: null,
    task: 'classification',
    largerIsBetter: false,
    range: [0, 1],
    unit: 'share',
    decomposes: 'no',
    needsScores: true,
    formula:
      'sum over 15 bins of equal width, (0, 1/15] first, of |right answers - sum of the probabilities of the answered class| / rows',
    source: 'Naeini et al. 2015; Guo et al. 2017, equation 3',
  },
  {
    name: 'mae',
    argument: null,
    task: 'regression',
    largerIsBetter: false,
    range: [0, null],
    unit: 'number',
    decomposes: 'mean',
    formula: 'mean of |answer - label|',
    source: scikit('mean_absolute_error'),
  },
  {
    name: 'rmse',
    argument: null,
    task: 'regression',
    largerIsBetter: false,
    range: [0, null],
    unit: 'number',
    decomposes: 'no',
    formula: 'square root of the mean of (answer - label)^2',
    source: scikit('root_mean_squared_error'),
  },
  {
    name: 'mape',
    argument: null,
    task: 'regression',
    largerIsBetter: false,
    range: [0, null],
    unit: 'share',
    decomposes: 'mean',
    formula: 'mean of |answer - label| / |label|; not defined where a label is zero',
    source: scikit('mean_absolute_percentage_error'),
  },
  {
    name: 'r2',
    argument: null,
    task: 'regression',
    largerIsBetter: true,
    range: [null, 1],
    unit: 'share',
    decomposes: 'no',
    formula: '1 - sum of (answer - label)^2 / sum of (label - mean label)^2; not defined where all labels are equal',
    source: scikit('r2_score'),
  },
  {
    name: 'quantile-loss',
    argument: 'level',
    task: 'regression',
    largerIsBetter: false,
    range: [0, null],
    unit: 'number',
    decomposes: 'mean',
    formula: 'mean of max(q d, (q - 1) d) with d = label - predicted quantile q',
    source: `Koenker and Bassett 1978; ${scikit('mean_pinball_loss')}`,
  },
  {
    ...share,
    name: 'ndcg',
    argument: 'depth',
    task: 'ranking',
    decomposes: 'mean',
    formula:
      'sum over ranks to k of relevance / log2(rank + 1), over the greatest such sum; equal scores share the mean of their relevances',
    source: `Järvelin and Kekäläinen 2002; McSherry and Najork 2008 for ties; ${scikit('ndcg_score')}`,
  },
  {
    ...share,
    name: 'mrr',
    argument: null,
    task: 'ranking',
    decomposes: 'mean',
    formula: 'mean of 1 / rank of the first relevant document; equal scores give the mean over their orders',
    source: 'Voorhees 1999 (TREC-8)',
  },
  {
    ...share,
    name: 'recall',
    argument: 'depth',
    task: 'ranking',
    decomposes: 'mean',
    formula: 'relevant documents among the first k / relevant documents; equal scores give the mean over their orders',
    source: 'Manning, Raghavan, Schütze 2008, chapter 8',
  },
  {
    ...share,
    name: 'exact-match',
    argument: null,
    task: 'text',
    decomposes: 'proportion',
    formula: 'rows whose answer equals a reference, both without case, punctuation, articles and extra blanks',
    source: squad,
  },
  {
    ...share,
    name: 'token-f1',
    argument: null,
    task: 'text',
    decomposes: 'mean',
    formula: 'F1 of the tokens of answer and reference, normalised as for exact-match; the best reference counts',
    source: squad,
  },
  {
    ...share,
    name: 'rouge-l',
    argument: null,
    task: 'text',
    decomposes: 'mean',
    formula:
      'F1 of the longest common subsequence over the lengths of answer and reference, tokens are runs of letters and digits without case; the best reference counts',
    source: 'Lin 2004, section 3, with beta 1',
  },
  ...(['latency-p50', 'latency-p90', 'latency-p99'] as const).map((name): MetricRow => ({
    name,
    argument: null,
    task: 'latency',
    largerIsBetter: false,
    range: [0, null],
    unit: 'ms',
    decomposes: 'order-statistic',
    formula: `the smallest time that at least ${name.slice(-2)}% of the requests do not exceed, in milliseconds`,
    source: 'Hyndman and Fan 1996, definition 1',
  })),
];
