import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom, type Random } from '../../statistics/random.ts';
import type { ControlFeature } from './control-learners.ts';
import type { RowValues } from '../features/row-values.ts';
import { beginRouted, observeRoutedRow, takeRoutedEvidence, tellRouted, type RoutedState } from './routed-requests.ts';

const features: readonly ControlFeature[] = [
  { name: 'length', group: 'in', kind: 'numeric' },
  { name: 'language', group: 'in', kind: 'category' },
  { name: 'class', group: 'out', kind: 'category' },
];
const replicas = ['a', 'b', 'c'];
const begin = (): RoutedState => beginRouted(features, ['in']);

/** Where an ordinary request goes, by its number and what it asks. */
type Place = (at: number, length: number, random: Random) => number;
/** What the next request asks, by the one before it. */
type Ask = (at: number, before: number, random: Random) => number;

const independent: Ask = (_at, _before, random) => random.nextShare();

function run(seed: number, rows: number, place: Place, { ask = independent, randomShare = 0.5 } = {}): RoutedState {
  const random = seededRandom(seed);
  let [state, length] = [begin(), 0.5];
  for (let at = 0; at < rows; at += 1) {
    length = ask(at, length, random);
    const isRandom = random.nextShare() < randomShare;
    const arm = replicas[isRandom ? random.nextBelow(3) : place(at, length, random)] ?? 'a';
    const values = { length, language: length < 0.5 ? 'en' : 'de', class: length < 0.3 ? 'x' : 'y' };
    state = observeRoutedRow(state, { atMs: at * 1_000, arm, isRandom }, { values });
  }
  return state;
}
const evidenceOf = (state: RoutedState): number => {
  const products = takeRoutedEvidence(state).evidence['routed/requests'] ?? [1];
  return products.reduce((sum, each) => sum + each, 0) / products.length;
};
const anywhere: Place = (_at, _length, random) => random.nextBelow(3);

describe('ordinary traffic that is placed by what it asks', () => {
  it.each([
    [0.5, 900],
    [0.9, 2_400],
    [0.1, 2_400],
  ])('is found with a random share of %s of the rows', (randomShare, rows) => {
    const place: Place = (_at, length, random) => (length > 0.5 ? 0 : random.nextBelow(3));
    const state = run(3, rows, place, { randomShare });
    expect(evidenceOf(state)).toBeGreaterThan(1e6);
    expect(tellRouted(state)?.features).toContain('language');
    expect(replicas).toContain(tellRouted(state)?.arm);
  });

  it('that begins late is found, and is told to have begun then', () => {
    const place: Place = (at, length, random) => (at >= 6_000 && length > 0.5 ? 0 : random.nextBelow(3));
    const before = takeRoutedEvidence(run(5, 6_000, place)).state;
    expect(before.gain).toBeLessThan(8);
    const after = run(5, 8_000, place);
    expect(evidenceOf(after)).toBeGreaterThan(1e6);
    expect(after.sinceMs).toBeGreaterThan(5_900_000);
    expect(after.sinceMs).toBeLessThan(6_600_000);
  });
});

describe('traffic that is placed by anything else', () => {
  /** By Ville's inequality the evidence ever reaches 20 in at most 5% of such streams. */
  it.each<[string, Place, Ask]>([
    ['at random', anywhere, independent],
    ['mostly to one replica', (_at, _length, random) => (random.nextShare() < 0.8 ? 0 : 1), independent],
    [
      'in turn, while requests depend on one another',
      (at) => at % 3,
      (_at, before, random) => 0.9 * before + 0.1 * random.nextShare(),
    ],
    ['with requests that wander', anywhere, (at, _before, random) => random.nextShare() * 0.2 + at / 1_000],
    ['with requests that one client repeats', anywhere, (at) => (at % 7) / 7],
  ])('raises no evidence: %s', (_what, place, ask) => {
    const runs = Array.from({ length: 300 }, (_, seed) => evidenceOf(run(1_000 + seed, 600, place, { ask })));
    expect(runs.filter((each) => each >= 20).length).toBeLessThanOrEqual(0.05 * runs.length);
  });

  it('bets fairly: over both outcomes of the coin every stake has a mean of 1', () => {
    const value = fc.oneof(fc.double(), fc.constantFrom('en', 'de', 'new', null, NaN, '__proto__'));
    const row = fc.record({ length: value, language: value, class: value, constructor: value });
    const before = takeRoutedEvidence(run(11, 1_200, (_at, length) => (length > 0.5 ? 0 : 1))).state;
    const open = before.arms.find(({ waiting }) => waiting === null);
    expect(open).toBeDefined();
    fc.assert(
      fc.property(row, row, (first, second) => {
        const add = (state: RoutedState, isRandom: boolean, values: RowValues['values']): RoutedState =>
          observeRoutedRow(state, { atMs: 1, arm: open?.arm ?? '', isRandom }, { values });
        const outcomes = [true, false].map((isFirst) => add(add(before, isFirst, first), !isFirst, second));
        const [one, other] = outcomes.map(({ products }) => products ?? []);
        expect(one).toHaveLength(4);
        for (const [at, product] of (one ?? []).entries()) {
          expect((product + (other?.[at] ?? NaN)) / 2).toBeCloseTo(1, 12);
        }
      }),
    );
  });

  it('says nothing of one replica alone, or without a random share', () => {
    expect(evidenceOf(run(1, 2_000, () => 0, { randomShare: 0 }))).toBe(1);
    expect(tellRouted(begin())).toBeNull();
  });
});

describe('the state', () => {
  it('stays small and plain, whatever requests and replicas are named', () => {
    const many = Array.from({ length: 500 }, (_, at): ControlFeature => ({
      name: `f${at}`,
      group: 'in',
      kind: 'category',
    }));
    let state = beginRouted(many, ['in']);
    for (let at = 0; at < 4_000; at += 1) {
      const values = Object.fromEntries(many.map(({ name }) => [name, `value ${at % 977}`]));
      state = observeRoutedRow(state, { atMs: at, arm: `replica ${at % 40}`, isRandom: at % 3 === 0 }, { values });
    }
    expect(state.arms.length).toBeLessThanOrEqual(16);
    expect(JSON.stringify(state).length).toBeLessThan(300_000);
    expect(JSON.parse(JSON.stringify(state))).toEqual(state);
  });
});
