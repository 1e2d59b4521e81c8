import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkPromise, makePromise, type Promised, type PromiseTick } from './promise.ts';

const terms = { latestStartMs: 40_000, drainMs: 10_000, forecastPerSecond: 20, allowedLateShare: 0.01 };
const tick = (atSeconds: number, part: Partial<PromiseTick> = {}): PromiseTick => ({
  atMs: atSeconds * 1_000,
  elapsedMs: 2_000,
  arrivals: 40,
  late: false,
  excused: false,
  ...part,
});

/** Ticks from 2 s on until the promise is checked. */
function checkAll(promise: Promised, ticks: readonly Partial<PromiseTick>[]) {
  let open = promise;
  for (const [at, part] of ticks.entries()) {
    const checked = checkPromise(open, tick(2 * (at + 1), part), terms.allowedLateShare);
    if (!('open' in checked)) return { ...checked, ticks: at + 1 };
    ({ open } = checked);
  }
  return null;
}
const many = (count: number, part: Partial<PromiseTick>): Partial<PromiseTick>[] =>
  Array.from({ length: count }, () => part);

describe('a promise that a backlog is drained', () => {
  const drained = makePromise(tick(0, { late: true }), terms)!;

  it('is made while requests are late, for when nearly every start is ready and the backlog is gone', () => {
    expect(drained).toMatchObject({ kind: 'drained', untilMs: 50_000, ratePerSecond: 25 });
  });

  it('is kept as soon as no request is late, and broken where they are late to its end', () => {
    expect(checkAll(drained, [{ late: true }, { late: false }])).toMatchObject({ kept: true, ticks: 2 });
    expect(checkAll(drained, [{ late: true }, { late: false }])?.factor).toBeCloseTo(0.2, 9);
    const broken = checkAll(drained, many(40, { late: true }));
    expect(broken).toMatchObject({ kept: false, ticks: 25 });
    // 0.2 + 0.8 / 0.1.
    expect(broken?.factor).toBeCloseTo(8.2, 9);
  });

  it('says nothing where more came than it was made for, or something never seen', () => {
    expect(checkAll(drained, many(40, { late: true, arrivals: 60 }))?.factor).toBe(1);
    expect(checkAll(drained, [{ late: true }, { late: true, excused: true }])?.factor).toBe(1);
  });
});

describe('a promise that the rate is carried', () => {
  const carried = makePromise(tick(0), terms)!;

  it('is checked after five minutes or two starts of time with arrivals, silence left out', () => {
    expect(carried).toMatchObject({ kind: 'carried', leftMs: 300_000 });
    expect(makePromise(tick(0), { ...terms, latestStartMs: 300_000 })).toMatchObject({ leftMs: 600_000 });
    const silences = many(150, {}).flatMap((each) => [each, { arrivals: 0 }, { arrivals: 0, late: true }]);
    expect(checkAll(carried, silences)).toMatchObject({ kept: true, ticks: 448 });
  });

  it('is worth the late share over what is allowed', () => {
    // 3 of 150 ticks late: 2%, twice what is allowed.
    const twice = checkAll(carried, [...many(3, { late: true }), ...many(147, {})]);
    expect(twice?.factor).toBeCloseTo(0.7 + 0.3 * 2, 9);
    expect(twice?.kept).toBe(false);
    expect(checkAll(carried, many(150, {}))?.factor).toBeCloseTo(0.7, 9);
    expect(checkAll(carried, many(150, { late: true }))?.factor).toBeCloseTo(0.7 + 0.3 * 60, 9);
  });

  it('has a factor whose mean is at most 1 where no more are late than is allowed, however they are spread', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(150), { minLength: 1, maxLength: 8 }), (lateTicks) => {
        // Windows with so many late ticks each, and as many without any as bring the mean down to 1%.
        const factors = lateTicks.map(
          (late) => checkAll(carried, [...many(late, { late: true }), ...many(150 - late, {})])!.factor,
        );
        const late = lateTicks.reduce((sum, each) => sum + each, 0);
        const windows = Math.max(lateTicks.length, Math.ceil(late / 1.5));
        const sum = factors.reduce((total, factor) => total + factor, 0) + (windows - lateTicks.length) * 0.7;
        expect(sum / windows).toBeLessThanOrEqual(1 + 1e-9);
      }),
      { numRuns: 50 },
    );
  });
});

it('nothing is promised of a surge, of a full pool, or without requests', () => {
  expect(makePromise(tick(0, { excused: true, late: true }), terms)).toBeNull();
  expect(makePromise(tick(0, { arrivals: 0 }), terms)).toBeNull();
});
