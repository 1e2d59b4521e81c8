import type { LinearStatistic } from '../../statistics/limits/linear-statistic.ts';
import type { ClassificationOutcomes } from '../outcomes.ts';

/**
 * A metric with the outcomes that it is of. The bootstrap asks for it again and again with other weights, so that all that
 * does not depend on them (an order by score, a bin, a loss per row) is made once, when it is bound.
 *
 * `wrong` and `right` are the weights of two made-up rows that every bootstrap sample may draw besides the rows there are:
 * one that this model gets as wrong as can be and one that it gets right. Without them a model that made no error, or two
 * models that never differed, would have no spread at all, and any number of rows would prove anything. A metric without a
 * worst value per row leaves them out. The value itself never counts them.
 */
export interface BoundMetric {
  /** Rows that count. */
  readonly rows: number;
  /** One weight per row of the outcomes; NaN where such a sample leaves the metric undefined. */
  at(weights: Weights, wrong: number, right: number): number;
  /** Rows that are hit, where the metric is their share: 1 and 0, and 2 for a row that does not count. */
  readonly hits?: Uint8Array;
  /**
   * Its samples lie on one side of the value, because it sums absolute values (as the calibration error does): to correct
   * for that bias makes limits that miss up to twice as often as they say, and those by the standard error do not.
   */
  readonly folded?: {
    /** How far its mean over such samples lies above its value in all rows, at most. */ readonly mostBias: number;
  };
  /** Where it sees of a row only its label and its answer. */
  readonly counts?: CountedMetric;
  /** Where it is a mean of one value per row, or near one when the rows are many; the made-up rows counted once. */
  linear?(): LinearStatistic;
}

export interface CountedMetric {
  /** Metrics of the same object share their counts. */
  readonly outcomes: ClassificationOutcomes;
  of(counts: ClassCounts): number;
}

/** Weighted counts by class: all that recall, precision and F1 are made of. */
export interface ClassCounts {
  /** Rows labelled and answered with the class. */
  readonly right: Float64Array;
  readonly labels: Float64Array;
  readonly answers: Float64Array;
}

/** Fewer rows that count, or fewer of a class, and a sample may have none: then nothing is taken to be near a mean. */
export const fewestLinearRows = 100;

/** One metric: the candidate, and the baselines that it is compared with. */
export interface BootstrappedMetric {
  readonly candidate: BoundMetric;
  readonly baselines: readonly BoundMetric[];
}

export type Weights = Float64Array;

/** A metric that these outcomes do not define, and why. */
export interface UndefinedMetric {
  readonly undefinedBecause: string;
}

export const isUndefined = (metric: BoundMetric | UndefinedMetric): metric is UndefinedMetric =>
  'undefinedBecause' in metric;

/** Value over all rows, each once. */
export function valueOf(metric: BoundMetric, rows: number): number {
  return metric.at(new Float64Array(rows).fill(1), 0, 0);
}

/** Share of hits, or the mean of one value per row within bounds, NaN for rows that do not count. */
export function meanMetric(
  values: Float64Array,
  range: readonly [number, number] | null,
  hits?: Uint8Array,
): BoundMetric {
  const [wrongValue, rightValue] = range ?? [0, 0];
  const bounded = range !== null;
  let rows = 0;
  for (const value of values) if (!Number.isNaN(value)) rows += 1;
  const linear = (): LinearStatistic => meanLinear(values, range, rows);
  return {
    rows,
    ...(hits === undefined ? {} : { hits }),
    ...(rows < fewestLinearRows ? {} : { linear }),
    at(weights, wrong, right) {
      let sum = bounded ? wrong * wrongValue + right * rightValue : 0;
      let total = bounded ? wrong + right : 0;
      for (let row = 0; row < values.length; row += 1) {
        const value = values[row] as number;
        if (Number.isNaN(value)) continue;
        const weight = weights[row] as number;
        sum += weight * value;
        total += weight;
      }
      return total === 0 ? NaN : sum / total;
    },
  };
}

/** A value counts as its distance from the mean, in the share in which rows count. */
function meanLinear(values: Float64Array, range: readonly [number, number] | null, rows: number): LinearStatistic {
  const [wrong, right] = range ?? [NaN, NaN];
  const counted = rows + (range === null ? 0 : 2);
  let sum = range === null ? 0 : wrong + right;
  for (const value of values) if (!Number.isNaN(value)) sum += value;
  const centre = sum / counted;
  const scale = (values.length + 2) / counted;
  const influence = (value: number): number => (Number.isNaN(value) ? 0 : (value - centre) * scale);
  return { centre, rows: values.map(influence), wrong: influence(wrong), right: influence(right) };
}

export function hitMetric(hits: Uint8Array): BoundMetric {
  return meanMetric(
    Float64Array.from(hits, (hit) => (hit === 2 ? NaN : hit)),
    [0, 1],
    hits,
  );
}
