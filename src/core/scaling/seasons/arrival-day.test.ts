import { describe, expect, it } from 'vitest';
import { countMinute, dayMs, dayOf, minuteMs, tenMinutesMs, thinDay, type ArrivalDay } from './arrival-day.ts';

const day = 20_000 * dayMs;

describe('a day of arrivals', () => {
  it('counts by the minute, and knows nothing of minutes that nobody counted', () => {
    const first = countMinute(null, day + 2 * minuteMs, 7);
    const next = countMinute(first, day + 3 * minuteMs, 0);
    expect(next).toEqual({ fromMs: day, lengthMs: minuteMs, counts: [null, null, 7, 0] });
    expect(countMinute(next, day + 2 * minuteMs, 9).counts).toEqual([null, null, 9, 0]);
    expect(dayOf(day + dayMs - 1)).toBe(day);
  });

  it('leaves a day of the past as it is when the clock goes back into it', () => {
    const past: ArrivalDay = { fromMs: day, lengthMs: tenMinutesMs, counts: [100] };
    expect(countMinute(past, day + minuteMs, 5)).toBe(past);
  });

  it('thins ten minutes to one count, as if unknown minutes were like the known ones', () => {
    const counts = [...Array<number>(10).fill(3), ...Array<null>(5).fill(null), 1, 2, 3, 4, 5, null, 8];
    // 30; of the next ten five are known and sum to 15, which makes 30; of the last ten one is known.
    expect(thinDay({ fromMs: day, lengthMs: minuteMs, counts }).counts).toEqual([30, 30, null]);
  });

  it('keeps the sum of a whole day, and thins once', () => {
    const counts = Array.from({ length: 1_440 }, (_, minute) => (minute * 7) % 13);
    const thin = thinDay({ fromMs: day, lengthMs: minuteMs, counts });
    const sum = (list: readonly (number | null)[]): number =>
      list.reduce<number>((total, each) => total + (each ?? 0), 0);
    expect(thin.counts).toHaveLength(144);
    expect(sum(thin.counts)).toBe(sum(counts));
    expect(thinDay(thin)).toBe(thin);
  });
});
