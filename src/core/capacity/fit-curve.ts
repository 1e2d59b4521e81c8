import { closedLoopRate } from './closed-loop-rate.ts';
import { fitBatchCurve } from './fit-batch.ts';
import { fitSlotsCurve } from './fit-slots.ts';
import type { ClosedPoint, MeasuredPoints } from './measured-points.ts';
import type { ServiceCurve } from './service-curve.ts';

export interface FittedCurve {
  readonly curve: ServiceCurve;
  /** Why it is of that kind, for people. */
  readonly because: string;
  /** Mean over the closed loops of how far the rate that the curve says is from the measured one, as a share of it. */
  readonly meanErrorShare: number;
}

/** Batches count as joined from this mean on: single pairs come about by chance. */
const joinedRows = 1.1;
/** Throughput that grows by this factor over one request at a time shows requests that are served together. */
const togetherFactor = 1.25;

/** Counted batches explain how a server serves while the curve through them is off by at most this share. */
const explainedShare = 0.1;

/**
 * Closed loops cannot tell the two kinds apart: whatever throughput a batch server has, slots of the right speeds have too.
 * So the kind is what is known of the server.
 *
 * | server | kind |
 * |---|---|
 * | of the OpenAI protocol | slots |
 * | counts its batches, and they held more than one row | batch |
 * | counts its batches, and they did not | slots |
 * | does not count, and answers more together than one at a time | batch |
 * | else | slots |
 *
 * A server that reads requests while it computes, or that reading holds up more than computing, does not do one batch after
 * another: then counted batches do not explain its throughput, and the sizes are what is under way instead.
 *
 * @throws RangeError without a closed loop in which something was answered.
 */
export function fitCurve(points: MeasuredPoints): FittedCurve {
  const { kind, because } = kindOf(points);
  if (kind === 'slots') return { ...withError(fitSlotsCurve(points), points), because };
  const underWay = { ...withError(fitBatchCurve(points, 'under-way'), points), because };
  if (points.closed.some(({ meanBatchRows }) => meanBatchRows === null)) return underWay;
  const counted = withError(fitBatchCurve(points, 'counted'), points, (point) => point.meanBatchRows);
  if (counted.meanErrorShare <= explainedShare) return { ...counted, because };
  return { ...underWay, because: `${because}, which do not explain its throughput: sizes are what is under way` };
}

function withError(
  curve: ServiceCurve,
  { closed }: MeasuredPoints,
  rowsOf: (point: ClosedPoint) => number | null = () => null,
): Omit<FittedCurve, 'because'> {
  const errors = closed.map((point) => {
    const rate = closedLoopRate(curve, point.concurrency, rowsOf(point) ?? undefined);
    return Math.abs(rate / point.perSecond - 1);
  });
  return { curve, meanErrorShare: errors.reduce((sum, error) => sum + error, 0) / errors.length };
}

function kindOf({ protocol, closed }: MeasuredPoints): {
  readonly kind: ServiceCurve['kind'];
  readonly because: string;
} {
  if (protocol === 'openai')
    return { kind: 'slots', because: 'servers of the OpenAI protocol run requests side by side' };
  const counted = closed.flatMap(({ meanBatchRows }) => (meanBatchRows === null ? [] : [meanBatchRows]));
  if (counted.length > 0) {
    const largest = Math.max(...counted);
    return largest >= joinedRows
      ? { kind: 'batch', because: `the server counted batches of up to ${largest.toPrecision(2)} rows on average` }
      : { kind: 'slots', because: 'the server counted no batch of more than one request' };
  }
  const single = closed[0]?.perSecond ?? NaN;
  const together = Math.max(...closed.map(({ perSecond }) => perSecond)) / single;
  return together >= togetherFactor
    ? { kind: 'batch', because: `it answers ${together.toPrecision(2)} times as many together as one at a time` }
    : { kind: 'slots', because: 'it answers no more together than one at a time' };
}
