import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { logEvidenceAbove, logEvidenceBelow, shareLimits } from './sequential-share.ts';
import { addToStakes, logAverage, noStakes, stakes } from './sequential-stakes.ts';
import { logEvidenceOfExcess } from './sequential-two-shares.ts';

function binomial(units: number, share: number): readonly number[] {
  const chances = [(1 - share) ** units];
  for (let hits = 1; hits <= units; hits += 1) {
    chances.push(((chances[hits - 1] ?? 0) * (units - hits + 1) * share) / (hits * (1 - share)));
  }
  return chances;
}

/** The mean of the evidence of one block, summed over every outcome. */
function meanEvidence(n1: number, n2: number, p1: number, p2: number, margin: number, g1: number, g2: number): number {
  const second = binomial(n2, p2);
  return binomial(n1, p1).reduce(
    (sum, chance1, hits1) =>
      sum +
      second.reduce((inner, chance2, hits2) => {
        const log = logEvidenceOfExcess({ units: n1, hits: hits1 }, { units: n2, hits: hits2 }, margin, {
          first: g1,
          second: g2,
        });
        return inner + chance1 * chance2 * Math.exp(log);
      }, 0),
    0,
  );
}

describe('evidence of an excess of one share over another', () => {
  const inside = fc.double({ min: 0.001, max: 0.999, noNaN: true });

  it('has a mean of at most 1 at every point of the null, by the sum over all outcomes', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 12 }),
        fc.double({ min: -0.5, max: 0.5, noNaN: true }),
        inside,
        inside,
        inside,
        inside,
        (n1, n2, margin, p1, below, g1, g2) => {
          const most = Math.min(0.999, p1 + margin);
          fc.pre(most > 0.001);
          expect(meanEvidence(n1, n2, p1, most * below, margin, g1, g2)).toBeLessThanOrEqual(1 + 1e-9);
          expect(meanEvidence(n1, n2, p1, most, margin, g1, g2)).toBeLessThanOrEqual(1 + 1e-9);
        },
      ),
      { numRuns: 400 },
    );
  });

  it('has a mean above 1 where the guess is right', () => {
    expect(meanEvidence(8, 6, 0.1, 0.6, 0.1, 0.1, 0.6)).toBeGreaterThan(1.5);
  });

  it('is the likelihood ratio against the nearest point of the null', () => {
    // Equal arms, 0.1 against 0.3, margin 0: the nearest null is 0.2 in both.
    const log = logEvidenceOfExcess({ units: 10, hits: 1 }, { units: 10, hits: 3 }, 0, { first: 0.1, second: 0.3 });
    const byHand = Math.log(0.1 / 0.2) + 9 * Math.log(0.9 / 0.8) + 3 * Math.log(0.3 / 0.2) + 7 * Math.log(0.7 / 0.8);
    expect(log).toBeCloseTo(byHand, 6);
  });

  it('rises with each hit of the second arm, and falls with each of the first', () => {
    const at = (first: number, second: number): number =>
      logEvidenceOfExcess({ units: 50, hits: first }, { units: 10, hits: second }, 0.01, { first: 0.02, second: 0.1 });
    expect(at(1, 2)).toBeGreaterThan(at(1, 1));
    expect(at(2, 1)).toBeLessThan(at(1, 1));
  });

  it('does not bet where the guess is inside the null, nor with an empty arm', () => {
    const guess = { first: 0.1, second: 0.15 };
    expect(logEvidenceOfExcess({ units: 5, hits: 1 }, { units: 5, hits: 4 }, 0.05, guess)).toBe(0);
    expect(logEvidenceOfExcess({ units: 0, hits: 0 }, { units: 5, hits: 5 }, 0, guess)).toBe(0);
    expect(logEvidenceOfExcess({ units: 5, hits: 0 }, { units: 0, hits: 0 }, 0, guess)).toBe(0);
  });
});

describe('evidence of a share against a bound', () => {
  it('has a mean of at most 1 under the bound, by the sum over all outcomes', () => {
    for (const share of [0.01, 0.1, 0.2]) {
      const mean = binomial(40, share).reduce(
        (sum, chance, hits) => sum + chance * Math.exp(logEvidenceAbove(hits, 40, 0.2)),
        0,
      );
      expect(mean).toBeLessThanOrEqual(1 + 1e-9);
    }
  });

  it('agrees with the integral of its mixture', () => {
    const [hits, units, bound] = [7, 20, 0.2];
    let [sum, weight] = [0, 0];
    const steps = 200_000;
    for (let step = 0; step < steps; step += 1) {
      // p = sin^2 makes the density of Beta(1/2, 1/2) uniform in the angle.
      const p = Math.sin(((step + 0.5) / steps) * (Math.PI / 2)) ** 2;
      if (p <= bound) continue;
      weight += 1;
      sum += Math.exp(hits * Math.log(p / bound) + (units - hits) * Math.log((1 - p) / (1 - bound)));
    }
    expect(logEvidenceAbove(hits, units, bound)).toBeCloseTo(Math.log(sum / weight), 4);
  });

  it('is far below 1 where the share is on the other side, also where the tail is below every double', () => {
    expect(logEvidenceAbove(1_000, 1_000_000, 0.01)).toBeLessThan(-3);
    expect(logEvidenceBelow(1_000, 1_000_000, 0.01)).toBeGreaterThan(1_000);
  });

  it('gives limits around the estimate that narrow', () => {
    const few = shareLimits(90, 100, 3, 3);
    const many = shareLimits(9_000, 10_000, 3, 3);
    expect(few.low).toBeLessThan(many.low);
    expect(many.low).toBeLessThan(0.9);
    expect(many.high).toBeGreaterThan(0.9);
    expect(many.high).toBeLessThan(few.high);
    expect(shareLimits(0, 0, 3, 3)).toEqual({ low: 0, high: 1 });
  });
});

describe('stakes on a bounded mean', () => {
  it('multiplies by 1 + stake * D / cap, and averages', () => {
    const logs = addToStakes(noStakes(), 0.02, 0.05);
    expect(logs[0]).toBeCloseTo(Math.log(1 + 0.9 * 0.4), 12);
    const mean = stakes.reduce((sum, stake) => sum + 1 + stake * 0.4, 0) / stakes.length;
    expect(logAverage(logs)).toBeCloseTo(Math.log(mean), 12);
  });

  it('clips what is beyond the cap, and stays positive', () => {
    expect(addToStakes(noStakes(), -7, 0.05)[0]).toBeCloseTo(Math.log(0.1), 12);
    expect(addToStakes(noStakes(), 7, 0.05)[0]).toBeCloseTo(Math.log(1.9), 12);
  });
});
