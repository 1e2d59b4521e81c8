import { describe, expect, it } from 'vitest';
import { acceleratedLimits, bootstrap, percentileLimits, quantileOf } from './limits/bootstrap.ts';
import { normalCdf, normalQuantile } from './distributions/normal.ts';
import { seededRandom, xoshiro128 } from './random.ts';

describe('the seeded generator', () => {
  it('gives the numbers of the reference from the state 1 2 3 4', () => {
    const random = xoshiro128([1, 2, 3, 4]);
    expect(Array.from({ length: 4 }, () => random.nextUint32())).toEqual([11_520, 0, 5_927_040, 70_819_200]);
  });
  it('gives the same for a seed, and other numbers for another', () => {
    const drawn = (seed: number): readonly number[] => {
      const random = seededRandom(seed);
      return Array.from({ length: 5 }, () => random.nextBelow(1_000));
    };
    expect(drawn(0)).toEqual(drawn(0));
    expect(drawn(0)).not.toEqual(drawn(1));
  });
  it('is uniform below a bound', () => {
    const random = seededRandom(5);
    const counts = new Uint32Array(7);
    for (let draw = 0; draw < 70_000; draw += 1) (counts[random.nextBelow(7)] as number) += 1;
    const square = counts.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0);
    expect(square).toBeLessThan(22.5);
  });
});

describe('the normal distribution', () => {
  it('has the quantiles of the tables, in both tails', () => {
    expect(normalQuantile(0.95)).toBeCloseTo(1.6448536269514722, 14);
    expect(normalQuantile(1e-12)).toBeCloseTo(-7.034483825301131, 12);
    expect(normalCdf(normalQuantile(0.8))).toBeCloseTo(0.8, 14);
  });
});

describe('the bootstrap', () => {
  const values = Float64Array.from({ length: 400 }, (_, row) => (row % 20) ** 2);
  const run = (seed: number) => {
    const steps = bootstrap({
      rows: values.length,
      statistics: 1,
      evaluate: (weights, wrong, right, into) => {
        const sum = weights.reduce((total, weight, row) => total + weight * (values[row] as number), 0);
        into[0] = sum / weights.reduce((total, weight) => total + weight, 0) + 0 * (wrong + right);
      },
      random: seededRandom(seed),
      replicates: 2_000,
    });
    let step = steps.next();
    while (step.done !== true) step = steps.next();
    return step.value[0]!;
  };
  it('has the standard error of a mean', () => {
    const mean = values.reduce((sum, value) => sum + value, 0) / 400;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 400;
    expect(run(1).standardError / Math.sqrt(variance / 400)).toBeCloseTo(1, 1);
    expect(run(1).centre).toBeCloseTo(mean, 12);
  });
  it('is made again from the same seed, and its limits lie about the centre', () => {
    const result = run(1);
    expect(run(1).samples).toEqual(result.samples);
    const { lower, upper } = acceleratedLimits(result, 0.95);
    expect(lower).toBeLessThan(result.centre);
    expect(upper).toBeGreaterThan(result.centre);
    // A right-skewed mean: the correction moves both limits up.
    expect(lower).toBeGreaterThan(percentileLimits(result, 0.95).lower - 0.5);
    expect(result.acceleration).toBeGreaterThan(0);
  });
  it('reads quantiles between neighbours', () => {
    expect(quantileOf(Float64Array.of(1, 2, 3), 0.5)).toBe(2);
    expect(quantileOf(Float64Array.of(1, 2, 3), 0.375)).toBe(1.5);
    expect(quantileOf(Float64Array.of(1, 2, 3), 0)).toBe(1);
  });
});
