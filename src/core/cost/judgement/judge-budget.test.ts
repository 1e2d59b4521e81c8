import { describe, expect, test } from 'vitest';
import { serviceAccount, serviceHour } from '../../../testing/builders/cost/account-builders.ts';
import { hour, hour0 } from '../../../testing/builders/cost/ledger-builders.ts';
import { judgeBudget } from './judge-budget.ts';
import { dayMs, type DayMoney } from './service-account.ts';

const euros = (amount: number): number => amount * 1_000_000;
const perDay = (amount: number) => ({ amount, currency: 'EUR', perMs: dayMs });
const perMonth = (amount: number) => ({ amount, currency: 'EUR', perMs: 30 * dayMs });
const priced = (index: number, amount: number) =>
  serviceHour(index, { idle: hour }, { currency: 'EUR', micros: euros(amount) });
const days = (...amounts: readonly number[]): readonly DayMoney[] =>
  amounts.map((amount, index) => ({
    ...{ dayMs: hour0 + index * dayMs, currency: 'EUR', micros: euros(amount), unpricedMs: 0 },
  }));
/** Whole days since `hour0`, and one hour of the next. */
const after = (amounts: readonly number[], today: number) =>
  serviceAccount([priced(24 * amounts.length, today)], { days: days(...amounts) });

describe('judgeBudget', () => {
  test('a new service passes where the most that may run is within the budget', () => {
    const account = serviceAccount([priced(0, 0.04)]);
    expect(judgeBudget(account, perDay(3.84), euros(0.16))).toEqual({
      verdict: 'pass',
      reasons: ['the most that the contract lets run costs 3.84 EUR in a day; the budget is 3.84 EUR a day'],
    });
    expect(judgeBudget(account, perDay(3.83), euros(0.16)).verdict).toBe('inconclusive');
    expect(judgeBudget(account, perDay(3.84), null).verdict).toBe('inconclusive');
  });

  test('without a history it says the rate so far, and what is missing', () => {
    expect(judgeBudget(serviceAccount([priced(0, 0.5), priced(1, 0.3)]), perDay(10), null).reasons).toEqual([
      'at the rate of the last hours a day costs 9.60 EUR; the budget is 10.00 EUR a day; a forecast needs 3 whole days, and 0 are recorded',
    ]);
  });

  test('what is spent already fails, whatever else is known', () => {
    const account = after([1, 1, 1], 5.5);
    expect(judgeBudget(account, perDay(5), euros(0.01))).toEqual({
      verdict: 'fail',
      reasons: ['today (UTC) cost 5.50 EUR; the budget is 5.00 EUR a day'],
    });
    expect(judgeBudget(account, perMonth(8), null).reasons).toEqual([
      'the last 30 days cost 8.50 EUR; the budget is 8.00 EUR for 30 days',
    ]);
  });

  test('yesterday does not count for a budget of a day', () => {
    expect(judgeBudget(after([1, 1, 1, 9], 0.1), perDay(5), euros(0.1)).verdict).toBe('pass');
  });

  test.each([
    [4.01, 'pass'],
    [3.99, 'fail'],
  ] as const)('days that are alike have a forecast without width: a budget of %s', (budget, verdict) => {
    expect(judgeBudget(after([2, 4, 4, 4], 0.1), perDay(budget), null).verdict).toBe(verdict);
  });

  test('the budget lies in the interval', () => {
    // 3, 4, 5: mean 4, deviation 1, t(2) 4.303, sqrt(1 + 1/3) 1.1547: 4 +- 4.97.
    expect(judgeBudget(after([1, 3, 4, 5], 0.1), perDay(5), null)).toEqual({
      verdict: 'inconclusive',
      reasons: ['0.00 EUR to 8.97 EUR are expected for the next day (95%, from 3 days); the budget is 5.00 EUR a day'],
    });
    expect(judgeBudget(after([1, 3, 4, 5], 0.1), perDay(9), null).verdict).toBe('pass');
  });

  test('a month is 30 days, an hour is judged as a day at its rate', () => {
    expect(judgeBudget(after([1, 4, 4, 4], 0.1), perMonth(121), null).verdict).toBe('pass');
    expect(judgeBudget(after([1, 4, 4, 4], 0.1), perMonth(119), null).verdict).toBe('fail');
    const hourly = { amount: 0.2, currency: 'EUR', perMs: hour };
    expect(judgeBudget(after([1, 4, 4, 4], 0.1), hourly, null).verdict).toBe('pass');
    expect(judgeBudget(after([1, 4, 4, 4], 4.81), hourly, null).verdict).toBe('fail');
  });

  test('the first day is no whole day, and days without the service cost nothing', () => {
    const gaps = days(4, 4, 4, 4).filter((_, index) => index !== 2);
    const account = serviceAccount([priced(24 * 4, 0)], { days: gaps });
    // 4, 0, 4: mean 2.67, deviation 2.31, half width 11.48.
    expect(judgeBudget(account, perDay(5), null).reasons[0]).toContain('0.00 EUR to 14.14 EUR');
    expect(judgeBudget(after([4, 4, 4], 0), perDay(5), null).verdict).toBe('inconclusive');
  });

  test('is unknown without prices, and with those of another currency', () => {
    const unpriced = serviceHour(0, { idle: hour }, { unpricedMs: hour });
    expect(judgeBudget(serviceAccount([unpriced]), perDay(5), euros(0.01))).toEqual({
      verdict: 'unknown',
      reasons: ['1h 0m of device time have no price'],
    });
    const dollars = serviceHour(0, { idle: hour }, { currency: 'USD', micros: 1 });
    expect(judgeBudget(serviceAccount([dollars]), perDay(5), euros(0.01))).toEqual({
      verdict: 'unknown',
      reasons: ['prices are in USD, and the budget is in EUR'],
    });
    expect(judgeBudget(serviceAccount([]), perDay(5), euros(0.01)).verdict).toBe('unknown');
  });

  test('days before prices were stated are no history of 0', () => {
    const [first, second, ...rest] = days(4, 0, 4, 4, 4);
    if (first === undefined || second === undefined) throw new Error('no days');
    const some = [first, { ...second, currency: null, unpricedMs: hour }, ...rest];
    const account = serviceAccount([priced(24 * 5, 0.1)], { days: some });
    expect(judgeBudget(account, perDay(5), null).reasons[0]).toContain('4.00 EUR to 4.00 EUR');
  });
});
