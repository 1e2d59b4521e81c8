import { describe, expect, test } from 'vitest';
import { seededRandom, type Random } from '../../statistics/random.ts';
import type { FeatureValue } from '../detectors/control-learners.ts';
import { featuresVersion, type ReferenceFeature, type ReferenceSummary } from '../features/reference.ts';
import { beginDistance, learnRows, restartPeriods } from './distance.ts';
import type { DistanceState } from './distance-state.ts';
import { distancesOf, exceedingOf, exceedsTolerance, type FeatureDistance } from './tell-distances.ts';
import { defaultTolerance } from './distance-measures.ts';

const named = { name: 'x', group: 'x', missingShare: 0 };
const quantiles = { p05: 0, p25: 0, p50: 0, p75: 0, p95: 0 };
const normal: ReferenceFeature = { ...named, kind: 'numeric', numeric: { mean: 5, sd: 2, quantiles } };
const tenClasses: ReferenceFeature = {
  ...named,
  kind: 'category',
  shares: Object.fromEntries(Array.from({ length: 10 }, (_, at) => [String(at), 0.1])),
};

const referenceOf = (feature: ReferenceFeature, rows = 10_000): ReferenceSummary => ({
  referenceVersion: 1,
  featuresVersion,
  rows,
  ofRows: rows,
  features: [feature],
  cut: null,
});

const rowOf = (x: FeatureValue | undefined, status = '200') => ({
  values: { status, ...(x === undefined ? {} : { x }) },
});

function learn(
  reference: ReferenceSummary,
  count: number,
  next: (at: number) => FeatureValue | undefined,
  { from = beginDistance(reference), nowMs = 0, status = '200' } = {},
): DistanceState {
  return learnRows(
    from,
    reference,
    Array.from({ length: count }, (_, at) => rowOf(next(at), status)),
    nowMs,
  );
}

function distanceOf(state: DistanceState, reference: ReferenceSummary, measure: string): FeatureDistance {
  const found = distancesOf(state, reference, defaultTolerance).find((one) => one.measure === measure);
  if (found === undefined) throw new Error(`no distance of ${measure}`);
  return found;
}

const normals = (random: Random) => () =>
  Math.sqrt(-2 * Math.log(1 - random.nextShare())) * Math.cos(2 * Math.PI * random.nextShare());

/** A process of variance 1 around `mean`, whose neighbours have the correlation `rho`. */
function correlated(random: Random, rho: number, mean: number): () => number {
  const next = normals(random);
  let value = next();
  return () => {
    value = rho * value + Math.sqrt(1 - rho * rho) * next();
    return value + mean;
  };
}

describe('numbers', () => {
  const reference = referenceOf(normal);

  test('the shift is in standard deviations of the reference, with its sign and a lower limit', () => {
    const next = correlated(seededRandom(1), 0, -1.5);
    const found = distanceOf(
      learn(reference, 2_000, () => 5 + 2 * next()),
      reference,
      'mean',
    );
    if (found.state !== 'known') throw new Error(found.because);
    expect(found.estimate).toBeCloseTo(-1.5, 1);
    expect(found.lower).toBeGreaterThan(1.2);
    expect(found.lower).toBeLessThan(1.5);
    expect(exceedsTolerance(found, defaultTolerance)).toBe(true);
    expect(exceedsTolerance(found, { sd: 1.6, totalVariation: 0.1 })).toBe(false);
  });

  test('too few rows are unknown, with the number that is missing', () => {
    expect(distanceOf(beginDistance(reference), reference, 'mean')).toMatchObject({
      state: 'unknown',
      because: '192 more rows',
    });
    const next = normals(seededRandom(2));
    const state = learn(reference, 100, next);
    expect(distanceOf(state, reference, 'mean')).toMatchObject({ state: 'unknown', because: '92 more rows' });
    expect(exceedingOf(distancesOf(state, reference, defaultTolerance), defaultTolerance)).toEqual([]);
  });

  test('rows that depend on each other need more of them', () => {
    const next = correlated(seededRandom(3), 0.977, 0);
    const { because } = distanceOf(learn(reference, 400, next), reference, 'mean') as { because: string };
    expect(because).toMatch(/^\d{4} more rows, because neighbouring rows depend on each other$/);
  });

  test.each([
    ['independent', 0, 0],
    ['with a correlation of 0.9', 0.9, 0],
    ['with a correlation of 0.977 under as much noise', 0.977, 1],
  ])('400 runs exactly at the tolerance, %s: at most 5%% ever exceed it', (_, rho, noise) => {
    const random = seededRandom(4);
    const standard = referenceOf({ ...named, kind: 'numeric', numeric: { mean: 0, sd: 1, quantiles } });
    let exceeding = 0;
    for (let run = 0; run < 400; run += 1) {
      const [slow, fast] = [correlated(random, rho, 0), normals(random)];
      const next = (): number => (slow() + noise * fast()) / Math.hypot(1, noise) + defaultTolerance.sd;
      let state = beginDistance(standard);
      for (let tick = 0; tick < 40; tick += 1) {
        state = learn(standard, 100, next, { from: state });
        if (exceedsTolerance(distanceOf(state, standard, 'mean'), defaultTolerance)) {
          exceeding += 1;
          break;
        }
      }
    }
    expect(exceeding).toBeLessThanOrEqual(20);
  });

  test('a shift of one standard deviation is found in 4,000 rows with a correlation of 0.9', () => {
    const random = seededRandom(5);
    const found = Array.from({ length: 50 }, () => {
      const next = correlated(random, 0.9, 1);
      return distanceOf(
        learn(reference, 4_000, () => 5 + 2 * next()),
        reference,
        'mean',
      );
    }).filter((one) => exceedsTolerance(one, defaultTolerance));
    expect(found.length).toBeGreaterThanOrEqual(48);
  });

  test('one wild number decides nothing', () => {
    const next = normals(seededRandom(6));
    const state = learn(reference, 2_000, (at) => (at === 700 ? 1e300 : 5 + 2 * next()));
    expect(exceedsTolerance(distanceOf(state, reference, 'mean'), defaultTolerance)).toBe(false);
  });

  test('a number that never varied in the reference is a share of rows that differ', () => {
    const constant = referenceOf({ ...named, kind: 'numeric', numeric: { mean: 3, sd: 0, quantiles } });
    const same = distanceOf(
      learn(constant, 400, () => 3),
      constant,
      'changed',
    );
    expect(same).toMatchObject({ state: 'known', lower: 0 });
    const random = seededRandom(7);
    const half = distanceOf(
      learn(constant, 1_000, () => (random.nextShare() < 0.5 ? 3 : 4)),
      constant,
      'changed',
    );
    expect(exceedsTolerance(half, defaultTolerance)).toBe(true);
  });
});

