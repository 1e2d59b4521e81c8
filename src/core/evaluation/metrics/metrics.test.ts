import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bindMetric } from './bind-metric.ts';
import { isUndefined, valueOf } from './bound-metric.ts';
import { calibrationBins } from './calibration.ts';
import { confusionOf } from './confusion-metrics.ts';
import { measureLatency } from '../gate/latency-limits.ts';
import { findMetric, metricForm, readMetricName } from './metric-name.ts';
import { metricTable } from './metric-table.ts';
import { rowsOf, type ClassificationOutcomes, type Outcomes } from '../outcomes.ts';
import { confusionShares } from '../report.ts';
import { normalised, rougeL, tokenF1 } from './text-metrics.ts';

function of(metric: string, outcomes: Outcomes): number | string {
  const name = findMetric(metric);
  if (name === null) throw new Error(metric);
  const bound = bindMetric(name, outcomes);
  return isUndefined(bound) ? bound.undefinedBecause : valueOf(bound, rowsOf(outcomes));
}

function classified(
  labels: readonly number[],
  predicted: readonly number[],
  scores: readonly (readonly number[])[] | null = null,
  classes: readonly string[] = ['cat', 'dog'],
): ClassificationOutcomes {
  return {
    task: 'classification',
    classes,
    labels: Int32Array.from(labels),
    predicted: Int32Array.from(predicted),
    scores: scores === null ? null : Float64Array.from(scores.flat()),
  };
}
const regressed = (labels: readonly number[], predicted: readonly number[]): Outcomes => ({
  task: 'regression',
  labels: Float64Array.from(labels),
  predicted: Float64Array.from(predicted),
  quantiles: [{ level: 0.9, values: Float64Array.from(predicted) }],
});
const ranked = (...queries: readonly (readonly [readonly number[], readonly number[]])[]): Outcomes => ({
  task: 'ranking',
  queries: queries.map(([relevance, scores]) => ({
    relevance: Float64Array.from(relevance),
    scores: Float64Array.from(scores),
  })),
});

describe('the name of a metric', () => {
  it.each(metricTable.map((row) => [metricForm(row), row.task] as const))('%s of %s can be written', (form, task) => {
    const text = form.replace('CLASS', 'a [b] c').replace('@K', '@10').replace('LEVEL', '0.9');
    expect(readMetricName(text)).toMatchObject({ ok: true, value: { row: { task } } });
  });
  it.each(['f1[]', 'f1', 'ndcg@0', 'ndcg@x', 'quantile-loss@1', 'accuracy@3', 'accuracy[cat]', 'mrr[', ''])(
    '`%s` is none',
    (text) => expect(findMetric(text)).toBeNull(),
  );
  it('tells recall of a class from recall at a depth', () => {
    expect(findMetric('recall[cat]')?.row.task).toBe('classification');
    expect(findMetric('recall@5')).toMatchObject({ depth: 5, row: { task: 'ranking' } });
  });
});

describe('classification', () => {
  const outcomes = classified([0, 0, 0, 1], [0, 0, 1, 1]);
  it.each([
    ['accuracy', 0.75],
    ['balanced-accuracy', (2 / 3 + 1) / 2],
    ['precision[dog]', 0.5],
    ['recall[cat]', 2 / 3],
    ['f1[cat]', 0.8],
    ['f1-macro', (0.8 + 2 / 3) / 2],
  ])('%s', (metric, value) => expect(of(metric, outcomes)).toBeCloseTo(value, 12));

  it('says why a metric is not defined, and never gives zero or NaN', () => {
    expect(of('f1[bird]', outcomes)).toBe('the data has no class `bird`');
    expect(of('roc-auc', outcomes)).toBe('the model gives classes and no probabilities');
    expect(of('roc-auc', classified([0, 0], [0, 1], [[0.6, 0.4], [0.4, 0.6]]))).toBe('no row is labelled `dog`'); // prettier-ignore
    expect(of('log-loss', classified([0], [0], [[NaN, 0.4]]))).toBe('row 1: the score NaN is no probability');
    expect(of('brier', classified([0], [0], [[0.9, 0.4]]))).toBe('row 1: the scores sum to 1.3, and not to 1');
    expect(of('precision[dog]', classified([0], [0]))).toBe('no row is answered `dog`');
    expect(of('accuracy', classified([], []))).toBe('there are no rows');
    expect(of('f1-macro', classified([0, 2], [0, 1]))).toBe('row 2: the label is none of the classes');
    expect(of('mae', outcomes)).toBe('mae is of regression, and the data is for classification');
  });

  it('counts an answer that is none of the classes as wrong', () => {
    expect(of('accuracy', classified([0, 1], [0, -1]))).toBe(0.5);
    expect(confusionOf(classified([0, 1, 1], [0, -1, 0]))).toEqual([
      [1, 0],
      [1, 0],
    ]);
  });

  it('gives half an area to equal scores, and puts a probability on a border into the lower bin', () => {
    expect(of('roc-auc', classified([0, 1], [0, 0], [[0.5, 0.5], [0.5, 0.5]]))).toBe(0.5); // prettier-ignore
    const bins = calibrationBins({ ...classified([0], [0]), scores: Float64Array.of(0.6, 0.4) });
    expect(bins.findIndex(({ rows }) => rows > 0)).toBe(8);
    // One of one: the lower limit at 95% is 0.05.
    expect(bins[8]).toMatchObject({ meanConfidence: 0.6, accuracy: 1, accuracyUpper: 1 });
    expect(bins[8]?.accuracyLower).toBeCloseTo(0.05, 12);
    expect(bins[0]).toMatchObject({ rows: 0, accuracy: null, accuracyLower: 0, accuracyUpper: 1 });
  });

  it('a cell of the confusion matrix has its share of the label with limits, and a label without rows has none', () => {
    const [first, second] = confusionShares([
      [8, 2],
      [0, 0],
    ]);
    expect(first?.map((one) => one?.share)).toEqual([0.8, 0.2]);
    // scipy.stats.beta.ppf(0.05, 8, 3) and its mirror image.
    expect(first?.[0]?.lower).toBeCloseTo(0.4931, 4);
    expect(first?.[1]?.upper).toBeCloseTo(1 - 0.4931, 4);
    expect(second).toEqual([null, null]);
  });

  it('the area turns over with the labels, whatever the scores', () => {
    const rows = fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 6 })), { minLength: 2, maxLength: 40 });
    fc.assert(
      fc.property(rows, (drawn) => {
        fc.pre(new Set(drawn.map(([label]) => label)).size === 2);
        const scores = drawn.map(([, score]) => [1 - score / 6, score / 6]);
        const labels = drawn.map(([label]) => Number(label));
        const turned = labels.map((label) => 1 - label);
        const area = of('roc-auc', classified(labels, labels, scores));
        expect(Number(area) + Number(of('roc-auc', classified(turned, labels, scores)))).toBeCloseTo(1, 12);
      }),
    );
  });
});

