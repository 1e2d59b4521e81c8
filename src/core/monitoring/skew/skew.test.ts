import { expect, it } from 'vitest';
import { seededRandom } from '../../statistics/random.ts';
import { compareSkew, type SkewRow, type SkewTerms } from './skew.ts';

const terms: SkewTerms = { tolerance: 1e-6, allowedShare: 0.01, confidenceShare: 0.95 };
const columns = (...names: readonly string[]) => ({ offline: names, online: names });

function compare(
  pairs: readonly (readonly [SkewRow | null, SkewRow | null])[],
  names: readonly string[],
  of: SkewTerms = terms,
) {
  const comparison = compareSkew(columns(...names), of);
  pairs.forEach(([offline, online], at) => comparison.add(`e${at}`, offline, online));
  return comparison.judge();
}
const repeat = (rows: number, pair: readonly [SkewRow, SkewRow]) => Array.from({ length: rows }, () => pair);

it('passes where enough entities are the same, up to rounding', () => {
  const skew = compare(repeat(300, [{ amount: 1_000_000 }, { amount: 1_000_000.5 }]), ['amount']);
  expect(skew).toMatchObject({ verdict: 'pass', entities: 300 });
  // 0.05 ^ (1 / 300) by the definition of the exact limit.
  expect(skew.features[0]?.limits.upper).toBeCloseTo(1 - 0.05 ** (1 / 300), 9);
});

it('says how many entities are missing, and never passes without any', () => {
  const few = compare(repeat(100, [{ amount: 1 }, { amount: 1 }]), ['amount']);
  expect(few).toMatchObject({ verdict: 'unknown' });
  expect(few.features[0]?.reason).toContain('about 199 more entities decide it');
  expect(compare([[{ amount: 1 }, null]], ['amount'])).toMatchObject({
    verdict: 'unknown',
    ...{ onlyOffline: 1, examplesOnlyOffline: ['e0'], onlyOnline: 0 },
  });
  expect(compare([], [])).toMatchObject({ verdict: 'unknown' });
  expect(compare(repeat(50, [{ a: 1 }, { a: 1 }]), ['a'], { ...terms, allowedShare: 0 }).verdict).toBe('unknown');
});

it('names the largest differences, what is missing, and other types', () => {
  const pairs = [
    ...repeat(200, [{ amount: 1 }, { amount: 1 }]),
    ...[5, 100, 2, 7].map((online) => [{ amount: 1 }, { amount: online }] as const),
    [{ amount: null }, { amount: 3 }] as const,
    [{ amount: 3 }, {}] as const,
    [{ amount: 3 }, { amount: '3' }] as const,
    [{ amount: null }, {}] as const,
  ];
  const [feature] = compare(pairs, ['amount']).features;
  expect(feature).toMatchObject({
    verdict: 'fail',
    ...{ differ: 7, missingOffline: 1, missingOnline: 1, typesDiffer: 1 },
    types: { offline: ['number'], online: ['number', 'text'] },
  });
  expect(feature?.examples.map(({ difference }) => difference)).toEqual([99, 6, 4]);
});

it('fails for a column that one side does not have', () => {
  const comparison = compareSkew({ offline: ['a', 'b'], online: ['a'] }, terms);
  for (let at = 0; at < 500; at += 1) comparison.add(String(at), { a: 1, b: 1 }, { a: 1 });
  expect(comparison.judge().features.map(({ feature, verdict }) => [feature, verdict])).toEqual([
    ['a', 'pass'],
    ['b', 'fail'],
  ]);
});

it('names a feature wrongly in at most 5% of runs, all 20 features together', () => {
  const names = Array.from({ length: 20 }, (_, index) => `f${index}`);
  const random = seededRandom(3);
  let wrong = 0;
  for (let run = 0; run < 200; run += 1) {
    const comparison = compareSkew(columns(...names), terms);
    const offline = Object.fromEntries(names.map((name) => [name, 0]));
    for (let at = 0; at < 150; at += 1) {
      // Exactly what is allowed: one of a hundred differs.
      const online = Object.fromEntries(names.map((name) => [name, random.nextShare() < 0.01 ? 1 : 0]));
      comparison.add(String(at), offline, online);
    }
    if (comparison.judge().features.some(({ verdict }) => verdict === 'fail')) wrong += 1;
  }
  expect(wrong).toBeLessThanOrEqual(0.05 * 200 + 7);
});

it('takes names and keys from no prototype', () => {
  expect(compare(repeat(400, [{}, {}]), ['constructor'])).toMatchObject({ verdict: 'pass' });
});

it('counts an entity once however often it was looked at, with its largest difference', () => {
  const comparison = compareSkew(columns('amount', 'city'), terms);
  for (let entity = 0; entity < 400; entity += 1) {
    comparison.addTimes(
      [0, 7, 3].map((error, time) => ({
        key: `e${entity} at ${time}`,
        offline: { amount: 1, city: 'oslo' },
        online: { amount: 1 + (entity < 40 ? error : 0), city: 'oslo' },
      })),
    );
  }
  comparison.addTimes([]);
  const skew = comparison.judge();
  expect(skew.entities).toBe(400);
  expect(skew.features.map(({ verdict, differ }) => [verdict, differ])).toEqual([
    ['fail', 40],
    ['pass', 0],
  ]);
  expect(skew.features[0]?.examples[0]).toEqual({ key: 'e0 at 1', offline: 1, online: 8, difference: 7 });
});
