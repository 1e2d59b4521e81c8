import { dayMs, tenMinutesMs, type ArrivalDay } from '../../../core/scaling/seasons/arrival-day.ts';
import { slotsOfDay } from '../../../core/scaling/seasons/local-day.ts';
import { seededRandom } from '../../../core/statistics/random.ts';

/** A Monday. */
export const seasonsBeginMs = Date.parse('2026-11-02T00:00Z');

/** A moment of a made trace. */
export interface SeasonMoment {
  readonly day: number;
  /** 0 is Monday. */
  readonly weekday: number;
  /** Of the day. */
  readonly hour: number;
}

/** Requests a second at a moment. */
export type SeasonRate = (moment: SeasonMoment) => number;

/** Ten requests a second more from nine to eleven of each working day. */
export const morningRush: SeasonRate = ({ weekday, hour }) => 2 + (weekday < 5 && hour >= 9 && hour < 11 ? 10 : 0);

/** Days of counts that vary as Poisson counts do, and by 5% from day to day; with `seed` null they do not vary. */
export function makeArrivalDays(days: number, rate: SeasonRate, seed: number | null = 1): readonly ArrivalDay[] {
  const random = seededRandom(seed ?? 0);
  const deviate = (): number =>
    seed === null ? 0 : Math.sqrt(-2 * Math.log(1 - random.nextShare())) * Math.cos(2 * Math.PI * random.nextShare());
  return Array.from({ length: days }, (_, day) => {
    const busy = 1 + 0.05 * deviate();
    const counts = Array.from({ length: slotsOfDay }, (_, slot) => {
      const mean = busy * rate({ day, weekday: day % 7, hour: (slot * tenMinutesMs) / 3_600_000 }) * 600;
      return Math.max(0, Math.round(mean + Math.sqrt(mean) * deviate()));
    });
    return { fromMs: seasonsBeginMs + day * dayMs, lengthMs: tenMinutesMs, counts };
  });
}
