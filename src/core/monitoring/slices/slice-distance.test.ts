import { describe, expect, it } from 'vitest';
import { SlicedWatch } from '../../../testing/builders/sliced-watch.ts';
import { seededRandom, type Random } from '../../statistics/random.ts';
import { digestOf } from '../../units/digest.ts';
import type { ControlFeature } from '../detectors/control-learners.ts';
import { defaultTolerance } from '../distance/distance-measures.ts';
import { collectReference, type ReferenceSummary } from '../features/reference.ts';
import type { DriftState, WatchedRow } from '../watch/drift-state.ts';
import { driftStatus, judgeMonitoring } from '../watch/drift-status.ts';
import { findLeftReference, learnDistance, restartDistance } from '../watch/windows/reference-distance.ts';
import { collectSlices } from './slice-reference.ts';

const features: readonly ControlFeature[] = [
  { name: 'amount', group: 'amount', kind: 'numeric' },
  { name: 'kind', group: 'kind', kind: 'category' },
];
/** A tenth of the rows is of kind b, whose amounts may be off. */
const drawRow = (random: Random, off = 0) => {
  const kind = random.nextShare() < 0.1 ? 'b' : random.nextShare() < 0.7 ? 'a' : 'c';
  return { status: '200', kind, amount: (kind === 'b' ? 5 + off : 0) + random.nextShare() };
};

function summarize(by: readonly string[], rows = 5_000): ReferenceSummary {
  const [random, reference, slices] = [seededRandom(1), collectReference(), collectSlices(by)];
  for (let at = 0; at < rows; at += 1) {
    const row = { values: drawRow(random), features, cut: null };
    reference.add(row);
    slices.add(row);
  }
  return { ...reference.summary(rows), slices: slices.slices() };
}

const termsOf = (summary: ReferenceSummary) => ({
  ...{
    release: 1,
    rate: { count: 1, perMs: 30 * 86_400_000 },
    windowMs: 1,
    slices: ['kind'],
    tolerance: defaultTolerance,
  },
  reference: { digest: digestOf(summary), summary },
});

function watchOf(terms: ReturnType<typeof termsOf>, off: number, rows = 8_000): DriftState {
  const watch = new SlicedWatch(features, ['amount', 'kind'], terms);
  watch.feed(1_000, drawRow);
  const random = seededRandom(5);
  let { state } = watch;
  for (let at = 0; at < rows / 50; at += 1) {
    const live = Array.from({ length: 50 }, () => ({ release: 1, values: drawRow(random, off) }));
    state = learnDistance(state, live as unknown as readonly WatchedRow[], terms, 60_000 + at * 1_000);
  }
  return state;
}

describe('the distance of a slice', { timeout: 60_000 }, () => {
  const terms = termsOf(summarize(['kind']));

  it('is within the tolerance where nothing is off, and unknown of the values that have no slice', () => {
    const state = watchOf(terms, 0);
    expect(findLeftReference(state, terms, 1e6).left).toBeNull();
    const [by] = driftStatus(state, terms).slices?.by ?? [];
    expect(by?.slices.map(({ name, distance }) => [name, distance?.outside, distance?.unknown])).toEqual([
      ['kind=a', 0, 0],
      ['kind=c', 0, 0],
      ['kind=b', 0, 0],
      ['kind=(other)', undefined, undefined],
    ]);
  });

  it('is beyond it where one slice is off, which is named, and all rows together are not', () => {
    const state = watchOf(terms, 0.3);
    const { left, state: told } = findLeftReference(state, terms, 1e6);
    expect(left?.features).toEqual(['amount @ kind=b']);
    expect(left?.reason).toMatch(/^live data left what was evaluated: amount @ kind=b, mean [\d.]+ sd up$/);
    const status = driftStatus(told, terms);
    expect(status.slices?.by[0]?.slices.find(({ name }) => name === 'kind=b')?.distance?.outside).toBe(1);
    expect(judgeMonitoring(status, 1e6).verdict).toBe('fail');
    expect(findLeftReference(watchOf({ ...terms, slices: [] }, 0.3), terms, 1e6).left).toBeNull();
    const restarted = restartDistance(told).distance?.slices ?? [];
    expect(restarted.map(({ name }) => name)).toEqual(['kind=a', 'kind=c', 'kind=b']);
    expect(restarted.flatMap(({ state: of }) => of.measures.flat().map(({ sinceMs }) => sinceMs))).toEqual(
      Array(6).fill(null),
    );
  });

  it('is unknown with a reference that has no slices, or of which the mean needs more rows', () => {
    const { slices: _, ...without } = terms.reference.summary;
    const plain = termsOf(without);
    const [of] = driftStatus(watchOf(plain, 0.3), plain).slices?.by ?? [];
    expect(of?.slices.map(({ distance }) => distance)).toEqual([null, null, null, null]);
    const small = termsOf(summarize(['kind'], 300));
    const [few] = driftStatus(watchOf(small, 0), small).slices?.by ?? [];
    expect(few?.slices.find(({ name }) => name === 'kind=b')?.distance).toEqual({
      measured: 1,
      unknown: 1,
      outside: 0,
    });
  });
});

describe('the state of slices', () => {
  it('says how many windows are missing, and what is no category feature of the rows', () => {
    const terms = { ...termsOf(summarize([])), slices: ['kind', 'nothing'] };
    const watch = new SlicedWatch(features, ['amount', 'kind'], terms);
    watch.feed(200, drawRow);
    const words = () => driftStatus(watch.state, terms).slices?.by.map(({ state, because }) => [state, because]);
    const missing = ['missing', '`nothing` is no category feature of the rows; these are: kind'];
    expect(words()).toEqual([['counted', 'its values are counted: 10 more windows are needed'], missing]);
    expect(judgeMonitoring(driftStatus(watch.state, terms), watch.nowMs)).toEqual({
      verdict: 'unknown',
      reasons: ['rows are not sliced: `nothing` is no category feature of the rows; these are: kind'],
    });
    watch.feed(400, drawRow);
    expect(words()).toEqual([['fixed', '3 values and all others'], missing]);
    const [first] = driftStatus(watch.state, terms).slices?.by[0]?.slices ?? [];
    expect(first).toMatchObject({ name: 'kind=a', series: 0, judged: 0, isLatched: false, capitalShare: 0 });
    expect(first?.because).toBe(`unknown: ${400 - (first?.windows ?? 0)} more windows are needed`);
  });
});

describe('evaluated rows by the values of a feature', () => {
  it('are of the 16 most common of the first 64 values, by their own statistics', () => {
    const slices = collectSlices(['kind']);
    const add = (kind: string | null, amount: number): void =>
      slices.add({ values: { kind, amount }, features, cut: null });
    for (let at = 0; at < 100; at += 1) add(`v${at}`, at);
    for (let at = 0; at < 9; at += 1) add('v3', 10);
    add(null, 1e9);
    const found = slices.slices();
    expect(found).toHaveLength(16);
    expect(found[0]).toMatchObject({
      ...{ by: 'kind', value: 'v3', rows: 10 },
      features: [{ name: 'amount', numeric: { mean: 9.3 } }],
    });
    expect(found.some(({ value }) => value === 'v99')).toBe(false);
  });
});
