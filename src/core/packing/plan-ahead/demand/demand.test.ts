import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../../statistics/random.ts';
import { drawDemand, estimateDemand, rateAt, type DemandForecast } from './demand-forecast.ts';
import { fitHistory, judgeWeekday, weekdayOf } from './fit-history.ts';
import { readGrowthRange } from './growth-range.ts';

const growth = (text: string) =>
  readGrowthRange(text) ?? { lowShare: 0, share: 0, highShare: 0, period: 'week' as const };
const grown = (text: string, noise: { sd: number; freedom: number } | null = null): DemandForecast => ({
  kind: 'growth',
  ratePerSecond: 100,
  growth: growth(text),
  noise,
});
const drawLast = (forecast: DemandForecast, days: number, count = 2_000): readonly number[] => {
  const random = seededRandom(7);
  const drawn = Array.from({ length: count }, () => drawDemand(forecast, days, random).at(-1) ?? 0);
  return drawn.sort((a, b) => a - b);
};

describe('a growth', { timeout: 120_000 }, () => {
  test('is one number or a 90% interval', () => {
    expect(growth('5%/week')).toEqual({ lowShare: 0.05, share: 0.05, highShare: 0.05, period: 'week' });
    // sqrt(1.03 * 1.07) = 1.0498.
    expect(growth('3%..7%/week')).toMatchObject({ lowShare: 0.03, share: expect.closeTo(0.04981, 5), highShare: 0.07 });
    for (const text of ['7%..3%/week', '5%', '3..7%/week', '3%/week..7%/week'])
      expect(readGrowthRange(text)).toBeNull();
  });

  test('compounds: 10% a week is 121 after two weeks, and sqrt(1.1) after half of one', () => {
    const rates = estimateDemand(grown('10%/week'), 15);
    expect([rates[0], rates[7], rates[14]]).toEqual([100, expect.closeTo(110, 9), expect.closeTo(121, 9)]);
    expect(estimateDemand(grown('3%/month'), 366).at(365)).toBeCloseTo(100 * 1.03 ** (365 / 30.436875), 6);
  });

  test('draws nothing where it is a plain number', () => {
    const drawn = drawDemand(grown('10%/week'), 15, seededRandom(1));
    expect(drawn.at(-1)).toBeCloseTo(121, 6);
  });

  test('draws between the limits of its interval in 90 of 100 cases', () => {
    const last = drawLast(grown('3%..7%/week'), 71);
    // Ten weeks: 100 * 1.03^10 = 134.4 and 100 * 1.07^10 = 196.7.
    const inside = last.filter((rate) => rate >= 134.39 && rate <= 196.72).length / last.length;
    expect(inside).toBeGreaterThan(0.87);
    expect(inside).toBeLessThan(0.93);
  });

  test('walks by its noise: the spread of the logarithm grows as the root of the weeks', () => {
    const spread = (days: number): number => {
      const logs = drawLast(grown('5%/week', { sd: 0.1, freedom: 60 }), days, 600).map(Math.log);
      const mean = logs.reduce((sum, log) => sum + log, 0) / logs.length;
      return Math.sqrt(logs.reduce((sum, log) => sum + (log - mean) ** 2, 0) / logs.length);
    };
    expect(spread(29)).toBeGreaterThan(0.175);
    expect(spread(29)).toBeLessThan(0.235);
    expect(spread(64) / spread(29)).toBeCloseTo(1.5, 0);
  });

  test('of few weeks walks further than one of many', () => {
    const width = (freedom: number): number => {
      const last = drawLast(grown('5%/week', { sd: 0.1, freedom }), 29);
      return Math.log((last[1_960] ?? 0) / (last[40] ?? 1));
    };
    expect(width(3)).toBeGreaterThan(1.2 * width(100));
  });
});

describe('a forecast of rates', () => {
  const rows = [
    { day: -3, ratePerSecond: 10, quantiles: [] },
    { day: 2, ratePerSecond: 20, quantiles: [] },
    { day: 4, ratePerSecond: 5, quantiles: [] },
  ];

  test('holds each rate until the next row', () => {
    expect(estimateDemand({ kind: 'rates', rows }, 6)).toEqual([10, 10, 20, 20, 5, 5]);
  });

  test('reads rates between quantiles, and along the outer ones beyond them', () => {
    const row = {
      day: 0,
      ratePerSecond: 20,
      quantiles: [
        { share: 0.05, ratePerSecond: 10 },
        { share: 0.95, ratePerSecond: 40 },
      ],
    };
    expect(rateAt(row, 0.05)).toBeCloseTo(10, 9);
    expect(rateAt(row, 0.5)).toBeCloseTo(20, 9);
    expect(rateAt(row, 0.95)).toBeCloseTo(40, 9);
    // z is -2.326 at 1%, and -1.645 at 5%: 20 / 2^(2.326 / 1.645) = 7.50.
    expect(rateAt(row, 0.01)).toBeCloseTo(7.504, 2);
    const silent = { day: 0, ratePerSecond: 4, quantiles: [{ share: 0.05, ratePerSecond: 0 }] };
    expect([rateAt(silent, 0.001), rateAt(silent, 0.05), rateAt(silent, 0.5)]).toEqual([0, 0, expect.closeTo(4, 9)]);
  });

  test('is high or low throughout one draw', () => {
    const wide = rows.map((row) => ({
      ...row,
      quantiles: [
        { share: 0.1, ratePerSecond: row.ratePerSecond / 2 },
        { share: 0.9, ratePerSecond: row.ratePerSecond * 2 },
      ],
    }));
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const drawn = drawDemand({ kind: 'rates', rows: wide }, 6, seededRandom(seed));
        const [first = 0, third = 0] = [drawn[0], drawn[2]];
        expect(third / first).toBeCloseTo(2, 6);
      }),
    );
  });
});

