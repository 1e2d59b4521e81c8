import { describe, expect, it } from 'vitest';
import { makeArrivalDays, morningRush, type SeasonRate } from '../../../testing/builders/scaling/season-builders.ts';
import { localDaysOf, type LocalDay } from './local-day.ts';
import { profileOf } from './season-profile.ts';

const learn = (days: number, rate: SeasonRate, seed: number | null = 1) =>
  profileOf(localDaysOf(makeArrivalDays(days, rate, seed), 'UTC'));
const atNine = 9 * 6;

/** A day with a rate at its first slot, and nothing known of the others. */
const makeDay = (weekday: number, rate: number): LocalDay => ({ number: 0, weekday, rates: [rate] });

describe('the profile of a week', () => {
  it('is the trace itself where each week is the same', () => {
    const rates = learn(14, morningRush, null)?.rates;
    expect(rates?.map((day) => day[atNine])).toEqual([12, 12, 12, 12, 12, 2, 2]);
    expect(rates?.[2]?.[atNine - 1]).toBe(2);
  });

  it('knows nothing of a weekend before the first, and nothing of working days after one weekend', () => {
    const working = learn(5, morningRush, null)?.rates;
    expect(working?.map((day) => day[atNine])).toEqual([12, 12, 12, 12, 12, null, null]);
    const weekend = profileOf(localDaysOf(makeArrivalDays(7, morningRush, null).slice(5), 'UTC'))?.rates;
    expect(weekend?.map((day) => day[0])).toEqual([null, null, null, null, null, 2, 2]);
  });

  it('draws a median to the level above it by the variance within over that between', () => {
    // One slot is known. Its days are 10, 14 (Mondays), 6, 10 (Tuesdays): mean and median 10, so that day and kind of day are 10.
    const days = [makeDay(0, 10), makeDay(0, 14), makeDay(1, 6), makeDay(1, 10)];
    // Within: (8 + 8) / 2 = 8. Medians 12 and 8 are 4 each from 10, squared: 4 - 8/2 = 0 between, and all is drawn to 10.
    expect(profileOf(days)?.rates.map(([rate]) => rate)).toEqual([10, 10, 10, 10, 10, null, null]);
    const apart = [makeDay(0, 14), makeDay(0, 16), makeDay(1, 4), makeDay(1, 6)];
    // Within: (2 + 2) / 2 = 2; medians 15 and 5, between: 25 - 1 = 24; k = 1/12: (2 x 15 + 10/12) / (2 + 1/12) = 14.8.
    expect(profileOf(apart)?.rates[0]?.[0]).toBeCloseTo(14.8, 10);
    expect(profileOf(apart)?.rates[1]?.[0]).toBeCloseTo(5.2, 10);
  });

  it('does not follow one day that was other than all others', () => {
    const rates = learn(28, (moment) => (moment.day === 16 ? 60 : morningRush(moment)))?.rates;
    expect(rates?.[2]?.[atNine]).toBeLessThan(16);
    expect(rates?.[2]?.[0]).toBeLessThan(4);
  });

  it('is null where nothing was counted', () => {
    expect(profileOf([])).toBeNull();
    expect(profileOf([{ number: 0, weekday: 0, rates: [null] }])).toBeNull();
  });
});
