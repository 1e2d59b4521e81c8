import { describe, expect, it } from 'vitest';
import { makeArrivalDays, morningRush, seasonsBeginMs } from '../../../testing/builders/scaling/season-builders.ts';
import { dayMs } from './arrival-day.ts';
import { expectMost, expectSeason, findSeason } from './find-season.ts';

const hourMs = 3_600_000;
const terms = { zone: 'UTC', horizonMs: 42_000, attainmentShare: 0.99 };
const days = makeArrivalDays(14, morningRush);
const nowMs = seasonsBeginMs + 14 * dayMs;
const season = findSeason(days, nowMs, terms);

describe('the season of recorded arrivals', () => {
  it('expects the rush at nine, and none on a Saturday', () => {
    expect(expectSeason(season, nowMs + 9.5 * hourMs)).toBeCloseTo(12, -0.5);
    expect(expectSeason(season, nowMs + 5 * dayMs + 9.5 * hourMs)).toBeCloseTo(2, 0);
  });

  it('gives quantiles around what is usual, and in their order', () => {
    const at = [0.1, 0.5, 0.9].map((quantile) => expectSeason(season, nowMs + 9.5 * hourMs, quantile) ?? 0);
    expect(at).toEqual([...at].sort((a, b) => a - b));
    expect(at[2]).toBeGreaterThan(12.1);
    expect(at[2]).toBeLessThan(15);
  });

  it('covers of the next week about what a quantile says', () => {
    const coming = makeArrivalDays(21, morningRush).slice(14);
    const below = coming.flatMap(({ fromMs, counts }) =>
      counts.map((count, at) => (count ?? 0) / 600 <= (expectSeason(season, fromMs + at * 600_000, 0.9) ?? 0)),
    );
    const share = below.filter(Boolean).length / below.length;
    expect(share).toBeGreaterThan(0.8);
    expect(share).toBeLessThan(0.98);
  });

  it('finds the most of a stretch, to its last moment', () => {
    const nineMs = nowMs + 9 * hourMs;
    expect(expectMost(season, nineMs - 20 * 60_000, nineMs - 1)).toBeLessThan(4);
    expect(expectMost(season, nineMs - 20 * 60_000, nineMs)).toBeGreaterThan(8);
  });

  it('follows the clock of its zone through the end of daylight saving', () => {
    // Nine in Berlin is 7:00 UTC until 2026-10-25 and 8:00 UTC from then on.
    const begunMs = Date.parse('2026-10-05T00:00Z');
    const local = makeArrivalDays(20, ({ weekday, hour }) => 2 + (weekday < 5 && hour >= 7 && hour < 9 ? 10 : 0)).map(
      (day, at) => ({ ...day, fromMs: begunMs + at * dayMs }),
    );
    const found = findSeason(local, begunMs + 20 * dayMs, { ...terms, zone: 'Europe/Berlin' });
    expect(expectSeason(found, Date.parse('2026-10-26T07:30Z'))).toBeLessThan(4);
    expect(expectSeason(found, Date.parse('2026-10-26T08:30Z'))).toBeGreaterThan(8);
  });

  it('leaves out the day that is not over', () => {
    const morning = seasonsBeginMs + 13 * dayMs + 8 * hourMs;
    const begun = days.map((day, at) => (at === 13 ? { ...day, counts: day.counts.slice(0, 48) } : day));
    expect(findSeason(begun, morning, terms)).toEqual(findSeason(days.slice(0, 13), morning, terms));
  });

  it('says nothing where it was not used, or where nothing was counted', () => {
    expect(expectSeason(findSeason(days.slice(0, 3), nowMs, terms), nowMs)).toBeNull();
    expect(expectMost(findSeason([], nowMs, terms), nowMs, nowMs + hourMs)).toBeNull();
  });
});
