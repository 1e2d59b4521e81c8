import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../../statistics/random.ts';
import { forecastMonth } from './forecast.ts';

const day = 86_400_000;
const month = { fromMs: Date.UTC(2026, 5), toMs: Date.UTC(2026, 6) };
const at = (days: number): number => month.fromMs + days * day;
const money = 1_000_000;
const days = (...amounts: readonly number[]) =>
  amounts.map((amount, index) => ({ dayMs: at(index), micros: amount * money }));

describe('forecastMonth', () => {
  test('equal days: the month without a width', () => {
    const forecast = forecastMonth(days(...Array<number>(10).fill(100)), month, at(10), 3_000 * money);
    expect(forecast).toMatchObject({
      spentMicros: 1_000 * money,
      daysLeft: 20,
      expectedMicros: 3_000 * money,
      lowMicros: 3_000 * money,
      highMicros: 3_000 * money,
      verdict: 'pass',
    });
  });

  test('the interval by hand: three days of 90, 100 and 110, 27 left', () => {
    const { lowMicros, highMicros, expectedMicros } = forecastMonth(days(90, 100, 110), month, at(3), 9_999 * money);
    // t(2) = 4.30265, s = 10, sqrt(27 + 27 * 27 / 3) = 16.43168: 707.00
    expect(expectedMicros).toBe(3_000 * money);
    expect((highMicros ?? 0) / money).toBeCloseTo(3_707, 0);
    expect((lowMicros ?? 0) / money).toBeCloseTo(2_293, 0);
  });

  test.each([
    [3_800, 'pass'],
    [3_000, 'inconclusive'],
    [2_200, 'fail'],
    [299, 'fail'],
  ])('a budget of %d is %s', (budget, verdict) => {
    expect(forecastMonth(days(90, 100, 110), month, at(3), budget * money).verdict).toBe(verdict);
  });

  test('two days say nothing of the month, unless the budget is spent', () => {
    expect(forecastMonth(days(90, 100), month, at(2), 191 * money).verdict).toBe('unknown');
    expect(forecastMonth(days(90, 100), month, at(2), 189 * money).verdict).toBe('fail');
  });

  test('days of the month before predict, and are not spent', () => {
    const before = [1, 2, 3].map((ago) => ({ dayMs: month.fromMs - ago * day, micros: 10 * money }));
    expect(forecastMonth(before, month, month.fromMs, 1)).toMatchObject({
      spentMicros: 0,
      expectedMicros: 300 * money,
    });
  });

  test('the interval holds the month in 95% of 2,000 drawn months', () => {
    const random = seededRandom(5);
    let inside = 0;
    for (let run = 0; run < 2_000; run += 1) {
      const drawn = Array.from({ length: 30 }, () => {
        const normal = Math.sqrt(-2 * Math.log(1 - random.nextShare())) * Math.cos(2 * Math.PI * random.nextShare());
        return 100 + 10 * normal;
      });
      const whole = drawn.reduce((sum, amount) => sum + amount, 0) * money;
      const { lowMicros, highMicros } = forecastMonth(days(...drawn.slice(0, 10)), month, at(10), 1);
      if (lowMicros !== null && highMicros !== null && lowMicros <= whole && whole <= highMicros) inside += 1;
    }
    expect(inside / 2_000).toBeGreaterThan(0.935);
    expect(inside / 2_000).toBeLessThan(0.965);
  });
});
