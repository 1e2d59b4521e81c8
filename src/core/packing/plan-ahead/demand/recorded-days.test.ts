import { expect, it } from 'vitest';
import { dayMs, minuteMs, tenMinutesMs, type ArrivalDay } from '../../../scaling/seasons/arrival-day.ts';
import { readRecordedDays } from './recorded-days.ts';

const day = (at: number, counts: readonly (number | null)[], lengthMs = tenMinutesMs): ArrivalDay => ({
  fromMs: at * dayMs,
  lengthMs,
  counts,
});
const whole = (at: number, count: number): ArrivalDay => day(at, Array<number>(144).fill(count));
const nowMs = 20_010.5 * dayMs;

it('gives the mean rate of each day that is over, by minutes or by ten of them', () => {
  const minutes = day(20_009, Array<number>(1_440).fill(120), minuteMs);
  // 600 requests in ten minutes are 1/s, 120 in a minute 2/s.
  expect(readRecordedDays([whole(20_008, 600), minutes, whole(20_010, 900)], nowMs)).toEqual([
    { day: 20_008, ratePerSecond: 1 },
    { day: 20_009, ratePerSecond: 2 },
  ]);
});

it('takes what is unknown of a day for the mean of the rest, up to a fifth of it', () => {
  const known = (count: number): ArrivalDay =>
    day(20_009, [...Array<number>(count).fill(600), ...Array<null>(144 - count).fill(null)]);
  expect(readRecordedDays([known(116)], nowMs)).toEqual([{ day: 20_009, ratePerSecond: 1 }]);
  expect(readRecordedDays([known(115)], nowMs)).toEqual([]);
});

it('ends at the newest gap, and has nothing of nothing', () => {
  const days = [20_003, 20_004, 20_006, 20_007].map((at) => whole(at, 600));
  expect(readRecordedDays(days.toReversed(), nowMs).map((each) => each.day)).toEqual([20_006, 20_007]);
  expect(readRecordedDays([], nowMs)).toEqual([]);
});
