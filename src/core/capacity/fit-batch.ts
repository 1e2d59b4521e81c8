import { interpolate, isotonicRegression, type WeightedPoint } from '../statistics/fitting/isotonic.ts';
import { saturationOf, type ClosedPoint, type MeasuredPoints } from './measured-points.ts';
import type { ServiceCurve } from './service-curve.ts';

type BatchCurve = Extract<ServiceCurve, { kind: 'batch' }>;

/** A curve has at most so many entries: a larger batch is not formed by the replica that it stands for. */
const batchRowsAtMost = 1_024;

/**
 * The time of a batch by its size, in milliseconds, from closed loops of requests of one row.
 *
 * With c requests under way all the time a free server takes them in batches of m rows on average and answers X a second,
 * so that a batch takes 1000 m / X (worked: 4 under way, batches of 3.2 on average, 400 answers a second: 8 ms). That is the
 * time of the whole way round, reading requests and writing answers included: what bounds throughput.
 *
 * | sizes | m is | for |
 * |---|---|---|
 * | counted | what the server counted | servers that do one batch after another |
 * | under way | c, up to the server's limit, or where it tells none as long as throughput grows | all others |
 *
 * Isotonic regression keeps noise from making larger batches faster; between the sizes that were seen lines are drawn.
 * Beyond the largest of them, up to the server's limit, a batch takes longer as requests of many rows do, where they were
 * measured, and as the last two sizes say otherwise.
 */
export function fitBatchCurve(
  { closed, rowsAtOnce, batchLimitRows }: MeasuredPoints,
  sizes: 'counted' | 'under-way',
): BatchCurve {
  const points = isotonicRegression(batchPoints(closed, sizes, batchLimitRows));
  const largestSeen = points.at(-1)?.x ?? 1;
  const limit = Math.max(1, Math.min(batchLimitRows ?? Math.round(largestSeen), batchRowsAtMost));
  const beyond = growthBeyond(points, rowsAtOnce);
  const batchMs = Array.from({ length: limit }, (_, at) => {
    const rows = at + 1;
    return interpolate(points, rows) + (rows > largestSeen ? beyond(rows) : 0);
  });
  // Nothing from outside tells waiting for a fuller batch from computing, so that the wait is in the times.
  return { kind: 'batch', batchMs, maxDelayMs: 0 };
}

function batchPoints(
  closed: readonly ClosedPoint[],
  sizes: 'counted' | 'under-way',
  limit: number | null,
): readonly WeightedPoint[] {
  const largest = Math.max(limit ?? saturationOf(closed).concurrency, closed[0]?.concurrency ?? 1);
  return closed.flatMap(({ concurrency, perSecond, requests, meanBatchRows }) => {
    const x = sizes === 'counted' ? meanBatchRows : concurrency;
    if (x === null || (sizes === 'under-way' && concurrency > largest)) return [];
    return [{ x, y: (1_000 * x) / perSecond, weight: requests }];
  });
}

/** What more rows than the largest batch that was seen add, milliseconds; never negative. */
function growthBeyond(
  points: readonly WeightedPoint[],
  rowsAtOnce: MeasuredPoints['rowsAtOnce'],
): (rows: number) => number {
  const [before, last] = [points.at(-2), points.at(-1)];
  const from = last?.x ?? 1;
  const direct = isotonicRegression(
    rowsAtOnce.map(({ rows, requests, meanMs }) => ({ x: rows, y: meanMs, weight: requests })),
  );
  const [directBefore, directLast] = [direct.at(-2), direct.at(-1)];
  const slope = slopeOf(directBefore, directLast) ?? slopeOf(before, last) ?? 0;
  if (directLast === undefined || direct.length < 2) return (rows) => slope * (rows - from);
  const at = (rows: number): number => interpolate(direct, rows) + slope * Math.max(0, rows - directLast.x);
  return (rows) => at(rows) - at(from);
}

function slopeOf(before: WeightedPoint | undefined, last: WeightedPoint | undefined): number | null {
  if (before === undefined || last === undefined || last.x === before.x) return null;
  return (last.y - before.y) / (last.x - before.x);
}
