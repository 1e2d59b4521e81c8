import { mergedSketches, quantileSketcher, type QuantileSketch } from './quantile-sketch.ts';

/** Numbers in one pass. `standardDeviation` is of the values that are there (divided by their count). */
export interface NumberSummary {
  readonly count: number;
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  readonly standardDeviation: number;
  readonly sketch: QuantileSketch;
}

export interface NumberSummarizer {
  add(value: number): void;
  /** Null for no values. */
  summary(): NumberSummary | null;
}

/** Mean and deviation by Welford's recurrence (Technometrics 4, 1962), which loses no digits on large means. */
export function numberSummarizer(): NumberSummarizer {
  const sketcher = quantileSketcher();
  let count = 0;
  let min = Infinity;
  let max = -Infinity;
  let mean = 0;
  let squares = 0;
  return {
    add(value) {
      count += 1;
      if (value < min) min = value;
      if (value > max) max = value;
      const before = value - mean;
      mean += before / count;
      squares += before * (value - mean);
      sketcher.add(value);
    },
    summary: () =>
      count === 0
        ? null
        : {
            count,
            min,
            max,
            mean,
            standardDeviation: Math.sqrt(Math.max(0, squares) / count),
            sketch: sketcher.sketch(),
          },
  };
}

/** Of two parts, as of the whole: Chan, Golub, LeVeque (The American Statistician 37, 1983). */
export function mergedNumbers(a: NumberSummary | null, b: NumberSummary | null): NumberSummary | null {
  if (a === null || b === null) return a ?? b;
  const count = a.count + b.count;
  const apart = b.mean - a.mean;
  const squares =
    a.standardDeviation ** 2 * a.count + b.standardDeviation ** 2 * b.count + (apart ** 2 * a.count * b.count) / count;
  return {
    count,
    min: Math.min(a.min, b.min),
    max: Math.max(a.max, b.max),
    mean: a.mean + (apart * b.count) / count,
    standardDeviation: Math.sqrt(squares / count),
    sketch: mergedSketches([a.sketch, b.sketch]),
  };
}
