import { beforeAll, describe, expect, it } from 'vitest';
import type { Random } from '../../statistics/random.ts';
import { SlicedWatch, type RowValues } from '../../../testing/builders/sliced-watch.ts';
import type { ControlFeature } from '../detectors/control-learners.ts';
import type { DriftTerms } from '../watch/drift-state.ts';
import { acknowledge } from '../watch/step-drift.ts';
import { historyTerms } from '../watch/watch-plan.ts';
import type { DriftWindow } from '../watch/windows/windows.ts';
import { beginSlices, countInSlices } from './observe-slices.ts';
import { listSlices, nameSlice, pickFollowed, type SlicesState } from './slice-state.ts';

const features: readonly ControlFeature[] = [
  { name: 'status', group: 'status', kind: 'category' },
  { name: 'amount', group: 'amount', kind: 'numeric' },
  { name: 'country.value', group: 'country', kind: 'category' },
  { name: 'score', group: 'score', kind: 'numeric' },
];
const inputs = ['amount', 'country'];
const plain: DriftTerms = { release: 1, rate: { count: 1, perMs: 30 * 86_400_000 }, windowMs: 1 };
const sliced: DriftTerms = { ...plain, slices: ['country.value'] };
const countries = ['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I'];
const shares = [0.29, 0.2, 0.15, 0.1, 0.08, 0.06, 0.05, 0.04, 0.03];

/** Each country has a level of its own; in one of them it may be off. */
const drawRow =
  (off: Readonly<Record<string, number>> = {}) =>
  (random: Random): RowValues => {
    let at = 0;
    for (let left = random.nextShare() - (shares[0] ?? 1); left > 0 && at < 8; left -= shares[at] ?? 0) at += 1;
    const country = countries[at] ?? 'I';
    const amount = at + (off[country] ?? 0) + random.nextShare() + random.nextShare();
    return { status: '200', amount, 'country.value': country, score: 2 * amount + random.nextShare() };
  };

const weightOf = (terms: readonly { readonly weight: number }[]): number =>
  terms.reduce((sum, { weight }) => sum + weight, 0);
const namesOf = (state: SlicesState | undefined): readonly string[] => listSlices(state).map(nameSlice);

