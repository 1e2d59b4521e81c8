import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/core/statistics/random.ts';
import { runEngine } from './batching-engine.ts';
import { sampleShapley } from './shapley.ts';
import { clockedTruth, fitWork, largestError, splitByWork } from './split-methods.ts';

describe('sampled Shapley values', () => {
  it('are those of all orders: a cost that arises once is shared equally, and the rest is of whom it is', () => {
    // Orders of a, b, c with cost 12 once and 1, 2, 3 each: 4 + 1, 4 + 2, 4 + 3.
    const costOf = (set: readonly number[]): number =>
      set.length === 0 ? 0 : 12 + set.reduce((sum, each) => sum + each, 0);
    const values = sampleShapley([1, 2, 3], costOf, 200, seededRandom(1));
    expect(values.reduce((sum, value) => sum + value, 0)).toBeCloseTo(18, 6);
    [5, 6, 7].forEach((value, index) => expect(values[index]).toBeCloseTo(value, 6));
  });
});

describe('the split of batch time by work', () => {
  it('adds up to all of the time, and is near what the clock of the engine counted', () => {
    const ran = runEngine(4_000, seededRandom(2));
    const [fitted, batches] = [ran.slice(0, 1_000), ran.slice(1_000)];
    const charged = splitByWork(batches, fitWork(fitted));
    const truth = clockedTruth(batches);
    const all = batches.reduce((sum, { durationUs }) => sum + durationUs, 0);
    expect(charged.chat + charged.documents).toBe(all);
    expect(truth.chat + truth.documents).toBeCloseTo(all, 0);
    expect(largestError(charged, truth)).toBeLessThan(0.03);
  });
});
