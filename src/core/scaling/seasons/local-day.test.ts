import { describe, expect, it } from 'vitest';
import { dayMs, minuteMs, tenMinutesMs, type ArrivalDay } from './arrival-day.ts';
import { localDaysOf, slotAt, slotsOfDay } from './local-day.ts';

const utc = (text: string): number => Date.parse(`${text}Z`);

/** 600 requests in each ten minutes between two moments: 1 request a second. */
function makeDays(from: string, until: string, count = 600): readonly ArrivalDay[] {
  const days: ArrivalDay[] = [];
  for (let fromMs = utc(from); fromMs < utc(until); fromMs += dayMs)
    days.push({ fromMs, lengthMs: tenMinutesMs, counts: Array<number>(slotsOfDay).fill(count) });
  return days;
}

describe('the days of a zone', () => {
  it('knows weekday and slot of a moment', () => {
    // 2026-12-04 is a Friday.
    expect(slotAt('UTC', utc('2026-12-04T09:05'))).toMatchObject({ weekday: 4, slot: 54 });
    expect(slotAt('America/New_York', utc('2026-12-05T04:59'))).toMatchObject({ weekday: 4, slot: 143 });
    expect(slotAt('UTC', utc('1969-12-31T00:00'))).toMatchObject({ day: -1, weekday: 2, slot: 0 });
  });

  it('puts counts of UTC into the slots of the clock, and knows nothing of the rest', () => {
    const days = localDaysOf(makeDays('2026-12-01T00:00', '2026-12-02T00:00'), 'Europe/Berlin');
    expect(days.map(({ weekday }) => weekday)).toEqual([1, 2]);
    expect(days[0]?.rates.slice(0, 7)).toEqual([...Array<null>(6).fill(null), 1]);
    expect(days[1]?.rates.slice(4, 8)).toEqual([1, 1, null, null]);
  });

  it('takes the mean of an hour that comes twice, and knows nothing of one that never comes', () => {
    const autumn = localDaysOf(makeDays('2026-10-24T00:00', '2026-10-27T00:00'), 'Europe/Berlin')[1];
    expect(autumn?.rates).toEqual(Array<number>(slotsOfDay).fill(1));
    const spring = localDaysOf(makeDays('2026-03-28T00:00', '2026-03-31T00:00'), 'Europe/Berlin')[1];
    expect(spring?.rates.slice(11, 19)).toEqual([1, ...Array<null>(6).fill(null), 1]);
  });

  it('joins minutes to slots', () => {
    const counts = Array.from({ length: 20 }, (_, minute) => (minute < 10 ? 60 : 120));
    const [day] = localDaysOf([{ fromMs: utc('2026-12-01T00:00'), lengthMs: minuteMs, counts }], 'UTC');
    expect(day?.rates.slice(0, 3)).toEqual([1, 2, null]);
  });

  it('has a day for each date between the first and the last', () => {
    const days = [
      ...makeDays('2026-12-01T00:00', '2026-12-02T00:00'),
      ...makeDays('2026-12-04T00:00', '2026-12-05T00:00'),
    ];
    const known = localDaysOf(days, 'UTC').map(({ rates }) => rates[0] ?? null);
    expect(known).toEqual([1, null, null, 1]);
    expect(localDaysOf([], 'UTC')).toEqual([]);
  });
});
