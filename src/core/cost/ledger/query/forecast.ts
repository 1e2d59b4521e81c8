import { meanInterval, studentTwoSided } from '../../../statistics/distributions/student-t.ts';
import type { Verdict } from '../../../units/verdict.ts';

/** Money of one whole day. */
export interface DayCost {
  /** Start of the day (UTC), wall milliseconds. */
  readonly dayMs: number;
  readonly micros: number;
}

export interface MonthForecast {
  /** Of the days that are over. */
  readonly spentMicros: number;
  readonly daysLeft: number;
  /** Of the whole month. Null where fewer than 3 days are known. */
  readonly expectedMicros: number | null;
  /** 95% prediction interval of the whole month. */
  readonly lowMicros: number | null;
  readonly highMicros: number | null;
  readonly verdict: Verdict;
  /** One sentence for people. */
  readonly reason: string;
}

const leastDays = 3;
const dayMs = 86_400_000;
const confidence = 0.95;

/**
 * Returns what a month will cost, with a 95% prediction interval, and holds it against a budget.
 *
 * The days left are predicted from the days known, which are taken as independent and alike: with the mean m and the standard
 * deviation s of n days, L days more cost L m, within t(n - 1) s sqrt(L + L^2 / n) (Student's t; the first term is the days
 * left, the second the error of the mean). Weekdays are not told apart: the interval is wide where weekends are cheap. No limit
 * is below what is spent.
 *
 * | the month's interval | verdict |
 * |---|---|
 * | all of it at or below the budget | pass |
 * | all of it above, or more is spent already | fail |
 * | the budget lies in it | inconclusive |
 * | fewer than 3 days known, and no more spent than the budget | unknown |
 *
 * Worked: 10 days of 100 each, 20 left: 3,000 with no width.
 *
 * @param days whole days before `nowMs`, the month's own and earlier ones; days that are missing are not known.
 * @param monthMs start of the month and of the next one.
 */
export function forecastMonth(
  days: readonly DayCost[],
  month: { readonly fromMs: number; readonly toMs: number },
  nowMs: number,
  budgetMicros: number,
): MonthForecast {
  const known = days.filter((day) => day.dayMs + dayMs <= nowMs);
  const spentMicros = known
    .filter((day) => day.dayMs >= month.fromMs && day.dayMs < month.toMs)
    .reduce((sum, { micros }) => sum + micros, 0);
  const daysLeft = Math.max(0, Math.ceil((month.toMs - Math.max(nowMs, month.fromMs)) / dayMs));
  const spent = { spentMicros, daysLeft };
  if (spentMicros > budgetMicros) {
    const reason = `${amount(spentMicros)} are spent, above the budget of ${amount(budgetMicros)}`;
    return { ...spent, ...predict(known, spent), verdict: 'fail', reason };
  }
  const predicted = predict(known, spent);
  const { lowMicros, highMicros } = predicted;
  if (lowMicros === null || highMicros === null) {
    const reason = `${known.length} days are known, and ${leastDays} are needed`;
    return { ...spent, ...predicted, verdict: 'unknown', reason };
  }
  const interval = `${amount(lowMicros)} to ${amount(highMicros)} expected this month, budget ${amount(budgetMicros)}`;
  const verdict = highMicros <= budgetMicros ? 'pass' : lowMicros > budgetMicros ? 'fail' : 'inconclusive';
  return { ...spent, ...predicted, verdict, reason: interval };
}

function predict(
  known: readonly DayCost[],
  { spentMicros, daysLeft }: Pick<MonthForecast, 'spentMicros' | 'daysLeft'>,
): Pick<MonthForecast, 'expectedMicros' | 'lowMicros' | 'highMicros'> {
  if (daysLeft === 0) return { expectedMicros: spentMicros, lowMicros: spentMicros, highMicros: spentMicros };
  if (known.length < leastDays) return { expectedMicros: null, lowMicros: null, highMicros: null };
  const costs = known.map(({ micros }) => micros);
  const n = costs.length;
  const { mean } = meanInterval(costs, confidence);
  const variance = costs.reduce((sum, cost) => sum + (cost - mean) ** 2, 0) / (n - 1);
  const half = studentTwoSided(confidence, n - 1) * Math.sqrt(variance * (daysLeft + daysLeft ** 2 / n));
  const rest = daysLeft * mean;
  return {
    expectedMicros: Math.round(spentMicros + rest),
    lowMicros: Math.round(spentMicros + Math.max(0, rest - half)),
    highMicros: Math.round(spentMicros + rest + half),
  };
}

const amount = (micros: number): string => (micros / 1_000_000).toFixed(2);
