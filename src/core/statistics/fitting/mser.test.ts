import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mserCut } from './mser.ts';

/** The same by its definition: the sum of squares of each tail over the square of its length. */
function cutByDefinition(values: readonly number[]): number {
  const batches = Math.floor(values.length / 5);
  if (batches < 4) return 0;
  const means = Array.from(
    { length: batches },
    (_, at) => values.slice(5 * at, 5 * at + 5).reduce((a, b) => a + b, 0) / 5,
  );
  const errors = means.slice(0, Math.floor(batches / 2) + 1).map((_, cut) => {
    const tail = means.slice(cut);
    const mean = tail.reduce((a, b) => a + b, 0) / tail.length;
    return tail.reduce((sum, value) => sum + (value - mean) ** 2, 0) / tail.length ** 2;
  });
  return 5 * errors.indexOf(Math.min(...errors));
}

describe('MSER-5', () => {
  it('cuts a warm-up of ten slow values off', () => {
    const noise = Array.from({ length: 90 }, (_, at) => 10 + (at % 2));
    expect(mserCut([...Array.from({ length: 10 }, () => 30), ...noise])).toBe(10);
  });

  it('cuts nothing of a short series', () => expect(mserCut(Array.from({ length: 19 }, () => 1))).toBe(0));

  it('is the cut of its definition', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 1_000 }), { minLength: 0, maxLength: 120 }), (values) => {
        const found = mserCut(values);
        const expected = cutByDefinition(values);
        const errorOf = (cut: number): number => {
          const tail = Array.from({ length: Math.floor(values.length / 5) - cut / 5 }, (_, at) =>
            values.slice(cut + 5 * at, cut + 5 * at + 5).reduce((a, b) => a + b, 0),
          );
          const mean = tail.reduce((a, b) => a + b, 0) / tail.length;
          return tail.reduce((sum, value) => sum + (value - mean) ** 2, 0) / tail.length ** 2;
        };
        if (values.length < 20) expect(found).toBe(0);
        else expect(errorOf(found)).toBeCloseTo(errorOf(expected), 6);
      }),
    );
  });
});
