import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../statistics/random.ts';
import { growthOf } from './burst-trend.ts';
import { asSeen, predictNextBurst } from './next-burst.ts';

const burstsOf = (rates: readonly number[]) =>
  rates.map((ratePerSecond, at) => ({ from: 100 * at, until: 100 * at + 10, ratePerSecond }));
const growth = (rates: readonly number[], standsBuckets = 100): number | null =>
  growthOf(burstsOf(rates), standsBuckets, 0.9);

describe('bursts that grow', () => {
  it('go on growing by as much, and by more the less even their steps are', () => {
    expect(Math.exp(growth([10, 11.5, 13.225, 15.209, 17.49]) ?? 0)).toBeCloseTo(1.15, 3);
    const uneven = Math.exp(growth([10, 11, 14, 14.5, 17.49]) ?? 0);
    expect(uneven).toBeGreaterThan(1.25);
  });

  it('grow more than once before settings are chosen anew where they come that often', () => {
    expect(Math.exp(growth([10, 11.5, 13.225, 15.209, 17.49], 250) ?? 0)).toBeCloseTo(1.15 ** 3, 3);
  });

  it('are five at least, one greater than the other, up to the last', () => {
    expect(growth([])).toBeNull();
    expect(growth([10])).toBeNull();
    expect(growth([10, 11, 12, 13])).toBeNull();
    expect(growth([10, 11, 12, 13, 14, 13])).toBeNull();
    expect(growth([10, 10, 10, 10, 10])).toBeNull();
    expect(growth([30, 10, 11, 12, 13, 14])).not.toBeNull();
  });

  it('hold the next one nine times in ten where steps scatter', () => {
    const random = seededRandom(3);
    let [held, tried] = [0, 0];
    for (let trial = 0; trial < 2_000; trial += 1) {
      const rates = [10];
      for (let at = 0; at < 6; at += 1) {
        const normal = Array.from({ length: 12 }, () => random.nextShare()).reduce((sum, one) => sum + one, -6);
        rates.push((rates.at(-1) ?? 0) * Math.exp(0.14 + 0.03 * normal));
      }
      const [next = 0, limit] = [rates.at(-1), growth(rates.slice(0, -1))];
      if (limit === null) continue;
      tried += 1;
      held += next <= (rates.at(-2) ?? 0) * Math.exp(limit) ? 1 : 0;
    }
    expect(tried).toBeGreaterThan(1_900);
    expect(held / tried).toBeGreaterThan(0.87);
    expect(held / tried).toBeLessThan(0.93);
  });
});

describe('the next of bursts in a long history', () => {
  /** 20 s of so many requests every ten minutes, with one request each 2 s between them. */
  const historyOf = (sizes: readonly number[]): readonly number[] =>
    sizes.flatMap((size) => Array.from({ length: 300 }, (_, at) => (at >= 200 && at < 210 ? size / 10 : 1)));
  const predict = (sizes: readonly number[]) =>
    predictNextBurst({
      arrivals: historyOf(sizes),
      bucketMs: 2_000,
      waitMs: 5_000,
      startMs: 40_000,
      standsMs: 224_000,
    });

  it('is greater than the greatest where bursts grow, however long that was seen', () => {
    const { factor, from } = predict([100, 130, 169, 220, 286, 371]);
    expect(factor).toBeGreaterThan(1.28);
    expect(factor).toBeLessThan(1.4);
    expect(from).toBeGreaterThan(5 * 300);
    expect(predict([500, 100, 130, 169, 220, 286]).factor).toBe(1);
  });

  it('is the greatest where bursts are alike, shrink, or grew once', () => {
    for (const sizes of [
      [200, 200, 200, 200, 200, 200],
      [371, 286, 220, 169, 130, 100],
      [100, 130, 169, 220, 286, 286],
      [200, 190, 210, 195, 205, 400],
    ]) {
      expect(predict(sizes)).toBe(asSeen);
    }
  });
});
