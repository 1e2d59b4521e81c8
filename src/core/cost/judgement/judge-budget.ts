import type { CostSection } from '../../contract/contract.ts';
import { forecastMonth } from '../ledger/query/forecast.ts';
import type { Judgement } from '../../units/verdict.ts';
import { formatElapsed } from '../../units/quantity/quantity-duration.ts';
import { formatMoney } from './format-money.ts';
import { dayMs, listDays, type DayMoney, type ServiceAccount } from './service-account.ts';

export type Budget = NonNullable<CostSection['budget']>;

/** Days that a forecast looks back at most: older ones tell of another service. */
const daysBackAtMost = 30;

/**
 * Returns whether a service stays within its budget. A budget of an amount per span is a limit for every span of that length; a
 * month is 30 days. Whole days are judged: a budget for an hour is that of a day at the same rate.
 *
 * | # | known | verdict |
 * |---|---|---|
 * | 1 | no time of the service | unknown |
 * | 2 | time without a price, or with one in another currency than the budget's | unknown |
 * | 3 | the last span, today (UTC) included, cost more than the budget | fail |
 * | 4 | the most that the contract lets run costs at most the budget | pass |
 * | 5 | fewer than 3 whole days | inconclusive, with the rate of the time so far |
 * | 6 | the next span is expected at or below the budget, with all of its 95% interval | pass |
 * | 7 | with all of it above | fail |
 * | 8 | the budget lies in the interval | inconclusive |
 *
 * Row 3 is certain: today is not over, so it adds up less than the span. Row 4 gives a new service an answer
 * before it has a history. Rows 6 to 8 are `forecastMonth` of the next span from the whole days before it, 30 at most.
 *
 * Worked: 5.00 a day, one replica of one core at 0.04 an hour. Four releases at once would cost 3.84 a day: pass by row 4.
 *
 * @param mostMicrosPerHour the most that the contract lets run, in the currency of the budget; null where that is not known.
 */
export function judgeBudget(account: ServiceAccount, budget: Budget, mostMicrosPerHour: number | null): Judgement {
  const spanDays = Math.max(1, Math.ceil(budget.perMs / dayMs));
  const limitMicros = Math.round(((budget.amount * spanDays * dayMs) / budget.perMs) * 1_000_000);
  const money = (micros: number): string => formatMoney(micros, budget.currency);
  const span = spanDays === 1 ? 'day' : `${spanDays} days`;
  const limit = `the budget is ${money(limitMicros)} ${spanDays === 1 ? 'a' : 'for'} ${span}`;
  if (account.hours.length === 0) return judged('unknown', 'no device time of the service is recorded yet');
  const all = listDays(account);
  const today = Math.floor(account.toMs / dayMs) * dayMs;
  const window = all.filter((day) => day.dayMs > today - spanDays * dayMs);
  const problem = findUnpriced(window, budget.currency);
  if (problem !== null) return judged('unknown', problem);
  const spentMicros = window.reduce((sum, { micros }) => sum + micros, 0);
  if (spentMicros > limitMicros) {
    return judged(
      'fail',
      `${spanDays === 1 ? 'today (UTC)' : `the last ${span}`} cost ${money(spentMicros)}; ${limit}`,
    );
  }
  const mostMicros = mostMicrosPerHour === null ? null : mostMicrosPerHour * 24 * spanDays;
  if (mostMicros !== null && mostMicros <= limitMicros) {
    return judged('pass', `the most that the contract lets run costs ${money(mostMicros)} in a ${span}; ${limit}`);
  }
  const next = { fromMs: account.toMs, toMs: account.toMs + spanDays * dayMs };
  const days = wholeDays(all, account, budget.currency);
  const { lowMicros, highMicros } = forecastMonth(days, next, account.toMs, limitMicros);
  if (lowMicros === null || highMicros === null) {
    const rate = `at the rate of the last hours ${span === 'day' ? 'a day costs' : `${span} cost`} ${money(rateOf(account) * spanDays)}`;
    return judged('inconclusive', `${rate}; ${limit}; a forecast needs 3 whole days, and ${days.length} are recorded`);
  }
  const verdict = highMicros <= limitMicros ? 'pass' : lowMicros > limitMicros ? 'fail' : 'inconclusive';
  const expected = `${money(lowMicros)} to ${money(highMicros)} are expected for the next ${span}`;
  return judged(verdict, `${expected} (95%, from ${days.length} days); ${limit}`);
}

/** Millionths a day, at the rate of the hours that are kept. */
function rateOf({ hours, toMs }: ServiceAccount): number {
  const lastedMs = toMs - (hours[0]?.hourMs ?? toMs);
  return lastedMs <= 0 ? 0 : (hours.reduce((sum, { micros }) => sum + micros, 0) * dayMs) / lastedMs;
}

function findUnpriced(days: readonly DayMoney[], currency: string): string | null {
  const other = days.find((day) => day.currency !== null && day.currency !== currency);
  if (other !== undefined) return `prices are in ${other.currency ?? ''}, and the budget is in ${currency}`;
  const unpricedMs = days.reduce((sum, day) => sum + day.unpricedMs, 0);
  return unpricedMs === 0 ? null : `${formatElapsed(unpricedMs)} of device time have no price`;
}

/**
 * Days that the account covers from end to end and that have prices throughout. The first one is left out: the service may have
 * begun at noon.
 */
function wholeDays(
  all: readonly DayMoney[],
  { fromMs, toMs }: ServiceAccount,
  currency: string,
): readonly { readonly dayMs: number; readonly micros: number }[] {
  const [first] = all;
  if (first === undefined) return [];
  const isUsable = (day: DayMoney): boolean => day.unpricedMs === 0 && (day.currency ?? currency) === currency;
  const refused = all.filter((day) => !isUsable(day)).at(-1) ?? first;
  const beginMs = Math.max(refused.dayMs + dayMs, first.dayMs + dayMs, Math.ceil(fromMs / dayMs) * dayMs);
  const micros = new Map(all.map((day) => [day.dayMs, day.micros]));
  const days: { dayMs: number; micros: number }[] = [];
  for (let day = beginMs; day + dayMs <= toMs; day += dayMs) days.push({ dayMs: day, micros: micros.get(day) ?? 0 });
  return days.slice(-daysBackAtMost);
}

const judged = (verdict: Judgement['verdict'], reason: string): Judgement => ({ verdict, reasons: [reason] });