describe('categories', () => {
  const reference = referenceOf(tenClasses);
  const drawn = (random: Random, moved: number) => () =>
    random.nextShare() < moved ? '0' : String(random.nextBelow(10));

  test('the same shares are within the tolerance, and others are beyond it', () => {
    const same = distanceOf(learn(reference, 4_000, drawn(seededRandom(8), 0)), reference, 'shares');
    expect(same).toMatchObject({ state: 'known' });
    expect(exceedsTolerance(same, defaultTolerance)).toBe(false);
    // A third of the rows moves to one class: the total variation is 0.3.
    const moved = distanceOf(learn(reference, 4_000, drawn(seededRandom(9), 1 / 3)), reference, 'shares');
    if (moved.state !== 'known') throw new Error(moved.because);
    expect(moved.lower).toBeGreaterThan(0.2);
    expect(moved.lower).toBeLessThan(0.3);
  });

  test('400 runs with a total variation exactly at the tolerance: at most 5% ever exceed it', () => {
    const random = seededRandom(10);
    const exceeding = Array.from({ length: 400 }, () => {
      const next = drawn(random, defaultTolerance.totalVariation / 0.9);
      let state = beginDistance(reference);
      for (let tick = 0; tick < 20; tick += 1) {
        state = learn(reference, 100, next, { from: state });
        if (exceedsTolerance(distanceOf(state, reference, 'shares'), defaultTolerance)) return 1;
      }
      return 0;
    }).filter((one) => one === 1);
    expect(exceeding.length).toBeLessThanOrEqual(20);
  });

  test('a new category, and a million of them, is beyond the tolerance', () => {
    const next = drawn(seededRandom(11), 0);
    const state = learn(reference, 2_000, (at) => (at % 2 === 0 ? `new-${at}` : next()));
    expect(exceedsTolerance(distanceOf(state, reference, 'shares'), defaultTolerance)).toBe(true);
    expect(state.measures[0]?.[0]?.counts).toHaveLength(11);
  });

  test('a small reference knows no shares', () => {
    const small = referenceOf(tenClasses, 100);
    expect(distanceOf(learn(small, 2_000, drawn(seededRandom(12), 0.5)), small, 'shares')).toMatchObject({
      state: 'unknown',
      because: 'the reference has 100 rows and needs 573; next: evaluate on a larger dataset',
    });
  });
});

