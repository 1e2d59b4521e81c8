import type { BootstrappedMetric, BoundMetric } from '../metrics/bound-metric.ts';
import { rowCounter } from '../metrics/confusion-metrics.ts';
import type { ClassificationOutcomes } from '../outcomes.ts';

/** Rows that no counted metric tells apart: those with the same label and the same answer of every version. */
export interface Cells {
  /** Cell by row. */
  readonly cellOf: Int32Array;
  readonly sizes: Float64Array;
  /** A row of each cell. */
  readonly rows: Int32Array;
}

export function cellsOf(versions: readonly ClassificationOutcomes[]): Cells {
  const [first] = versions;
  if (first === undefined) throw new Error('cells of no version');
  const cellOf = new Int32Array(first.labels.length);
  let cells = partition(cellOf, first.labels);
  for (const { predicted } of versions) cells = partition(cellOf, predicted);
  const sizes = new Float64Array(cells);
  const rows = new Int32Array(cells);
  cellOf.forEach((cell, row) => {
    (sizes[cell] as number) += 1;
    rows[cell] = row;
  });
  return { cellOf, sizes, rows };
}

/** Splits each cell by the column, in place; cells are numbered as they come. */
function partition(cellOf: Int32Array, column: Int32Array): number {
  const span = column.reduce((most, value) => Math.max(most, value), 0) + 2;
  const numbers = new Map<number, number>();
  for (let row = 0; row < cellOf.length; row += 1) {
    // An answer that is none of the classes is -1.
    const key = (cellOf[row] as number) * span + (column[row] as number) + 1;
    let cell = numbers.get(key);
    if (cell === undefined) numbers.set(key, (cell = numbers.size));
    cellOf[row] = cell;
  }
  return numbers.size;
}

/** Versions of which the metrics count, each once; the candidate of all first. */
export function countedVersions(metrics: readonly BootstrappedMetric[]): readonly ClassificationOutcomes[] {
  const all = metrics.flatMap(({ candidate, baselines }) =>
    [candidate, ...baselines].flatMap(({ counts }) => (counts === undefined ? [] : [counts.outcomes])),
  );
  return [...new Set(all)];
}

/** Each version is counted once for all its metrics; what is made up as wrong for the candidate is right for the others. */
export function evaluateCells(metrics: readonly BootstrappedMetric[], { rows }: Cells) {
  const candidates = countersOf(
    metrics.map(({ candidate }) => candidate),
    rows,
  );
  const baselines = countersOf(
    metrics.flatMap((metric) => metric.baselines),
    rows,
  );
  return (weights: Float64Array, wrong: number, right: number, into: Float64Array): void => {
    for (const counter of candidates.values()) counter.count(weights, wrong, right);
    for (const counter of baselines.values()) counter.count(weights, right, wrong);
    let place = 0;
    for (const metric of metrics) {
      const value = valueBy(candidates, metric.candidate);
      into[place++] = value;
      for (const baseline of metric.baselines) into[place++] = value - valueBy(baselines, baseline);
    }
  };
}

/** By version: counts the cells anew, and gives the counts to those who ask after. */
type Counters = ReadonlyMap<ClassificationOutcomes, ReturnType<typeof rowCounter>>;

function countersOf(metrics: readonly BoundMetric[], rows: Int32Array): Counters {
  const versions = new Set(metrics.flatMap(({ counts }) => (counts === undefined ? [] : [counts.outcomes])));
  return new Map(
    [...versions].map((outcomes) => {
      const cells = { labels: pick(outcomes.labels, rows), predicted: pick(outcomes.predicted, rows) };
      return [outcomes, rowCounter(outcomes, cells)];
    }),
  );
}
function valueBy(counters: Counters, { counts }: BoundMetric): number {
  const counter = counts === undefined ? undefined : counters.get(counts.outcomes);
  return counts === undefined || counter === undefined ? NaN : counts.of(counter.counts);
}

const pick = (values: Int32Array, rows: Int32Array): Int32Array => rows.map((row) => values[row] as number);