/** Weeks of a rate that grows, with factors of the weekdays. */
const recorded = (weeks: number, factors: readonly number[], weekly = 1, noise: (day: number) => number = () => 1) =>
  Array.from({ length: weeks * 7 }, (_, day) => ({
    day,
    ratePerSecond: 100 * weekly ** Math.floor(day / 7) * (factors[weekdayOf(day)] ?? 1) * noise(day),
  }));
const flat = [1, 1, 1, 1, 1, 1, 1];
const workdays = [0.4, 1.2, 1.3, 1.3, 1.2, 1.1, 0.5];

describe('recorded days', () => {
  test('tell weekdays: 1970-01-01 was a Thursday', () => {
    expect([weekdayOf(0), weekdayOf(3), weekdayOf(-5)]).toEqual([4, 0, 6]);
    expect(weekdayOf(Date.parse('2026-11-29') / 86_400_000)).toBe(0);
  });

  test('tell the rate of the last week, and the growth between weeks', () => {
    const fitted = fitHistory(recorded(5, flat, 1.1));
    expect(fitted.ratePerSecond).toBeCloseTo(146.41, 6);
    expect(fitted.growth).toMatchObject({ share: expect.closeTo(0.1, 9), period: 'week' });
    expect(fitted.noise?.sd).toBeCloseTo(0, 9);
    expect(fitted.noise?.freedom).toBe(3);
  });

  test('with steps of 0, 0.2, 0 and 0.2 have a growth between limits by Student', () => {
    const means = [1, 1, Math.exp(0.2), Math.exp(0.2), Math.exp(0.4)];
    const fitted = fitHistory(
      means.flatMap((mean, week) => flat.map((_, day) => ({ day: 7 * week + day, ratePerSecond: mean }))),
    );
    // mean 0.1, sd 0.11547, t(90%, 3) = 2.3534: 0.1 -+ 0.13587.
    expect(Math.log1p(fitted.growth?.share ?? 0)).toBeCloseTo(0.1, 9);
    expect(Math.log1p(fitted.growth?.lowShare ?? 0)).toBeCloseTo(-0.03587, 4);
    expect(Math.log1p(fitted.growth?.highShare ?? 0)).toBeCloseTo(0.23587, 4);
  });

  test('of three weeks, or with a week of silence, tell no growth', () => {
    expect(fitHistory(recorded(3, flat)).growth).toBeNull();
    expect(fitHistory(recorded(6, flat, 1, (day) => (day >= 14 && day < 21 ? 0 : 1))).growth).toBeNull();
  });

  test('have weekdays where these predict later days better', () => {
    const verdict = judgeWeekday(recorded(6, workdays));
    expect(verdict).toMatchObject({ used: true, errorShare: expect.closeTo(0, 6) });
    if (verdict.used)
      for (const [at, factor] of verdict.factors.entries()) expect(factor).toBeCloseTo(workdays[at] ?? 0, 9);
  });

  test('have none where the pattern of the first weeks does not come back, or too few weeks are there', () => {
    const turned = recorded(6, flat).map(({ day, ratePerSecond }) => ({
      day,
      ratePerSecond: ratePerSecond * (day < 28 ? (workdays[weekdayOf(day)] ?? 1) : (workdays[weekdayOf(day + 3)] ?? 1)),
    }));
    expect(judgeWeekday(turned)).toMatchObject({ used: false });
    expect(judgeWeekday(recorded(2, workdays))).toMatchObject({
      used: false,
      reason: expect.stringContaining('2 whole weeks'),
    });
  });

  test('of noise alone have weekdays in few cases', () => {
    const random = seededRandom(3);
    const used = Array.from({ length: 200 }, () =>
      judgeWeekday(recorded(9, flat, 1, () => 0.5 + random.nextShare())),
    ).filter((each) => each.used);
    expect(used.length).toBeLessThan(12);
  });
});
