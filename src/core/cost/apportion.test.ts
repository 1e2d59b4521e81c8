import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { apportion, scaledDown, spreadPart } from './apportion.ts';

const parts = (...weights: readonly number[]) => weights.map((weight, index) => ({ key: `k${index}`, weight }));

describe('apportion', () => {
  test.each([
    [10, [1, 1, 1], [4, 3, 3]],
    [10, [7, 1, 2], [7, 1, 2]],
    [1, [1, 1], [1, 0]],
    [0, [3, 4], [0, 0]],
    [7, [0, 0], [7, 0]],
    [-10, [1, 1, 1], [-4, -3, -3]],
  ])('%d over %j is %j', (total, weights, expected) => {
    expect(apportion(total, parts(...weights))).toEqual(expected);
  });

  test('equal remainders go to the smaller key, wherever it stands', () => {
    const of = (keys: readonly string[]) =>
      apportion(
        1,
        keys.map((key) => ({ key, weight: 1 })),
      );
    expect(of(['b', 'a'])).toEqual([0, 1]);
    expect(of(['a', 'b'])).toEqual([1, 0]);
  });

  test('the parts add up, and each is within 1 of its exact share', () => {
    const weight = fc.bigInt({ min: 0n, max: 2n ** 40n });
    fc.assert(
      fc.property(fc.nat(2 ** 31), fc.array(weight, { minLength: 1, maxLength: 9 }), (total, weights) => {
        const sum = weights.reduce((all, each) => all + each, 0n);
        const split = apportion(total, parts(...weights.map(Number)));
        expect(split.reduce((all, each) => all + each, 0)).toBe(total);
        if (sum === 0n) return;
        weights.forEach((each, index) => {
          const floor = (BigInt(total) * each) / sum;
          expect([floor, floor + 1n]).toContain(BigInt(split[index] ?? -1));
        });
      }),
    );
  });
});

test('parts of any cut of a span add up to the amount', () => {
  fc.assert(
    fc.property(
      fc.nat(1_000_000),
      fc.integer({ min: 1, max: 3_600_000 }),
      fc.array(fc.nat(3_600_000)),
      (amount, length, at) => {
        const cuts = [0, ...at.filter((each) => each <= length), length].sort((a, b) => a - b);
        const sum = cuts.slice(1).reduce((all, to, index) => all + spreadPart(amount, length, cuts[index] ?? 0, to), 0);
        expect(sum).toBe(amount);
      },
    ),
  );
});

test('a product beyond 2^53 loses no digit', () => {
  // 9,007,199,254,740,991 * 3 / 4 = 6,755,399,441,055,743.25
  expect(scaledDown(Number.MAX_SAFE_INTEGER, 3, 4)).toBe(6_755_399_441_055_743);
});
