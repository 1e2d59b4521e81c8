import { answeredPerSecond, type CapacityMeasurements } from '../evidence/kinds/capacity/capacity-measurements.ts';

/** One closed loop as the curve is drawn through it. */
export interface ClosedPoint {
  readonly concurrency: number;
  readonly perSecond: number;
  readonly requests: number;
  /** Mean rows of a batch; null where the server does not say. */
  readonly meanBatchRows: number | null;
}

/** What a curve is fitted to. */
export interface MeasuredPoints {
  readonly protocol: CapacityMeasurements['protocol'];
  readonly closed: readonly ClosedPoint[];
  /** Times of single requests by their rows. */
  readonly rowsAtOnce: CapacityMeasurements['rowsAtOnce'];
  readonly batchLimitRows: number | null;
}

/** Levels at which nothing was answered say nothing about how a replica serves. */
export function pointsOf({
  protocol,
  closed,
  rowsAtOnce,
  batchLimitRows,
}: Pick<CapacityMeasurements, 'protocol' | 'closed' | 'rowsAtOnce' | 'batchLimitRows'>): MeasuredPoints {
  const points = closed.map((level) => ({
    concurrency: level.concurrency,
    perSecond: answeredPerSecond(level),
    requests: level.requests - level.failed,
    meanBatchRows: level.meanBatchRows,
  }));
  return { protocol, rowsAtOnce, batchLimitRows, closed: points.filter(({ perSecond }) => perSecond > 0) };
}

/** Throughput counts as no longer growing from this share of the largest on. */
const saturatedShare = 0.95;

/** The first level that has (nearly) the largest throughput. */
export function saturationOf(closed: readonly ClosedPoint[]): ClosedPoint {
  const largest = Math.max(...closed.map(({ perSecond }) => perSecond));
  const found = closed.find(({ perSecond }) => perSecond >= saturatedShare * largest);
  if (found === undefined) throw new RangeError('no closed loop was measured');
  return found;
}
