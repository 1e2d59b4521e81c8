import { interpolate, isotonicRegression } from '../statistics/fitting/isotonic.ts';
import { saturationOf, type MeasuredPoints } from './measured-points.ts';
import type { ServiceCurve } from './service-curve.ts';

type SlotsCurve = Extract<ServiceCurve, { kind: 'slots' }>;

/** Requests that run at least this fast beside others do not slow each other down. */
const fullSpeedShare = 0.95;

/**
 * How many requests run at once, and how fast, from closed loops. With c requests under way that take W milliseconds alone,
 * X answers a second are c requests at the speed s = X W / 1000 c (worked: 4 under way of 200 ms, 16 answers a second: 0.8).
 *
 * Throughput stops growing at the number of slots. It lies between two levels that were tried: where the lower one still
 * ran at full speed, it is what throughput amounts to in requests at full speed; otherwise it is the upper level, since
 * slots that slow down and slots that are not there answer equally many. Isotonic regression keeps speeds from rising.
 */
export function fitSlotsCurve({ closed }: Pick<MeasuredPoints, 'closed'>): SlotsCurve {
  const [first] = closed;
  const saturation = saturationOf(closed);
  if (first === undefined) throw new RangeError('no closed loop was measured');
  const meanWorkMs = (1_000 * first.concurrency) / first.perSecond;
  const growing = closed.filter(({ concurrency }) => concurrency <= saturation.concurrency);
  const slots = slotsOf(growing.at(-2), saturation, meanWorkMs);
  const speeds = isotonicRegression(
    growing.map(({ concurrency, perSecond, requests }) => {
      const x = Math.min(concurrency, slots);
      return { x, y: -(perSecond * meanWorkMs) / (1_000 * x), weight: requests };
    }),
  );
  // Between two equal levels interpolation may rise by the last digit, and speeds never rise.
  let slowest = 1;
  const falling = Array.from({ length: slots }, (_, at) => (slowest = Math.min(slowest, -interpolate(speeds, at + 1))));
  return { kind: 'slots', slots, speeds: falling, meanWorkMs };
}

function slotsOf(
  below: { readonly concurrency: number; readonly perSecond: number } | undefined,
  saturation: { readonly concurrency: number; readonly perSecond: number },
  meanWorkMs: number,
): number {
  if (below === undefined) return saturation.concurrency;
  const speedBelow = (below.perSecond * meanWorkMs) / (1_000 * below.concurrency);
  if (speedBelow < fullSpeedShare) return saturation.concurrency;
  const inFullSpeed = Math.round((saturation.perSecond * meanWorkMs) / 1_000 / Math.min(1, speedBelow));
  return Math.min(Math.max(inFullSpeed, below.concurrency), saturation.concurrency);
}
