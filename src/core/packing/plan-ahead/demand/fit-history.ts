import { studentTwoSided } from '../../../statistics/distributions/student-t.ts';
import type { WeeklyNoise } from './demand-forecast.ts';
import type { GrowthRange } from './growth-range.ts';

/** The mean rate of one recorded day. */
export interface RecordedDay {
  /** Whole days since 1970-01-01, UTC. */
  readonly day: number;
  readonly ratePerSecond: number;
}

export interface FittedHistory {
  /** Mean of the last seven days. */
  readonly ratePerSecond: number;
  readonly days: number;
  /** Growth from week to week; null for fewer than four whole weeks, or a week without a request. */
  readonly growth: GrowthRange | null;
  /** What moves from week to week beside that growth; null as `growth`. */
  readonly noise: WeeklyNoise | null;
  readonly weekday: WeekdayVerdict;
}

export type WeekdayVerdict =
  /** Factors of the mean rate, Sunday first; their mean is 1. */
  | { readonly used: true; readonly factors: readonly number[]; readonly errorShare: number }
  | { readonly used: false; readonly reason: string };

const daysOfWeek = 7;
const weeksForGrowth = 4;
const weeksForWeekday = 3;
const growthConfidence = 0.9;
/** Of the squared errors without weekdays. */
const errorAtMostShare = 0.9;

/**
 * Returns what recorded days tell of the days to come. Days are consecutive, at least seven, in ascending order.
 *
 * | told | from |
 * |---|---|
 * | rate | the mean of the last seven days |
 * | growth | the mean step of the logarithm of weekly means; 90% interval by Student's t |
 * | noise | the standard deviation of these steps |
 * | weekdays | each day over the mean of its seven days; used where they predict better, see `judgeWeekday` |
 *
 * Weeks are counted back from the last day.
 */
export function fitHistory(recorded: readonly RecordedDay[]): FittedHistory {
  const rates = recorded.map(({ ratePerSecond }) => ratePerSecond);
  const weeks = listWeeks(rates);
  const steps = weeks.slice(1).map((mean, at) => Math.log(mean / (weeks[at] ?? mean)));
  const isWhole = weeks.length >= weeksForGrowth && steps.every(Number.isFinite);
  const { mean, sd } = spreadOf(steps);
  return {
    ratePerSecond: weeks.at(-1) ?? 0,
    days: rates.length,
    growth: isWhole ? growthOf(mean, sd, steps.length) : null,
    noise: isWhole ? { sd, freedom: steps.length - 1 } : null,
    weekday: judgeWeekday(recorded),
  };
}

function growthOf(mean: number, sd: number, count: number): GrowthRange {
  const half = (studentTwoSided(growthConfidence, count - 1) * sd) / Math.sqrt(count);
  const [low, middle, high] = [mean - half, mean, mean + half].map(Math.expm1);
  return { lowShare: low ?? 0, share: middle ?? 0, highShare: high ?? 0, period: 'week' };
}

function spreadOf(values: readonly number[]): { readonly mean: number; readonly sd: number } {
  const mean = meanOf(values);
  const sum = values.reduce((all, value) => all + (value - mean) ** 2, 0);
  return { mean, sd: values.length < 2 ? 0 : Math.sqrt(sum / (values.length - 1)) };
}

const meanOf = (values: readonly number[]): number =>
  values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;

/** Means of the whole weeks, the oldest first. */
function listWeeks(rates: readonly number[]): readonly number[] {
  const first = rates.length % daysOfWeek;
  return Array.from({ length: Math.floor(rates.length / daysOfWeek) }, (_, week) =>
    meanOf(rates.slice(first + week * daysOfWeek, first + (week + 1) * daysOfWeek)),
  );
}

/**
 * Returns the factors of the weekdays where they predict days that they were not made from better than no factors do.
 *
 * The factors are made from the older two thirds of the whole weeks. Each later day is predicted as the mean of the seven days
 * before it, with its factor and without. Squared errors over the square of that mean are summed, and have to be a tenth
 * smaller: noise alone makes them a little smaller by luck. The factors that are returned
 * are then made from all days.
 */
export function judgeWeekday(recorded: readonly RecordedDay[]): WeekdayVerdict {
  const weeks = Math.floor(recorded.length / daysOfWeek);
  if (weeks < weeksForWeekday) return { used: false, reason: `${weeks} whole weeks are recorded, and 3 are needed` };
  const whole = recorded.slice(recorded.length - weeks * daysOfWeek);
  const trained = Math.floor((2 * weeks) / 3) * daysOfWeek;
  const factors = factorsOf(whole.slice(0, trained));
  let [withFactors, without] = [0, 0];
  for (let at = trained; at < whole.length; at += 1) {
    const { day, ratePerSecond } = whole[at] ?? { day: 0, ratePerSecond: 0 };
    const mean = meanOf(whole.slice(at - daysOfWeek, at).map((each) => each.ratePerSecond));
    if (mean === 0) continue;
    withFactors += ((ratePerSecond - mean * (factors[weekdayOf(day)] ?? 1)) / mean) ** 2;
    without += ((ratePerSecond - mean) / mean) ** 2;
  }
  if (!(withFactors < errorAtMostShare * without)) {
    return {
      used: false,
      reason: 'weekdays do not make the error on the last third of the recorded days a tenth smaller',
    };
  }
  return { used: true, factors: factorsOf(whole), errorShare: Math.sqrt(withFactors / without) };
}

/** 1970-01-01 was a Thursday. Returns 0 for a Sunday. */
export const weekdayOf = (day: number): number => (((day + 4) % daysOfWeek) + daysOfWeek) % daysOfWeek;

/** @param days whole weeks. */
function factorsOf(days: readonly RecordedDay[]): readonly number[] {
  const sums = Array.from({ length: daysOfWeek }, () => 0);
  let weeks = 0;
  for (let from = 0; from < days.length; from += daysOfWeek) {
    const week = days.slice(from, from + daysOfWeek);
    const mean = meanOf(week.map(({ ratePerSecond }) => ratePerSecond));
    if (mean === 0) continue;
    weeks += 1;
    for (const { day, ratePerSecond } of week) {
      sums[weekdayOf(day)] = (sums[weekdayOf(day)] ?? 0) + ratePerSecond / mean;
    }
  }
  return sums.map((sum) => (weeks === 0 ? 1 : sum / weeks));
}
