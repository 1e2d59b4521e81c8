import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { constantCellShare } from './cell-profile.ts';
import { dataProfiler, mergedProfiles, type DataProfile } from './data-profile.ts';
import { quantile, quantileSketcher, rankErrorShare } from './quantile-sketch.ts';

const profileOf = (rows: readonly Readonly<Record<string, unknown>>[]): DataProfile => {
  const profiler = dataProfiler();
  for (const row of rows) profiler.add(row);
  return profiler.profile();
};
/** The seeded sequence of Park and Miller. */
const seeded = (seed: number) => () => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;

describe('dataProfiler', () => {
  it('tells numbers, text, truth values and lists apart, and what is missing', () => {
    const profile = profileOf([
      { n: 1, t: 'ab', ok: true, image: [0, 1, 5] },
      { n: 3, t: 'abcd', ok: true, image: [0, 2, 5] },
      { n: null, t: 'ab', image: [0, 3, null], extra: { a: 1 } },
    ]);
    expect(profile).toMatchObject({
      rows: 3,
      columns: [
        { name: 'n', count: 2, missing: 1, numbers: { min: 1, max: 3, mean: 2, standardDeviation: 1 } },
        { name: 't', values: { distinct: 2, exact: true, top: [['"ab"', 2], ['"abcd"', 1]] }, lengths: { max: 4 } },
        { name: 'ok', count: 2, missing: 1 },
        { name: 'image', lists: { cells: 3, missing: 1, numbers: { count: 8, max: 5 }, constant: [0, null, null] } },
        { name: 'extra', count: 1, missing: 2, objects: 1 },
      ],
    }); // prettier-ignore
    expect(constantCellShare(profile.columns[3]!.lists!)).toBeCloseTo(1 / 3);
  });
  it('merges parts to the profile of the whole, while all is exact', () => {
    const value = fc.oneof(fc.integer({ min: -5, max: 5 }), fc.constantFrom('a', 'b'), fc.constant(null), fc.boolean());
    fc.assert(
      fc.property(fc.array(fc.record({ a: value, b: value }), { maxLength: 60 }), fc.nat(60), (rows, at) => {
        const merged = mergedProfiles(profileOf(rows.slice(0, at)), profileOf(rows.slice(at)));
        const whole = profileOf(rows);
        for (const [index, column] of whole.columns.entries()) {
          const part = merged.columns[index]!;
          expect({ ...part, numbers: null }).toEqual({ ...column, numbers: null });
          expect(part.numbers?.mean ?? 0).toBeCloseTo(column.numbers?.mean ?? 0);
          expect(part.numbers?.sketch.count).toBe(column.numbers?.sketch.count);
        }
      }),
    );
  });
  it('estimates how many values there are within five standard errors, and finds the frequent ones', () => {
    const profile = profileOf(
      Array.from({ length: 60_000 }, (_, row) => ({ id: row % 3 === 0 ? 'often' : `value ${row}` })),
    );
    const { values } = profile.columns[0]!;
    expect(values!.exact).toBe(false);
    expect(Math.abs(values!.distinct / 40_001 - 1)).toBeLessThan(5 * profile.errors.distinctStandardErrorShare);
    const [top, count] = values!.top[0]!;
    expect(top).toBe('"often"');
    expect(20_000 - count).toBeLessThanOrEqual(values!.countErrorAtMost);
    expect(values!.countErrorAtMost).toBeLessThanOrEqual(60_000 / 1_001);
  });
  it('takes memory by columns and not by rows', () => {
    const random = seeded(3);
    const short = profileOf(Array.from({ length: 5_000 }, () => ({ x: random() })));
    const long = profileOf(Array.from({ length: 100_000 }, () => ({ x: random() })));
    expect(JSON.stringify(long).length).toBeLessThan(2 * JSON.stringify(short).length);
  });
});

describe('quantileSketcher', () => {
  it.each(['in order', 'shuffled', 'backwards'])('keeps ranks within the stated error, values %s', (order) => {
    const n = 200_000;
    const random = seeded(7);
    const sketcher = quantileSketcher();
    for (let at = 0; at < n; at += 1) {
      sketcher.add(order === 'in order' ? at / n : order === 'backwards' ? 1 - at / n : random());
    }
    const sketch = sketcher.sketch();
    for (const share of [0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99]) {
      expect(Math.abs(quantile(sketch, share)! - share)).toBeLessThan(rankErrorShare + 0.002);
    }
    expect(sketch.levels.flat().length).toBeLessThan(4_000);
  });
});