describe('slices', { timeout: 60_000 }, () => {
  let quiet: SlicedWatch;
  beforeAll(() => {
    quiet = new SlicedWatch(features, inputs, sliced);
    quiet.feed(168_000, drawRow());
  }, 120_000);

  it('have the most common values of the first windows, for good, and one for all others', () => {
    expect(namesOf(quiet.state.slices)).toHaveLength(8);
    expect(namesOf(quiet.state.slices).slice(0, 5)).toEqual(
      ['A', 'B', 'C', 'D', 'E'].map((each) => `country.value=${each}`),
    );
    expect(namesOf(quiet.state.slices).at(-1)).toBe('country.value=(other)');
    expect(listSlices(quiet.state.slices).map(({ slot }) => slot)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    const rows = listSlices(quiet.state.slices).reduce((sum, slice) => sum + slice.rows, 0);
    expect(rows).toBe(168_000 - 400);
  });

  it('raise no alarm while nothing changes, and are replayed to the bit', () => {
    expect(quiet.state.alarms).toEqual([]);
    expect(quiet.differences().length).toBeGreaterThan(8 * 6);
    expect(new Set(quiet.differences())).toEqual(new Set([null]));
    expect(JSON.stringify(quiet.state).length).toBeLessThan(250_000);
  });

  it('see a change of one slice with one row in twenty and name it, long before the rows together show it', () => {
    const slice = listSlices(quiet.state.slices).find(({ value }) => value === 'G' || value === 'F');
    const value = slice?.value ?? '';
    const changed = drawRow({ [value]: 0.6 });
    const watch = quiet.fork();
    const until = watch.feed(20_000, changed, () => watch.state.alarms.length > 0);
    expect(until).toBeLessThan(10_000);
    const [alarm] = watch.state.alarms;
    expect(alarm?.name).toContain(`@ country.value=${value}`);
    expect(alarm?.moved).toMatch(new RegExp(`@ country.value=${value}: mean went from [\\d.]+ up to`));
    expect(new Set(watch.differences())).toEqual(new Set([null]));
    const together = new SlicedWatch(features, inputs, plain);
    together.feed(60_000, drawRow());
    together.feed(4 * until, changed);
    expect(together.state.alarms).toEqual([]);
  });

  it('say nothing again of what an alarm of all rows named, and stay replayed to the bit through it', () => {
    const everywhere = drawRow(Object.fromEntries(countries.map((country) => [country, 3])));
    const watch = quiet.fork();
    watch.feed(12_000, everywhere);
    const named = watch.state.alarms.map(({ name }) => name);
    expect(named).toEqual(expect.arrayContaining(['amount', 'score']));
    expect(named.filter((name) => name.includes('@')).length).toBeLessThanOrEqual(1);
    expect(new Set(watch.differences())).toEqual(new Set([null]));
    watch.state = acknowledge(watch.state, 'all', false);
    watch.feed(400, drawRow());
    expect(new Set(watch.differences())).toEqual(new Set([null]));
    watch.state = acknowledge(watch.state, 'all', true);
    watch.feed(4_000, drawRow());
    const [first] = listSlices(watch.state.slices);
    // A number of a window never comes again in a slot: what is recorded of before is no history of this.
    expect(first?.historyFrom).toBeGreaterThan(quiet.state.windows);
    expect(first?.series).toEqual([]);
  });

  it('share half of the weight of series by fixed slots: none gets more when others are missing', () => {
    const weights = historyTerms(quiet.state);
    expect(weightOf(weights)).toBeLessThanOrEqual(0.4 + 1e-9);
    expect(weightOf(weights.filter(({ id }) => id.startsWith('slice/')))).toBeCloseTo(0.2, 9);
    const { slices } = quiet.state;
    const two = { ...slices, splits: slices?.splits.map((split) => ({ ...split, slices: split.slices.slice(0, 2) })) };
    const fewer = historyTerms({ ...quiet.state, slices: two as SlicesState });
    expect(weightOf(fewer.filter(({ id }) => id.startsWith('slice/')))).toBeCloseTo(0.05, 9);
    for (const { id, weight } of fewer) expect(weights.find((each) => each.id === id)?.weight).toBe(weight);
    const without = historyTerms({ ...quiet.state, slices: undefined });
    for (const { id, weight } of without)
      expect(weights.find((each) => each.id === id)?.weight).toBeCloseTo(weight / 2, 12);
  });

  it('go on through a release where their feature is an input: inputs at once, outputs with a history of their own', () => {
    const known = { ...sliced, inputsOf: 'sha256:1' } as const;
    const before = quiet.fork(known);
    before.feed(400, drawRow());
    const watch = before.fork({ ...known, release: 2 });
    watch.feed(40_000, drawRow());
    for (const { series, by, value } of listSlices(watch.state.slices)) {
      const judged = series.filter(({ bet, of }) => bet !== null && of?.name === 'amount');
      expect(judged, `${by}=${value}`).toHaveLength(3);
    }
    const [largest, , , , , , smallest] = listSlices(watch.state.slices);
    expect(largest?.series.filter(({ of }) => of?.name === 'score')).toHaveLength(3);
    expect(smallest?.series.filter(({ of }) => of?.name === 'score')).toEqual([]);
    expect(new Set(watch.differences())).toEqual(new Set([null]));
    expect(watch.state.alarms).toEqual([]);
  });

  it('begin anew with a release where their feature is an output, or where the contract names others', () => {
    const known = { ...sliced, inputsOf: 'sha256:1' } as const;
    const ofOutput = new SlicedWatch(features, ['amount'], known);
    ofOutput.feed(12_000, drawRow());
    expect(namesOf(ofOutput.state.slices)).toHaveLength(8);
    const released = ofOutput.fork({ ...known, release: 2 });
    released.feed(40, drawRow());
    expect(namesOf(released.state.slices)).toEqual([]);
    expect(released.state.series.some(({ bet }) => bet !== null)).toBe(true);
    const { slices: _, ...none } = known;
    const unsliced = ofOutput.fork({ ...none, release: 2 });
    unsliced.feed(4_000, drawRow());
    expect(unsliced.state.slices).toBe(undefined);
    expect(new Set(unsliced.differences())).toEqual(new Set([null]));
  });
});

describe('the values of a slice', () => {
  const window = (number: number, counts: Record<string, number>): DriftWindow => ({
    ...{ number, fromMs: 0, toMs: 1, rows: 20 },
    tallies: { kind: { n: 20, missing: 0, mean: 0, variance: 0, counts } },
  });
  const by: readonly ControlFeature[] = [{ name: 'kind', group: 'kind', kind: 'category' }];
  const countAll = (counts: Record<string, number>, windows = 20): SlicesState => {
    let state = beginSlices(by, ['kind']);
    for (let number = 1; number <= windows; number += 1) state = countInSlices(state, window(number, counts));
    return state;
  };

  it('are fixed after 20 windows, and not before any has a value', () => {
    expect(namesOf(countAll({ a: 1 }, 19))).toEqual([]);
    expect(namesOf(countAll({ a: 1 }))).toEqual(['kind=a', 'kind=(other)']);
    expect(namesOf(countAll({}, 50))).toEqual([]);
  });

  it('may have any name, and what has none of its own is no value', () => {
    const odd = JSON.parse('{"__proto__": 9, "constructor": 8, "(other)": 7, "": 6, "a": 1}') as Record<string, number>;
    expect(namesOf(countAll(odd))).toEqual(['kind=__proto__', 'kind=constructor', 'kind=a', 'kind=(other)']);
  });

  it('are none of a feature that is no category of the rows', () => {
    expect(beginSlices(features, ['amount', 'nothing'])).toMatchObject({ by: ['amount', 'nothing'], splits: [] });
  });

  it('follow one feature of each group in turn, 64 in all slices together', () => {
    const many = Array.from({ length: 40 }, (_, at): ControlFeature => ({
      ...{ name: `f${at}`, group: at < 30 ? 'wide' : `g${at}`, kind: 'numeric' },
    }));
    const all = [...features, ...many];
    expect(pickFollowed(all, ['country.value']).map(({ name }) => name)).toEqual([
      'amount',
      'score',
      'f0',
      'f30',
      'f31',
      'f32',
      'f33',
      'f34',
    ]);
    expect(pickFollowed(all, ['country.value', 'x'])).toHaveLength(4);
    expect(pickFollowed(features, ['country.value']).map(({ name }) => name)).toEqual(['amount', 'score']);
  });
});
