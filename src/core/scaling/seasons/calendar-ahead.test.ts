import { describe, expect, it } from 'vitest';
import { makeArrivalDays, morningRush, seasonsBeginMs } from '../../../testing/builders/scaling/season-builders.ts';
import { readWeekly } from '../../contract/schedule/schedule-text.ts';
import { dayMs } from './arrival-day.ts';
import { expectAhead, steadyUntilMs } from './calendar-ahead.ts';
import { findSeason } from './find-season.ts';

const minuteMs = 60_000;
const horizonMs = 42_000;
const nowMs = seasonsBeginMs + 14 * dayMs;
const nineMs = nowMs + 9 * 60 * minuteMs;
const season = findSeason(makeArrivalDays(14, morningRush), nowMs, { zone: 'UTC', horizonMs, attainmentShare: 0.99 });

function monday(what: { readonly ratePerSecond?: number; readonly replicas?: number }) {
  const read = readWeekly('Mon 09:00-09:30');
  if (!read.ok) throw new Error('unreadable');
  return { when: read.value, zone: 'UTC', ...what };
}

describe('what the calendar expects ahead', () => {
  it('expects the rush of the season within ten minutes before it, and nothing of it after its end', () => {
    const at = [-12, -5, 60, 118, 122].map(
      (minutes) => expectAhead({ season, schedule: [] }, nineMs + minutes * minuteMs, horizonMs)?.ratePerSecond ?? 0,
    );
    expect(at.map((rate) => rate > 8)).toEqual([false, true, true, true, false]);
  });

  it('takes the larger of season and schedule, and says which', () => {
    const schedule = [monday({ ratePerSecond: 50 })];
    expect(expectAhead({ season, schedule }, nineMs, horizonMs)).toEqual({ ratePerSecond: 50, why: 'schedule' });
    expect(expectAhead({ season, schedule: [monday({ ratePerSecond: 5 })] }, nineMs, horizonMs)?.why).toBe('season');
    expect(expectAhead({ season: null, schedule }, nineMs, horizonMs)?.why).toBe('schedule');
    expect(expectAhead({ season: null, schedule }, nineMs + 31 * minuteMs, horizonMs)).toBeNull();
  });

  it('tells stated replicas beside the rate of the season', () => {
    const schedule = [monday({ replicas: 6 })];
    expect(expectAhead({ season: null, schedule }, nineMs, horizonMs)).toEqual({
      ratePerSecond: 0,
      why: 'schedule',
      replicas: 6,
    });
    expect(expectAhead({ season, schedule }, nineMs, horizonMs)).toMatchObject({ why: 'season', replicas: 6 });
  });

  it('keeps its answer for a minute, and is never late within it', () => {
    const calendar = { season: null, schedule: [monday({ ratePerSecond: 50 })] };
    for (let atMs = nineMs - 3 * minuteMs; atMs < nineMs + minuteMs; atMs += 1_000) {
      expect(expectAhead(calendar, steadyUntilMs(atMs) - 1, horizonMs)).toEqual(expectAhead(calendar, atMs, horizonMs));
      if (atMs >= nineMs - horizonMs) expect(expectAhead(calendar, atMs, horizonMs)?.ratePerSecond).toBe(50);
    }
  });
});
