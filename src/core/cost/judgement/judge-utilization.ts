import type { CostSection } from '../../contract/contract.ts';
import { formatElapsed } from '../../units/quantity/quantity-duration.ts';
import type { Judgement } from '../../units/verdict.ts';
import { percent } from './judge-attribution.ts';
import { dayMs, heldOf, hoursWithin, type ServiceAccount } from './service-account.ts';

/** Lower limit of `cost.utilization`. */
export type UtilizationLimit = NonNullable<CostSection['utilization']>;

/**
 * Returns whether the filled share of the time that a service holds, over the last 24 hours, is above the limit.
 *
 *     share = filled / (serving + idle + loading + draining)
 *
 * Filled time is what the work takes at the measured capacity. Time whose fill is not known (no capacity measured, or
 * unattributable) is counted both ways: all of it empty gives the lower bound, all of it filled the upper one.
 *
 * | # | known | verdict |
 * |---|---|---|
 * | 1 | no time of the service | unknown |
 * | 2 | all serving time without a measured capacity | unknown |
 * | 3 | less than 24 hours since the service first held a device | inconclusive |
 * | 4 | the lower bound holds the limit | pass |
 * | 5 | the upper bound does not hold it | fail |
 * | 6 | the limit lies between the bounds | inconclusive |
 *
 * Worked: of 24 h, 6 h filled and 2 h unattributable: 25% to 33%. A limit of 20% passes, one of 30% is inconclusive, one of 40%
 * fails.
 */
export function judgeUtilization(account: ServiceAccount, limit: UtilizationLimit): Judgement {
  const hours = hoursWithin(account, dayMs);
  const sum = (of: (hour: (typeof hours)[number]) => number): number =>
    hours.reduce((total, hour) => total + of(hour), 0);
  const lostMs = sum(({ stateMs }) => stateMs.unattributable);
  const allMs = sum(heldOf) + lostMs;
  if (allMs <= 0)
    return unknown('utilization is not known: no device time of the service is recorded in the last 24 h');
  const [servingMs, unratedMs] = [sum(({ stateMs }) => stateMs.serving), sum(({ unratedMs: ms }) => ms)];
  if (servingMs > 0 && unratedMs >= servingMs) {
    return unknown('utilization is not known: no capacity is measured (`plimsoll capacity`)');
  }
  const filledMs = sum(({ filledMs: ms }) => ms);
  const [low, high] = [filledMs / allMs, (filledMs + unratedMs + lostMs) / allMs];
  const share = low === high ? percent(low) : `${percent(low)} to ${percent(high)}`;
  const wanted = `\`${limit.operator}${percent(limit.share)}\``;
  const said = `utilization is ${share} of ${formatElapsed(allMs)}, the limit is ${wanted}`;
  const knownMs = knownOf(account);
  if (knownMs < dayMs) {
    const reason = `${said}; it is judged once 24 h are recorded, and ${formatElapsed(knownMs)} are`;
    return { verdict: 'inconclusive', reasons: [reason] };
  }
  const holds = (value: number): boolean => (limit.operator === '>' ? value > limit.share : value >= limit.share);
  return { verdict: holds(low) ? 'pass' : holds(high) ? 'inconclusive' : 'fail', reasons: [said] };
}

/** How long ago the service first held a device; a day where it is longer ago than that. */
const knownOf = ({ days, hours, toMs }: ServiceAccount): number =>
  days.length > 0 ? dayMs : Math.min(dayMs, toMs - (hours[0]?.hourMs ?? toMs));

const unknown = (reason: string): Judgement => ({ verdict: 'unknown', reasons: [reason] });
