import type { QuantileBudget } from '../../contract/contract.ts';
import { answeredPerSecond, type ClosedLevel } from '../../evidence/kinds/capacity/capacity-measurements.ts';
import { kneeOf, standingOf } from '../../evidence/kinds/capacity/sustained-rate.ts';
import type { TriedRate } from '../rate-search.ts';
import type { SearchedRates } from './next-horizon.ts';

/**
 * The throughput of the largest closed loop inside the objective, below the first that is not; of one request at a time
 * where none is; the knee's without an objective. Null where one at a time is proven to miss it: then no rate is inside.
 */
export function promisedRate(closed: readonly ClosedLevel[], objective: QuantileBudget | null): number | null {
  const [single] = closed;
  if (single === undefined || single.failed === single.requests) return null;
  if (objective === null) return answeredPerSecond(kneeOf(closed) ?? single);
  if (standingOf(single, objective) === 'misses') return null;
  const firstOutside = closed.findIndex((level) => !isInside(level, objective));
  const inside = firstOutside === -1 ? closed : closed.slice(0, firstOutside);
  return Math.max(...(inside.length === 0 ? [single] : inside).map(answeredPerSecond));
}

function isInside({ quantiles }: ClosedLevel, objective: QuantileBudget): boolean {
  return Object.entries(objective).every(([name, limitMs]) => (quantiles[name]?.valueMs ?? Infinity) <= limitMs);
}

const loadWithoutObjective = 0.85;

/**
 * What the tried rates leave for the horizons. Where none held, horizons begin at four fifths of the smallest. No rate above the
 * largest throughput of the closed loops lasts, however a short run of it went. Without an objective nothing bounds the queue
 * but that throughput: horizons begin at 85% of it.
 */
export function searchedRates(
  tried: readonly TriedRate[],
  closed: readonly ClosedLevel[],
  objective: QuantileBudget | null,
): SearchedRates {
  const failed = tried.filter(({ held }) => !held).map(({ perSecond }) => perSecond);
  const lowestFailed = Math.min(Infinity, ...failed);
  const held = tried.filter((one) => one.held && one.perSecond < lowestFailed).map(({ perSecond }) => perSecond);
  const smallest = Math.min(Infinity, ...tried.map(({ perSecond }) => perSecond));
  const most = (objective === null ? loadWithoutObjective : 1) * Math.max(...closed.map(answeredPerSecond));
  return {
    heldPerSecond: tried.length === 0 ? null : Math.min(held.length > 0 ? Math.max(...held) : 0.8 * smallest, most),
    failedPerSecond: failed.length > 0 ? lowestFailed : null,
  };
}
