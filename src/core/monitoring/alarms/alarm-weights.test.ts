import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { armSlots, splitWeights } from './alarm-weights.ts';

const total = (weights: readonly { readonly weight: number }[]): number =>
  weights.reduce((sum, { weight }) => sum + weight, 0);

describe('the split of weights', () => {
  it('gives half to aggregates, half to groups and then features', () => {
    const features = [
      { name: 'score', group: 'outputs' },
      { name: 'class', group: 'outputs' },
      { name: 'length', group: 'inputs' },
    ];
    expect(splitWeights(['answers', 'outputs'], features).map(({ name, weight }) => [name, weight])).toEqual([
      ['answers', 0.25],
      ['outputs', 0.25],
      ['score', 0.125],
      ['class', 0.125],
      ['length', 0.25],
    ]);
    expect(splitWeights([], features).find(({ name }) => name === 'length')?.weight).toBe(0.5);
    expect(splitWeights(['answers'], [])).toEqual([{ name: 'answers', group: null, weight: 1 }]);
  });

  it('never sums to more than 1', () => {
    const name = fc.string({ maxLength: 3 });
    const features = fc.array(fc.record({ name, group: name }), { maxLength: 60 });
    fc.assert(
      fc.property(fc.array(name, { maxLength: 8 }), features, (aggregates, list) => {
        expect(total(splitWeights(aggregates, list))).toBeLessThanOrEqual(1 + 1e-9);
      }),
      { numRuns: 200, seed: 7 },
    );
  });

  it('refuses nine aggregates', () => {
    const nine = Array.from({ length: 9 }, (_, index) => `aggregate ${index}`);
    expect(() => splitWeights(nine, [])).toThrow(expect.objectContaining({ code: 'too-many-aggregates' }));
  });

  it('keeps the parts of replicas that went', () => {
    expect(armSlots(armSlots(armSlots(0, 2), 5), 3)).toBe(5);
  });
});