describe('missing values', () => {
  const reference = referenceOf(normal);

  test('a feature that live rows lack is missing, unless the request failed', () => {
    const gone = learn(reference, 400, () => undefined);
    expect(distanceOf(gone, reference, 'missing')).toMatchObject({ state: 'known', estimate: 1, lower: 1 });
    const failed = learn(reference, 400, () => undefined, { status: '503' });
    expect(distanceOf(failed, reference, 'missing')).toMatchObject({ state: 'unknown' });
  });

  test('a feature that no row of the reference had is measured by its presence alone', () => {
    const never = referenceOf({ ...named, missingShare: 1, kind: 'numeric', numeric: null });
    expect(
      distancesOf(
        learn(never, 400, () => 3),
        never,
        defaultTolerance,
      ),
    ).toMatchObject([{ measure: 'missing', estimate: -1, lower: 1 }]);
  });
});

describe('periods', () => {
  const reference = referenceOf(normal);
  const hourMs = 3_600_000;

  test('after an hour another period begins, and the last limit stays until it has one', () => {
    const next = normals(seededRandom(13));
    let state = learn(reference, 1_000, () => 5 + 2 * next());
    const before = distanceOf(state, reference, 'mean');
    state = learn(reference, 50, () => 9 + 2 * next(), { from: state, nowMs: hourMs });
    expect(distanceOf(state, reference, 'mean')).toEqual(before);
    state = learn(reference, 1_000, () => 9 + 2 * next(), { from: state, nowMs: hourMs + 1 });
    const after = distanceOf(state, reference, 'mean');
    expect(after).toMatchObject({ state: 'known', sinceMs: hourMs });
    expect(exceedsTolerance(after, defaultTolerance)).toBe(true);
  });

  test('a restart forgets the rows of the period', () => {
    const next = normals(seededRandom(14));
    const state = learn(reference, 100, next);
    const { measures } = restartPeriods(state);
    expect(measures[0]?.[0]).toMatchObject({ sinceMs: null, looks: 0, batches: { rows: 0 } });
    expect(state.measures[0]?.[0]?.batches.rows).toBe(100);
  });

  test('a period without a limit is followed by one twice as long', () => {
    let state = learn(reference, 10, (at) => at);
    state = learn(reference, 10, (at) => at, { from: state, nowMs: hourMs });
    state = learn(reference, 10, (at) => at, { from: state, nowMs: hourMs + 3 });
    expect(state.measures[0]?.[0]).toMatchObject({ sinceMs: hourMs, lengthMs: 2 * hourMs, batches: { rows: 20 } });
  });

  test('the state survives as JSON, bit for bit, and stays small', () => {
    const next = correlated(seededRandom(15), 0.5, 0);
    const values = Array.from({ length: 20_000 }, next);
    let state = beginDistance(reference);
    let stored = state;
    for (let at = 0; at < values.length; at += 500) {
      const slice = values.slice(at, at + 500);
      state = learn(reference, 500, (index) => slice[index] ?? 0, { from: state });
      stored = learn(reference, 500, (index) => slice[index] ?? 0, {
        from: JSON.parse(JSON.stringify(stored)) as DistanceState,
      });
    }
    expect(stored).toEqual(state);
    expect(JSON.stringify(state).length).toBeLessThan(4_000);
  });
});

describe('a change', () => {
  const reference = referenceOf(normal);

  test('the newest rows show it, however many came before, and from when on it may be there', () => {
    const next = normals(seededRandom(16));
    const before = learn(reference, 3_000, () => 5 + 2 * next(), { nowMs: 1_000 });
    const after = learn(reference, 400, () => 9 + 2 * next(), { from: before, nowMs: 2_000 });
    const found = distanceOf(after, reference, 'mean');
    expect(found).toMatchObject({ state: 'known', sinceMs: 2_000, changedAfterMs: 1_000 });
    expect(exceedsTolerance(found, defaultTolerance)).toBe(true);
    const back = learn(reference, 400, () => 5 + 2 * next(), { from: after, nowMs: 3_000 });
    expect(exceedsTolerance(distanceOf(back, reference, 'mean'), defaultTolerance)).toBe(false);
  });

  test('rows that were outside from the first on have not changed', () => {
    const next = normals(seededRandom(17));
    const found = distanceOf(
      learn(reference, 1_000, () => 9 + 2 * next()),
      reference,
      'mean',
    );
    expect(found.state === 'known' && found.changedAfterMs).toBe(undefined);
  });

  test('of 1,000 runs all but five show it, also where the first batches seemed to depend on each other by chance', () => {
    const next = normals(seededRandom(18));
    const missed = Array.from({ length: 1_000 }, () => {
      const before = learn(reference, 500, () => 5 + 2 * next());
      const after = learn(reference, 500, () => 25 + 2 * next(), { from: before });
      return distanceOf(after, reference, 'mean');
    }).filter((one) => !exceedsTolerance(one, defaultTolerance));
    expect(missed.length).toBeLessThanOrEqual(5);
  });
});
