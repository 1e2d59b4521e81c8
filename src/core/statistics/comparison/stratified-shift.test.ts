import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stratifiedShift, type SampleGroup } from './stratified-shift.ts';

/** The weighted median of all differences, by sorting them: between the last below half of the weight and the first above. */
function byCount(groups: readonly SampleGroup[]): number {
  const differences = groups.flatMap(({ firsts, seconds }) =>
    firsts.flatMap((first) =>
      seconds.map((second) => ({ value: second - first, weight: 1 / (firsts.length + seconds.length + 1) })),
    ),
  );
  differences.sort((a, b) => a.value - b.value);
  const whole = differences.reduce((sum, { weight }) => sum + weight, 0);
  let weight = 0;
  for (const [at, difference] of differences.entries()) {
    weight += difference.weight;
    if (weight > whole / 2 + 1e-9) return difference.value;
    if (weight > whole / 2 - 1e-9) return (difference.value + (differences[at + 1]?.value ?? NaN)) / 2;
  }
  return NaN;
}

const values = fc.array(fc.integer({ min: -20, max: 20 }), { minLength: 1, maxLength: 6 });
const someGroups = fc.array(fc.record({ firsts: values, seconds: values }), { minLength: 1, maxLength: 5 });

describe('a shift within groups', () => {
  it('is by hand for two groups, and null where nothing can be compared', () => {
    const groups = [
      { firsts: [0], seconds: [1] },
      { firsts: [0, 0], seconds: [5, 5] },
    ];
    expect(stratifiedShift(groups)).toBeCloseTo(5, 6);
    expect(stratifiedShift([{ firsts: [1, 2], seconds: [5, 6, 7] }])).toBeCloseTo(4.5, 6);
    expect(stratifiedShift([{ firsts: [1], seconds: [] }])).toBeNull();
    expect(stratifiedShift([])).toBeNull();
  });

  it('is the weighted median of all differences', () => {
    fc.assert(
      fc.property(someGroups, (groups) => {
        expect(stratifiedShift(groups)).toBeCloseTo(byCount(groups), 5);
      }),
    );
  });

  it('turns with the samples, and moves with the seconds', () => {
    fc.assert(
      fc.property(someGroups, fc.integer({ min: -9, max: 9 }), (groups, by) => {
        const found = stratifiedShift(groups) ?? NaN;
        const turned = groups.map(({ firsts, seconds }) => ({ firsts: seconds, seconds: firsts }));
        const moved = groups.map(({ firsts, seconds }) => ({ firsts, seconds: seconds.map((value) => value + by) }));
        expect(stratifiedShift(turned)).toBeCloseTo(-found, 5);
        expect(stratifiedShift(moved)).toBeCloseTo(found + by, 5);
      }),
    );
  });

  it('does not see a difference between groups', () => {
    // The second group is slow, and has most of its values in the second sample.
    const groups = [
      { firsts: [1, 1.1, 0.9, 1], seconds: [1] },
      { firsts: [9], seconds: [9, 9.1, 8.9, 9] },
    ];
    expect(Math.abs(stratifiedShift(groups) ?? NaN)).toBeLessThan(0.05);
  });
});
