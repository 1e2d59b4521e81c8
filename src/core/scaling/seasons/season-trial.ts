import { meanInterval } from '../../statistics/distributions/student-t.ts';
import { tenMinutesMs } from './arrival-day.ts';
import { slotsOfDay, type LocalDay } from './local-day.ts';
import { profileOf, type SeasonProfile } from './season-profile.ts';

/** What a season is held to. */
export interface TrialTerms {
  /** Until capacity that is ordered now serves, milliseconds. */
  readonly horizonMs: number;
  /** Share of the requests that have to be in time, 0.99 for `p99`: too low a forecast weighs so much, too high a one the rest. */
  readonly attainmentShare: number;
}

/** Losses of one day that was held out, in the same unit: a forecast of nothing but the past, that with the mean, that with the season. */
export interface HeldOutDay {
  readonly number: number;
  readonly none: number;
  readonly flat: number;
  readonly season: number;
}

export interface SeasonTrial {
  /** Whether the season is used after the newest day. */
  readonly used: boolean;
  /** The newest days that were held out, oldest first: at most `judgedDays`. */
  readonly days: readonly HeldOutDay[];
}

/** A season is learned from the newest six weeks. */
export const learnedDays = 42;
const judgedDays = 28;
const recentDays = 7;
const leastDays = 4;
/** A season that gains less than this share of the other's loss is not worth a habit. */
const leastGainShare = 0.1;
/** Of the two-sided interval, so that each one-sided test is at 95%. */
const confidence = 0.9;

/**
 * Returns whether a season predicts better than none, out of sample: each day is predicted by the days before it, and by none after it.
 *
 * The three forecasts of a slot are what a scaler would size for. It sees arrivals until one horizon ago, so that without a season it
 * expects `own`: the mean of the rate one horizon ago over the slot.
 *
 * | forecast | value |
 * |---|---|
 * | none | own |
 * | flat | the larger of own and the mean of the days before |
 * | season | the larger of own and what is usual at this slot |
 *
 * Its loss is that of the quantile that the objective asks for (Koenker and Bassett 1978): a request a second too few costs 0.99, one too
 * many costs 0.01. `flat` is there because a forecast that is only higher often does better than none, season or not.
 *
 * | of the newest 28 days held out | the season |
 * |---|---|
 * | fewer than 4 | is not used |
 * | it loses less than both, each by 10% and by a paired t test at 95% over the days, and in the newest 7 together | is used from then on |
 * | it loses as much as one of them, over all of the days or over the newest 7 | is not used from then on |
 * | anything else | stays as it was the day before |
 */
export function tryProfile(days: readonly LocalDay[], terms: TrialTerms): SeasonTrial {
  const heldOut: HeldOutDay[] = [];
  let used = false;
  for (let at = 1; at < days.length; at += 1) {
    const [day, before] = [days[at], days[at - 1]];
    const profile = profileOf(days.slice(Math.max(0, at - learnedDays), at));
    if (day === undefined || before === undefined || profile === null) continue;
    const losses = lossesOf(day, before, profile, terms);
    if (losses === null) continue;
    heldOut.push(losses);
    used = isUsed(used, heldOut.slice(-judgedDays));
  }
  return { used, days: heldOut.slice(-judgedDays) };
}

function isUsed(before: boolean, days: readonly HeldOutDay[]): boolean {
  if (days.length < leastDays) return false;
  const gains = (['none', 'flat'] as const).map((other) => days.map((day) => day[other] - day.season));
  const total = (of: readonly number[]): number => of.reduce((sum, gain) => sum + gain, 0);
  if (gains.some((of) => total(of) <= 0 || total(of.slice(-recentDays)) <= 0)) return false;
  if (before) return true;
  return (['none', 'flat'] as const).every((other, at) => {
    const of = gains[at] ?? [];
    return total(of) >= leastGainShare * total(days.map((day) => day[other])) && meanInterval(of, confidence).low > 0;
  });
}

/** Null where less than half of the day could be compared. */
function lossesOf(
  day: LocalDay,
  before: LocalDay,
  { rates, meanPerSecond }: SeasonProfile,
  { horizonMs, attainmentShare }: TrialTerms,
): HeldOutDay | null {
  const usual = rates[day.weekday] ?? [];
  const seen = [...before.rates, ...day.rates];
  const slots = horizonMs / tenMinutesMs;
  const [whole, part] = [Math.floor(slots), slots - Math.floor(slots)];
  let [none, flat, season, compared] = [0, 0, 0, 0];
  for (let slot = 0; slot < slotsOfDay; slot += 1) {
    const at = slotsOfDay + slot - whole;
    const [actual, late, later] = [day.rates[slot], seen[at], seen[at - 1]];
    const expected = usual[slot];
    if (!isKnown(actual) || !isKnown(late) || !isKnown(later) || !isKnown(expected)) continue;
    const own = (1 - part) * late + part * later;
    const loss = (forecast: number): number =>
      forecast < actual ? attainmentShare * (actual - forecast) : (1 - attainmentShare) * (forecast - actual);
    none += loss(own);
    flat += loss(Math.max(own, meanPerSecond));
    season += loss(Math.max(own, expected));
    compared += 1;
  }
  return compared < slotsOfDay / 2 ? null : { number: day.number, none, flat, season };
}

const isKnown = (rate: number | null | undefined): rate is number => rate !== null && rate !== undefined;
