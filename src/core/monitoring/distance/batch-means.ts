/**
 * The mean of rows that depend on each other, with constant memory: rows are summed in batches, and when 48 are full,
 * neighbours are joined, so that a batch has twice as many rows. The means of long batches hardly depend on each other.
 */
export interface BatchMeans {
  rows: number;
  /** Rows of a full batch: 8, 16, 32, ... */
  batchRows: number;
  /** Of the full batches, in order. */
  sums: number[];
  openSum: number;
  openRows: number;
  /** Of single rows, for their correlation with the row before. */
  sum: number;
  squares: number;
  products: number;
  last: number;
}

export const leastBatches = 24;
const mostBatches = 2 * leastBatches;
const firstBatchRows = 8;
/** A batch has at least so many decorrelation times. */
const decorrelationTimes = 5;
/** Means of batches of five decorrelation times have a correlation of 0.1 (of an AR(1) process: tau / (2 x rows)). */
const mostCorrelation = 0.1;

export const beginBatches = (): BatchMeans => ({
  rows: 0,
  batchRows: firstBatchRows,
  sums: [],
  openSum: 0,
  openRows: 0,
  sum: 0,
  squares: 0,
  products: 0,
  last: 0,
});

/** Rows until the open batch is full. */
export const roomOf = ({ batchRows, openRows }: BatchMeans): number => batchRows - openRows;

/** Adds bounded numbers to the open batch, from one place to another (without it): no more than it has room for. */
export function addToBatch(to: BatchMeans, values: Float64Array, from: number, end: number): void {
  let { sum, squares, products, openSum, last } = to;
  for (let at = from; at < end; at += 1) {
    const value = values[at] ?? 0;
    if (to.rows + at > from) products += value * last;
    sum += value;
    squares += value * value;
    openSum += value;
    last = value;
  }
  to.rows += end - from;
  to.openRows += end - from;
  to.sum = sum;
  to.squares = squares;
  to.products = products;
  to.openSum = openSum;
  to.last = last;
}

/** Closes a full batch. @returns true when the number of full batches is one at which limits may be looked at. */
export function closeBatch(to: BatchMeans): boolean {
  to.sums.push(to.openSum);
  to.openSum = 0;
  to.openRows = 0;
  if (to.sums.length === mostBatches) {
    to.sums = Array.from({ length: leastBatches }, (_, at) => (to.sums[2 * at] ?? 0) + (to.sums[2 * at + 1] ?? 0));
    to.batchRows *= 2;
  }
  return to.sums.length === leastBatches || to.sums.length === leastBatches + leastBatches / 2;
}

/** The rows at which the next look comes. */
export function rowsToNextLook({ rows, batchRows, sums }: BatchMeans): number {
  const half = leastBatches + leastBatches / 2;
  const next = sums.length < leastBatches ? leastBatches : sums.length < half ? half : mostBatches;
  return next * batchRows - rows;
}

export interface MeanEstimate {
  readonly mean: number;
  readonly standardError: number;
  readonly batches: number;
}

/** Mean and its standard error by the full batches; or how many rows a batch needs, where they still depend on each other. */
export function estimateMean(from: BatchMeans): MeanEstimate | { readonly batchRowsNeeded: number } {
  const { correlation, margin, ...estimate } = estimateBatches(from);
  const needed = decorrelationTimes * decorrelationRows(from);
  if (from.batchRows < needed) return { batchRowsNeeded: Math.ceil(needed) };
  return correlation > mostCorrelation + margin ? { batchRowsNeeded: 2 * from.batchRows } : estimate;
}

/**
 * By batches of twice as many rows, half as many of them. Where batches seem to depend on each other by chance, these say how
 * far the mean may be at most; their fewer degrees of freedom make its interval wider. Null where they depend on each other too.
 */
export function estimateByPairs(from: BatchMeans): MeanEstimate | null {
  const sums = Array.from(
    { length: Math.floor(from.sums.length / 2) },
    (_, at) => (from.sums[2 * at] ?? 0) + (from.sums[2 * at + 1] ?? 0),
  );
  const estimate = estimateMean({ ...from, sums, batchRows: 2 * from.batchRows });
  return 'batchRowsNeeded' in estimate ? null : estimate;
}

/** The same whether or not batches depend on each other: for who knows from elsewhere how long they do. */
export function estimateBatches(
  from: BatchMeans,
): MeanEstimate & { readonly correlation: number; readonly margin: number } {
  const batches = from.sums.length;
  const means = from.sums.map((sum) => sum / from.batchRows);
  const mean = means.reduce((sum, each) => sum + each, 0) / batches;
  const squares = means.reduce((sum, each) => sum + (each - mean) ** 2, 0);
  const products = means.slice(1).reduce((sum, each, at) => sum + (each - mean) * ((means[at] ?? 0) - mean), 0);
  const correlation = squares === 0 ? 0 : products / squares;
  // The estimate of a correlation has itself a standard error of 1 / sqrt(batches). Half of it keeps the promise where noise
  // hides from single rows how long they depend on each other (distance.test.ts).
  const margin = 0.5 / Math.sqrt(batches);
  const kept = Math.min(0.99, Math.max(0, correlation + margin));
  const variance = (squares / (batches - 1)) * ((1 + kept) / (1 - kept));
  return { mean, standardError: Math.sqrt(variance / batches), batches, correlation, margin };
}

/** -1 / ln(correlation of neighbouring rows); 0 where there is none. */
function decorrelationRows({ rows, sum, squares, products }: BatchMeans): number {
  const mean = sum / rows;
  const variance = squares / rows - mean * mean;
  const correlation = variance <= 1e-12 ? 0 : (products / (rows - 1) - mean * mean) / variance;
  if (correlation <= 0) return 0;
  return -1 / Math.log(Math.min(0.9999, correlation));
}