describe('regression', () => {
  it.each([
    ['mae', 1],
    ['rmse', Math.sqrt(1.5)],
    ['mape', (1 / 2 + 0 + 1 / 4 + 2 / 8) / 4],
    ['quantile-loss@0.9', (0.1 + 0 + 0.9 + 1.8) / 4],
  ])('%s', (metric, value) => expect(of(metric, regressed([2, 3, 4, 8], [3, 3, 3, 6]))).toBeCloseTo(value, 12));
  it('is not defined where it would be a division by zero or a NaN', () => {
    expect(of('r2', regressed([2, 2], [1, 2]))).toMatch(/^all labels are equal/);
    expect(of('mape', regressed([1, 0], [1, 2]))).toMatch(/^row 2: the label is zero/);
    expect(of('mae', regressed([1, 2], [1, NaN]))).toBe('row 2: the answer is NaN');
    expect(of('quantile-loss@0.5', regressed([1], [1]))).toBe('the model gives no quantile 0.5');
  });
});

describe('ranking', () => {
  it('takes the mean over the orders of equal scores', () => {
    // One relevant of three, all tied: ranks 1, 2, 3 are as likely.
    expect(of('mrr', ranked([[1, 0, 0], [0.5, 0.5, 0.5]]))).toBeCloseTo((1 + 1 / 2 + 1 / 3) / 3, 12); // prettier-ignore
    expect(of('recall@2', ranked([[1, 0, 0], [0.5, 0.5, 0.5]]))).toBeCloseTo(2 / 3, 12); // prettier-ignore
  });
  it('leaves out queries without a relevant document, and says so where none has one', () => {
    expect(of('mrr', ranked([[0, 1], [2, 1]], [[0, 0], [1, 2]]))).toBe(0.5); // prettier-ignore
    expect(of('mrr', ranked([[0], [1]]))).toBe('no query has a relevant document');
  });
  it('is not defined at a depth that no list has, nor with a NaN', () => {
    expect(of('ndcg@10', ranked([[1, 0], [1, 2]]))).toMatch(/^no query has 10 documents/); // prettier-ignore
    expect(of('ndcg@1', ranked([[1, 0], [NaN, 2]]))).toMatch(/^query 1 has a score/); // prettier-ignore
  });
});

describe('text', () => {
  const text = (answers: readonly string[], references: readonly (readonly string[])[]): Outcomes => ({
    task: 'text',
    answers,
    references,
  });
  it('normalises as SQuAD does', () => {
    expect(normalised('  The Cat, an  ANT—a "dog". ')).toBe('cat ant— dog');
    expect(of('exact-match', text(['The cat!', 'dog'], [['a cat'], ['cat', 'the dog']]))).toBe(1);
  });
  it('token F1 and ROUGE-L', () => {
    expect(tokenF1('a big cat', 'the cat sat')).toBe(0.5);
    expect(tokenF1('the', 'a')).toBe(1);
    expect(tokenF1('', 'cat')).toBe(0);
    // Lin 2004, section 3.1: S1 `police killed the gunman`, S2 `police kill the gunman`, S3 `the gunman kill police`.
    expect(rougeL('police kill the gunman', 'police killed the gunman')).toBe(0.75);
    expect(rougeL('the gunman kill police', 'police killed the gunman')).toBe(0.5);
    expect(of('rouge-l', text(['x'], [[]]))).toBe('row 1 has no reference');
  });
});

describe('latency', () => {
  it('has quantiles of the times, with limits of rank', () => {
    const times = Float64Array.from({ length: 1_000 }, (_, index) => 1_000 - index);
    const { p50Ms, p99Ms, maxMs, limits } = measureLatency(times, [0.95]);
    expect([p50Ms, p99Ms, maxMs]).toEqual([500, 990, 1_000]);
    // P(Bin(1000, 0.5) <= 526) is 0.953, and P(... <= 525) 0.947; the lower one by symmetry.
    expect(limits?.['latency-p50']?.['0.95']).toEqual({ lower: 474, upper: 527 });
  });
  it('bounds nothing from above with few requests, and is null with none', () => {
    expect(measureLatency(Float64Array.of(1, 2, 3), [0.95]).limits?.['latency-p99']?.['0.95']?.upper).toBeNull();
    expect(measureLatency(new Float64Array(0), [0.95]).p99Ms).toBeNull();
  });
});
