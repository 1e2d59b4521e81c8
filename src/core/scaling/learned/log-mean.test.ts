import { describe, expect, it } from 'vitest';
import { normalQuantile } from '../../statistics/distributions/normal.ts';
import { seededRandom } from '../../statistics/random.ts';
import { addLogBlock, beginLogMean, posteriorOf, type LogMean, type LogPrior } from './log-mean.ts';

const prior: LogPrior = { scatter: 0.5, scatterAtLeast: 0.05, weight: 5, weightAtMost: 8_000 };

/** Blocks of 100 samples of a ratio, each sample with a variance of 0.25. */
function blocks(belief: LogMean, count: number, log: number, seed: number): LogMean {
  const random = seededRandom(seed);
  let next = belief;
  for (let at = 0; at < count; at += 1) {
    const noise = (0.5 * normalQuantile(0.0005 + 0.999 * random.nextShare())) / 10;
    next = addLogBlock(next, { log: log + noise, weight: 100 }, 0.99, prior);
  }
  return next;
}

describe('the mean of a logarithm', () => {
  it('is the weighted mean, drawn to the evidence by as many samples as the prior counts for', () => {
    const one = addLogBlock(beginLogMean(prior), { log: -0.7, weight: 95 }, 1, prior);
    // (-0.7 * 95 + 0 * 5) / 100; three times the deviation of 100 samples with a variance of 0.5.
    expect(posteriorOf(one, prior).mean).toBeCloseTo(-0.665, 9);
    expect(posteriorOf(one, prior).deviation).toBeCloseTo(3 * Math.sqrt(0.005), 9);
  });

  it('measures how much blocks scatter', () => {
    const settled = blocks(beginLogMean(prior), 400, -0.2, 1);
    expect(settled.scatter).toBeGreaterThan(0.1);
    expect(settled.scatter).toBeLessThan(0.5);
    expect(settled.mean).toBeCloseTo(-0.2, 1);
  });

  it('covers the truth with two deviations in nearly all of 200 series', () => {
    let covered = 0;
    for (let seed = 1; seed <= 200; seed += 1) {
      const { mean, deviation } = posteriorOf(blocks(beginLogMean(prior), 20, 0.1, seed), { ...prior, weight: 0 });
      if (Math.abs(mean - 0.1) <= 2 * deviation) covered += 1;
    }
    expect(covered).toBeGreaterThanOrEqual(186);
  });

  it('forgets what came before a change at once, and noise never', () => {
    const before = blocks(beginLogMean(prior), 60, 0, 2);
    expect(Math.abs(before.mean)).toBeLessThan(0.03);
    const after = blocks(before, 3, -0.69, 3);
    expect(after.mean).toBeLessThan(-0.6);
    expect(after.mean).toBeGreaterThan(-0.8);
    expect(after.weight).toBeLessThan(400);
    for (let seed = 10; seed < 60; seed += 1) expect(blocks(before, 40, 0, seed).weight).toBeGreaterThan(2_000);
  });
});
