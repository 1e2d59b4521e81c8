import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../random.ts';
import { addValue, coversMean, gridSteps, meanBounds, meanLimits, noCounts, repeatCounts } from './bounded-mean.ts';

const countsOf = (values: readonly number[]) =>
  values.reduce((counts, value) => addValue(counts, value, value), noCounts);

describe('limits of a bounded mean', () => {
  it('know nothing without values', () => {
    expect(meanLimits(noCounts, 0.025)).toEqual({ low: 0, high: 1 });
    expect(meanBounds(noCounts)).toBeNull();
  });

  it('hold the true mean at every moment in at least the promised share of runs', () => {
    for (const draw of [
      (random: () => number) => (random() < 0.05 ? 1 : 0),
      (random: () => number) => random(),
      (random: () => number) => 0.1 + 0.2 * random() ** 2,
    ]) {
      const random = seededRandom(7);
      const truth = meanOf(Array.from({ length: 100_000 }, () => draw(() => random.nextShare())));
      let missed = 0;
      for (let run = 0; run < 100; run += 1) {
        let counts = noCounts;
        let isMissed = false;
        for (let step = 1; step <= 120; step += 1) {
          const value = draw(() => random.nextShare());
          counts = addValue(counts, value, value);
          isMissed ||= !coversMean(counts, truth, truth, 0.05);
        }
        if (isMissed) missed += 1;
      }
      expect(missed).toBeLessThanOrEqual(10);
    }
  });

  it('grow narrow: 60 cohorts of risk 0.2 rule out 0.1 and 0.3', () => {
    const { low, high } = meanLimits(countsOf(Array.from({ length: 60 }, (_, at) => 0.15 + 0.1 * (at % 2))), 0.025);
    expect(low).toBeGreaterThan(0.17);
    expect(high).toBeLessThan(0.29);
  });

  it('widen by what is not known of each value', () => {
    let counts = noCounts;
    for (let step = 0; step < 500; step += 1) counts = addValue(counts, 0.1, 0.4);
    const { low, high } = meanLimits(counts, 0.025);
    expect(low).toBeLessThanOrEqual(0.1);
    expect(high).toBeGreaterThanOrEqual(0.4);
    expect(low).toBeGreaterThan(0.09);
    expect(high).toBeLessThan(0.43);
  });

  it('do not depend on the order, hold the mean of what was seen, and keep a bounded size', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 60 }), (values) => {
        const counts = countsOf(values);
        expect(meanLimits(countsOf([...values].reverse()), 0.05)).toEqual(meanLimits(counts, 0.05));
        const { low, high } = meanLimits(counts, 0.05);
        const mean = meanOf(values);
        for (const each of [low - 1e-3, high + 1e-3].filter((value) => value > 0 && value < 1)) {
          expect(coversMean(counts, each, each, 0.05)).toBe(false);
        }
        expect(low).toBeLessThanOrEqual(mean + 1e-6);
        expect(high).toBeGreaterThanOrEqual(mean - 1e-6);
        const seen = meanBounds(counts);
        expect(seen!.low).toBeLessThanOrEqual(mean + 1e-9);
        expect(seen!.high).toBeGreaterThanOrEqual(mean - 1e-9);
        expect(Object.keys(counts.down).every((place) => Number(place) <= gridSteps)).toBe(true);
      }),
      { numRuns: 50, seed: 3 },
    );
  });

  it('say what more of the same would show', () => {
    const counts = countsOf([0.1, 0.2, 0.3]);
    const later = meanLimits(repeatCounts(counts, 20), 0.05);
    expect(later.low).toBeGreaterThan(meanLimits(counts, 0.05).low);
  });
});

const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
