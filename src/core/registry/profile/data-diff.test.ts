import fc from 'fast-check';
import { expect, it } from 'vitest';
import { digestOf } from '../../units/digest.ts';
import { dataDiff } from './data-diff.ts';
import { dataProfiler } from './data-profile.ts';

type Row = Readonly<Record<string, unknown>>;
const profileOf = (rows: readonly Row[]) => {
  const profiler = dataProfiler();
  for (const row of rows) profiler.add(row);
  return profiler.profile();
};
const diffOf = (a: readonly Row[], b: readonly Row[]) =>
  dataDiff(
    { digest: digestOf(a), rows: a.length, columns: [{ name: 'x', type: 'integer' }, { name: 'gone', type: 'text' }] },
    { digest: digestOf(b), rows: b.length, columns: [{ name: 'x', type: 'number' }, { name: 'new', type: 'text' }] },
    [profileOf(a), profileOf(b)],
  ); // prettier-ignore

it('tells columns that came, went and changed their type', () => {
  expect(diffOf([{ x: 1 }], [{ x: 1 }, { x: 2 }])).toMatchObject({
    sameContent: false,
    rows: [1, 2],
    schema: {
      added: [{ name: 'new' }],
      gone: [{ name: 'gone' }],
      changed: [{ name: 'x', from: 'integer', to: 'number' }],
    },
  });
});

it('gives distances that can be worked out by hand', () => {
  const before = [0, 0, 1, 1].map((x) => ({ x, c: 'a' }));
  const after = [1, 1, 2, 2].map((x, at) => ({ x, c: at < 2 ? 'a' : 'b' }));
  const [c, x] = diffOf(before, after).columns!.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  // Shares at most 0, 1, 2: 1/2 1 1 and 0 1/2 1.
  expect(x!.numbers).toMatchObject({ kolmogorovSmirnov: 0.5, wasserstein: 1 });
  // p = (1, 0), q = (1/2, 1/2): H(3/4, 1/4) - (0 + 1) / 2 = 0.3113 bits.
  expect(c!.categories!.jensenShannon).toBeCloseTo(Math.sqrt(0.311278), 5);
  // Half a row added: (4.5, 0.5) / 5 and (2.5, 2.5) / 5.
  expect(c!.categories!.psi).toBeCloseTo(0.4 * Math.log(1.8) - 0.4 * Math.log(0.2), 9);
  expect(c!.categories).toMatchObject({ gone: [], added: ['"b"'] });
});

it('puts what moved most first, missing values too', () => {
  const before = Array.from({ length: 100 }, (_, at) => ({ still: at, moves: at, vanishes: at }));
  const after = before.map(({ still, moves, vanishes }) => ({
    still,
    moves: moves + 20,
    vanishes: vanishes < 10 ? vanishes : null,
  }));
  expect(diffOf(before, after).columns!.map(({ name }) => name)).toEqual(['vanishes', 'moves', 'still']);
});

it('is nothing between data and itself, and the same both ways', () => {
  const row = fc.record({ x: fc.integer({ min: 0, max: 9 }), c: fc.constantFrom('a', 'b', 'c') });
  const rows = fc.array(row, { minLength: 1, maxLength: 50 });
  fc.assert(
    fc.property(rows, rows, (a, b) => {
      expect(diffOf(a, a).columns!.every(({ moved }) => moved === 0)).toBe(true);
      const [one, other] = [diffOf(a, b), diffOf(b, a)].map(({ columns }) =>
        columns!.map(({ name, moved }) => `${name} ${moved.toFixed(9)}`),
      );
      expect(one).toEqual(other);
    }),
  );
});

it('does not take the error of its sketches for a move', () => {
  // The seeded sequence of Park and Miller.
  let seed = 11;
  const rows = Array.from({ length: 60_000 }, () => ({ x: (seed = (seed * 48_271) % 2_147_483_647) }));
  const [x] = diffOf(rows.slice(0, 30_000), rows.slice(30_000)).columns!;
  expect(x!.numbers!.kolmogorovSmirnov).toBeLessThan(x!.numbers!.chance);
  const [moved] = diffOf(
    rows.slice(0, 30_000),
    rows.slice(30_000).map(({ x: value }) => ({ x: value * 1.2 })),
  ).columns!;
  expect(moved!.numbers!.kolmogorovSmirnov).toBeGreaterThan(moved!.numbers!.chance);
});
