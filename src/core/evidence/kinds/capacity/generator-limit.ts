import type { QuantileBudget } from '../../../contract/contract.ts';
import type { SustainedMeasurements } from './sustained-measurements.ts';
import { standingOfHorizon } from './sustained-interval.ts';

/** A client that sends half of its requests later than this is behind. */
const sendDelayAtMostMs = 10;
/** A client that takes this share of a core has no more to give: it runs on one thread. */
const busyShareAtMost = 0.9;
/** A server that computes nothing must be answered so many times faster than the largest rate that was tried. */
export const ceilingFactor = 1.25;

/**
 * Why the client that sent the requests may have been the limit, for people; null where it is shown that it was not. Times
 * count from when a request was due, so a late client makes the lower limit too low and never too high. Rates that failed are
 * then no evidence against the replica.
 *
 * | shown by | the client is the limit when |
 * |---|---|
 * | send delay | half of the requests of a horizon outside were sent more than 10 ms late |
 * | refused | requests of a horizon outside were not sent, and the most that it may have under way arrives before one is late |
 * | processor | it took 90% of a core |
 * | null server | a server that computes nothing is answered less than 1.25 times as fast as the largest rate tried |
 */
export function generatorLimit(
  { lower, upper, generator }: SustainedMeasurements,
  objective: QuantileBudget | null,
  underWayAtMost: number,
): string | null {
  const tried = [...lower, ...upper];
  const largest = Math.max(0, ...tried.map(({ perSecond }) => perSecond));
  const { ceilingPerSecond, busyShare } = generator;
  if (ceilingPerSecond !== null && ceilingPerSecond < ceilingFactor * largest) {
    return `the client reaches only ${Math.round(ceilingPerSecond)} requests/s at a server that computes nothing`;
  }
  if (busyShare !== null && busyShare >= busyShareAtMost) {
    return `the client took ${Math.round(100 * busyShare)}% of a processor core`;
  }
  const outside = tried.flatMap(({ perSecond, horizons }) =>
    horizons
      .filter((horizon) => standingOfHorizon(horizon, objective, underWayAtMost) === 'outside')
      .map((horizon) => ({ perSecond, ...horizon })),
  );
  const late = Math.max(0, ...outside.map(({ sendDelayMs }) => sendDelayMs));
  if (late > sendDelayAtMostMs) return `the client sent half of the requests more than ${late.toPrecision(2)}ms late`;
  const limitMs = Math.min(Infinity, ...Object.values(objective ?? {}));
  const isBound = outside.some(
    ({ perSecond, refused }) => refused > 0 && (1_000 * generator.underWayAtMost) / perSecond < limitMs,
  );
  return isBound ? `the client may have ${generator.underWayAtMost} requests under way, which the rate exceeds` : null;
}
