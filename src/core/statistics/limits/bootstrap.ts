import { normalCdf, normalQuantile } from '../distributions/normal.ts';
import type { Random } from '../random.ts';

/**
 * Bootstrap of rows: of n rows and two made-up ones (one as wrong as can be, one right), n + 2 are drawn with replacement,
 * and every statistic is computed with the number of times that each row was drawn as its weight. All statistics see the
 * same draws, so that a difference of two is a paired one.
 */
export interface BootstrapQuestion {
  readonly rows: number;
  /** How many numbers `evaluate` writes. */
  readonly statistics: number;
  /** Writes each statistic for these weights into `into`; NaN where it is not defined. Keeps neither array. */
  evaluate(weights: Float64Array, wrong: number, right: number, into: Float64Array): void;
  readonly random: Random;
  readonly replicates: number;
}

/** By statistic. */
export interface BootstrapResult {
  /** With the made-up rows counted once: what the samples scatter about. */
  readonly centre: number;
  /** Sorted; samples in which the statistic was not defined are left out. */
  readonly samples: Float64Array;
  readonly acceleration: number;
  readonly standardError: number;
}

/** Leave-out groups of the jackknife: enough that the noise of the acceleration, 0.65 / groups, is far below its effect. */
export const jackknifeGroups = 200;

/** Yields how much is done, 0 to 1, every few samples. */
export function* bootstrap(question: BootstrapQuestion): Generator<number, readonly BootstrapResult[]> {
  const { rows, statistics, evaluate, random, replicates } = question;
  const weights = new Float64Array(rows + 2);
  const inner = weights.subarray(0, rows);
  const values = new Float64Array(statistics);
  const evaluateInto = (): void => evaluate(inner, weights[rows] as number, weights[rows + 1] as number, values);
  const columns = Array.from({ length: statistics }, () => new Float64Array(replicates));
  // About ten million steps between two yields.
  const perYield = Math.max(1, Math.floor(2_000_000 / ((rows + 1) * (statistics + 1))));
  weights.fill(1);
  evaluateInto();
  const centres = Float64Array.from(values);
  const accelerations = yield* jackknife(question, weights, evaluateInto, values);
  for (let replicate = 0; replicate < replicates; replicate += 1) {
    weights.fill(0);
    for (let draw = 0; draw < rows + 2; draw += 1) (weights[random.nextBelow(rows + 2)] as number) += 1;
    evaluateInto();
    for (let index = 0; index < statistics; index += 1) {
      (columns[index] as Float64Array)[replicate] = values[index] as number;
    }
    if (replicate % perYield === 0) yield (replicate + 1) / replicates;
  }
  return columns.map((column, index) => summarise(column, centres[index] as number, accelerations[index] as number));
}

/** Skewness of the influence of the rows: Efron 1987, equation 6.6, by leaving out groups of rows. */
function* jackknife(
  { rows, statistics }: BootstrapQuestion,
  weights: Float64Array,
  evaluateInto: () => void,
  values: Float64Array,
): Generator<number, Float64Array> {
  const groups = Math.min(rows, jackknifeGroups);
  const left = Array.from({ length: statistics }, () => new Float64Array(groups));
  for (let group = 0; group < groups; group += 1) {
    weights.fill(1);
    for (let row = group; row < rows; row += groups) weights[row] = 0;
    evaluateInto();
    for (let index = 0; index < statistics; index += 1) {
      (left[index] as Float64Array)[group] = values[index] as number;
    }
    if (group % 20 === 0) yield 0;
  }
  return Float64Array.from(left, (column) => accelerationOf(column, null));
}

/** Of the values with each group left out; `counts` says how often each of them stands for a group. */
export function accelerationOf(left: Float64Array, counts: Float64Array | null): number {
  const countOf = (index: number): number => counts?.[index] ?? 1;
  const total = left.reduce((sum, _, index) => sum + countOf(index), 0);
  const mean = left.reduce((sum, value, index) => sum + countOf(index) * value, 0) / total;
  let squares = 0;
  let cubes = 0;
  left.forEach((value, index) => {
    squares += countOf(index) * (mean - value) ** 2;
    cubes += countOf(index) * (mean - value) ** 3;
  });
  const acceleration = cubes / (6 * squares ** 1.5);
  return Number.isFinite(acceleration) ? acceleration : 0;
}

export function summarise(column: Float64Array, centre: number, acceleration: number): BootstrapResult {
  const samples = column.filter((value) => !Number.isNaN(value)).sort();
  const mean = samples.reduce((sum, value) => sum + value, 0) / samples.length;
  const squares = samples.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { centre, samples, acceleration, standardError: Math.sqrt(squares / Math.max(samples.length - 1, 1)) };
}

/** One-sided limits by the bias-corrected and accelerated percentile method (Efron 1987). */
export function acceleratedLimits(result: BootstrapResult, confidenceShare: number) {
  const { centre, samples, acceleration } = result;
  const below = samples.reduce((sum, value) => sum + (value < centre ? 1 : value === centre ? 0.5 : 0), 0);
  // Kept off 0 and 1, where the correction would be infinite.
  const share = Math.min(Math.max(below, 0.5), samples.length - 0.5) / samples.length;
  const bias = normalQuantile(share);
  const level = (tail: number): number => {
    const shifted = bias + normalQuantile(tail);
    return normalCdf(bias + shifted / (1 - acceleration * shifted));
  };
  return {
    lower: quantileOf(samples, level(1 - confidenceShare)),
    upper: quantileOf(samples, level(confidenceShare)),
  };
}

/** One-sided limits by a normal variable with the standard error of the samples, about the centre. */
export function normalLimits({ centre, standardError }: BootstrapResult, confidenceShare: number) {
  const half = normalQuantile(confidenceShare) * standardError;
  return { lower: centre - half, upper: centre + half };
}

/** One-sided limits by the plain percentiles of the samples. */
export function percentileLimits({ samples }: BootstrapResult, confidenceShare: number) {
  return { lower: quantileOf(samples, 1 - confidenceShare), upper: quantileOf(samples, confidenceShare) };
}

/** Quantile of sorted samples at (B + 1) level, between neighbours (Hyndman and Fan 1996, definition 6). */
export function quantileOf(sorted: Float64Array, level: number): number {
  const place = level * (sorted.length + 1) - 1;
  const below = Math.min(Math.max(Math.floor(place), 0), sorted.length - 1);
  const above = Math.min(Math.max(Math.ceil(place), 0), sorted.length - 1);
  const [low, high] = [sorted[below] as number, sorted[above] as number];
  return low + (high - low) * Math.min(Math.max(place - below, 0), 1);
}
