import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normalQuantile } from '../../statistics/distributions/normal.ts';
import { evidenceVariances, placeOf, rankErrors, shiftEvidence, shifts } from './shift-bets.ts';

const sortedOf = (values: readonly number[]): readonly number[] => [...values].sort((a, b) => a - b);
const normal = (count: number): readonly number[] =>
  Array.from({ length: count }, (_, index) => normalQuantile((index + 0.5) / count));
const evidenceOf = (history: readonly number[], error: number): readonly number[] =>
  shiftEvidence(placeOf(rankErrors(history), error));

describe('bets on shifts of errors', () => {
  it('have a mean of exactly 1 where any of the errors may be the new one, also where errors repeat', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 2, maxLength: 40 }), (errors) => {
        const all = errors.map((error, index) => evidenceOf(sortedOf(errors.toSpliced(index, 1)), error));
        for (const [at] of (all[0] ?? []).entries()) {
          const sum = all.reduce((total, each) => total + (each[at] ?? 0), 0);
          expect(sum / errors.length).toBeCloseTo(1, 9);
        }
      }),
      { numRuns: 200, seed: 5 },
    );
  });

  it('have a mean of 1 over the places of a long history, of which only some values are kept', () => {
    const history = normal(1_000);
    const ranks = rankErrors(history);
    expect(ranks.at.length).toBeLessThanOrEqual(50);
    // The middle between two neighbours, and one beyond either end.
    const between = [...history, 10].map((error, index) => (error + (history[index - 1] ?? -10)) / 2);
    const all = between.map((error) => shiftEvidence(placeOf(ranks, error)));
    for (const [at] of shifts.entries()) {
      for (const side of [at, at + shifts.length]) {
        expect(all.reduce((sum, each) => sum + (each[side] ?? 0), 0) / all.length).toBeCloseTo(1, 9);
      }
    }
  });

  it('are near the likelihood ratio of the shift where errors are normal', () => {
    const history = normal(2_000);
    for (const error of [-2, -1, 0, 1, 2]) {
      const found = evidenceOf(history, error);
      for (const [at, { by }] of shifts.slice(0, 3).entries()) {
        expect(Math.log(found[at] ?? 0)).toBeCloseTo(by * error - (by * by) / 2, 0);
        expect(Math.log(found[at + shifts.length] ?? 0)).toBeCloseTo(-by * error - (by * by) / 2, 0);
      }
    }
  });

  it('are largest beyond all of the history: up to the half of its length', () => {
    const found = evidenceOf(
      Array.from({ length: 1_000 }, () => 0),
      0.02,
    );
    expect(found.slice(0, 4).map(Math.round)).toEqual([5, 18, 138, 464]);
    expect(Math.max(...found.slice(4))).toBeLessThan(1);
  });

  it('vary as the likelihood ratio does: exp(shift^2) - 1', () => {
    const variances = evidenceVariances(rankErrors(normal(4_000)));
    expect(variances[0]).toBeCloseTo(Math.exp(0.25) - 1, 1);
    expect(variances[1]).toBeGreaterThan(1.3);
    expect(variances[1]).toBeLessThan(1.8);
    expect(variances[5]).toBeCloseTo(variances[1] ?? 0, 6);
    expect(evidenceVariances(rankErrors([0, 0, 0]))).toHaveLength(2 * shifts.length);
  });
});
