import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitNonNegative } from '../../../statistics/fitting/non-negative-least-squares.ts';
import { seededRandom } from '../../../statistics/random.ts';
import { addCostBlock, beginWeights, costOf, deviationBetween, type CostBlock } from './unit-weights.ts';

const learnFrom = (kinds: number, blocks: readonly CostBlock[], keptShare = 1) =>
  blocks.reduce((weights, block) => addCostBlock(weights, block, keptShare), beginWeights(kinds));

const amounts = fc.double({ min: 0.1, max: 50, noNaN: true });

describe('what a unit of work costs', () => {
  it('is what the told curve says before the first block, whatever the work', () => {
    expect(costOf(beginWeights(2), [1_000, 300])).toBe(1);
  });

  it('is found exactly where costs are made of it', () => {
    // A request 0.5, a token read 0.01, a token written 0.1.
    const of = (read: number, written: number): CostBlock => ({
      sizes: [read, written],
      cost: 0.5 + 0.01 * read + 0.1 * written,
      weight: 20,
    });
    const weights = learnFrom(2, [of(100, 10), of(300, 5), of(50, 40), of(10, 2)]);
    for (const [at, cost] of [0.5, 0.01, 0.1].entries()) expect(weights.costs[at]).toBeCloseTo(cost, 9);
    expect(costOf(weights, [200, 20])).toBeCloseTo(4.5, 9);
  });

  it('is never below 0: a unit that more of costs less costs nothing', () => {
    const weights = learnFrom(
      1,
      [1, 2, 3, 4].map((size) => ({ sizes: [size], cost: 5 - size, weight: 1 })),
    );
    expect(weights.costs).toEqual([2.5, 0]);
  });

  it('is the number of requests alone where all of them are alike', () => {
    const weights = learnFrom(
      1,
      [1, 1.2, 0.8].map((cost) => ({ sizes: [7], cost, weight: 10 })),
    );
    expect(weights.costs[0]).toBeCloseTo(1, 9);
    expect(weights.costs[1]).toBe(0);
  });

  it('is what all rows at once give, each counted by its weight and its age', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ a: amounts, b: amounts, cost: amounts, weight: amounts }), {
          minLength: 1,
          maxLength: 30,
        }),
        fc.double({ min: 0.5, max: 1, noNaN: true }),
        (rows, keptShare) => {
          const weights = learnFrom(
            2,
            rows.map(({ a, b, cost, weight }) => ({ sizes: [a, b], cost, weight })),
            keptShare,
          );
          const roots = rows.map(({ weight }, at) => Math.sqrt(weight * keptShare ** (rows.length - 1 - at)));
          const squares = (costs: readonly number[]): number =>
            rows.reduce((sum, { a, b, cost }, at) => {
              const fitted = (costs[0] ?? 0) + a * (costs[1] ?? 0) + b * (costs[2] ?? 0);
              return sum + ((roots[at] ?? 0) * (cost - fitted)) ** 2;
            }, 0);
          const all = fitNonNegative(
            rows.map(({ a, b }, at) => [1, a, b].map((value) => value * (roots[at] ?? 0))),
            rows.map(({ cost }, at) => cost * (roots[at] ?? 0)),
          );
          const whole = rows.reduce((sum, { cost }, at) => sum + ((roots[at] ?? 0) * cost) ** 2, 0);
          expect(weights.costs.every((cost) => cost >= 0)).toBe(true);
          expect(Math.abs(squares(weights.costs) - all.squares)).toBeLessThan(1e-7 * whole);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('is known as well as it turns out to be: the deviation is that of many repetitions', () => {
    const random = seededRandom(3);
    const normal = (): number => Array.from({ length: 12 }, () => random.nextShare()).reduce((a, b) => a + b, -6);
    const [differences, deviations]: [number[], number[]] = [[], []];
    for (let repetition = 0; repetition < 150; repetition += 1) {
      const blocks = Array.from({ length: 40 }, (_, at) => {
        const size = 1 + (at % 5);
        return { sizes: [size], cost: 1 + 0.5 * size + 0.2 * normal(), weight: 4 };
      });
      const weights = learnFrom(1, blocks);
      differences.push(costOf(weights, [9]) - costOf(weights, [3]));
      deviations.push(deviationBetween(weights, [9], [3]));
    }
    const mean = differences.reduce((sum, each) => sum + each, 0) / 150;
    const spread = Math.sqrt(differences.reduce((sum, each) => sum + (each - mean) ** 2, 0) / 149);
    const told = deviations.reduce((sum, each) => sum + each, 0) / 150;
    expect(mean).toBeCloseTo(3, 1);
    expect(told / spread).toBeGreaterThan(0.85);
    expect(told / spread).toBeLessThan(1.15);
  });

  it('is not known of fewer blocks than it has parts', () => {
    expect(deviationBetween(beginWeights(1), [2], [1])).toBe(Infinity);
    expect(deviationBetween(learnFrom(1, [{ sizes: [2], cost: 3, weight: 1 }]), [4], [2])).toBe(Infinity);
  });
});
