import { describe, expect, it } from 'vitest';
import { aBoundsWorld, steadyArrivals } from '../../../../testing/builders/bounds-builders.ts';
import { seededRandom } from '../../../statistics/random.ts';
import { lowerBound } from './lower-bound.ts';

const hourMs = 3_600_000;
/** Of a sweep: coarser than by default, and fast. */
const fewSteps = 3_000_000;

/** The bound is never above what is worked by hand, and at most so much below it. */
function expectJustBelow(bound: number, workedSeconds: number, slackSeconds: number): void {
  expect(bound).toBeLessThanOrEqual(workedSeconds);
  expect(bound).toBeGreaterThan(workedSeconds - slackSeconds);
}

describe('a lower bound, worked by hand', () => {
  it('holds whole replicas for a constant load of 2.5', () => {
    const world = aBoundsWorld(steadyArrivals(100, 250, 0, hourMs), hourMs, { initialReplicas: 3 });
    const bound = lowerBound(world, 'least', fewSteps);
    expect(bound.workSeconds).toBeCloseTo(9000, -1);
    // Three all the time; the last request may be late in coming, and the third replica may stop a little before the end.
    expectJustBelow(bound.acceleratorSeconds, 3 * 3600, 20);
  });

  it('keeps a replica for a trickle, since no request may wait for a start', () => {
    const world = aBoundsWorld(steadyArrivals(5000, 10, 0, hourMs), hourMs);
    expectJustBelow(lowerBound(world, 'least', fewSteps).acceleratorSeconds, 3600, 10);
  });

  it('starts once for one burst, and stops after it', () => {
    // 100 s of half a replica, loaded for 30 s before.
    const world = aBoundsWorld(steadyArrivals(100, 50, 100_000, 200_000), hourMs, { initialReplicas: 0 });
    expectJustBelow(lowerBound(world, 'least', fewSteps).acceleratorSeconds, 130, 3);
  });

  it('bridges a gap that is shorter than a start, and starts again after one that is longer', () => {
    const apart = (gapMs: number) => [
      ...steadyArrivals(100, 50, 100_000, 200_000),
      ...steadyArrivals(100, 50, 200_000 + gapMs, 300_000 + gapMs),
    ];
    const of = (gapMs: number): number =>
      lowerBound(aBoundsWorld(apart(gapMs), hourMs, { initialReplicas: 0 }), 'least', fewSteps).acceleratorSeconds;
    expectJustBelow(of(20_000), 30 + 100 + 20 + 100, 3);
    expectJustBelow(of(100_000), 30 + 100 + 30 + 100, 5);
  });

  it('drops a burst that is small enough, and not one that is not', () => {
    // 1000 requests beside the 36,000 of one replica, in 10 s that ask for two more.
    const requests = [...steadyArrivals(100, 50, 0, hourMs), ...steadyArrivals(10, 25, 1_800_000, 1_810_000)];
    const world = aBoundsWorld(
      requests.toSorted((a, b) => a.atMs - b.atMs),
      hourMs,
    );
    const of = (attainmentShare: number): number =>
      lowerBound({ ...world, terms: { ...world.terms, attainmentShare } }, 'least', fewSteps).acceleratorSeconds;
    // Of the 1000 that may be late some are left for stopping early.
    expectJustBelow(of(0.9729), 3600, 40);
    // Two more for 10 s, loaded for 30 s each, where none may be late.
    expectJustBelow(of(1), 3600 + 2 * 40, 12);
  });

  it('counts no start of what may have been ordered before the scored time', () => {
    const burst = steadyArrivals(100, 50, 100_000, 200_000);
    const world = aBoundsWorld(burst, hourMs, { initialReplicas: 0, scoreFromMs: 90_000 });
    // Loading from 90 s on: 10 s of the 30.
    expectJustBelow(lowerBound(world, 'least', fewSteps).acceleratorSeconds, 110, 3);
  });

  it('keeps the least replicas, and none where the last may stop', () => {
    const world = aBoundsWorld([], hourMs, { initialReplicas: 2, terms: { minReplicas: 2, toZero: false } });
    expect(lowerBound(world, 'least', fewSteps).acceleratorSeconds).toBeCloseTo(7200, 6);
    const toZero = { ...world, terms: { ...world.terms, toZero: true } };
    expect(lowerBound(toZero, 'least', fewSteps).acceleratorSeconds).toBe(0);
  });

  it('is infinite where no policy can attain', () => {
    // The first replica comes after 30 s, and half of the requests before it.
    const early = aBoundsWorld(steadyArrivals(100, 50, 0, 60_000), 60_000, {
      initialReplicas: 0,
      terms: { attainmentShare: 0.9 },
    });
    expect(lowerBound(early, 'least', fewSteps).acceleratorSeconds).toBe(Infinity);
    const tooLong = aBoundsWorld(steadyArrivals(1000, 1001, 0, 60_000), 60_000);
    expect(lowerBound(tooLong, 'least', fewSteps).acceleratorSeconds).toBe(Infinity);
  });

  it('knows that first come first served cannot leave out what it is late with', () => {
    // A load of 1.1 for an hour: dropping an eleventh of it would do for one replica; a queue only grows.
    const world = aBoundsWorld(steadyArrivals(100, 110, 0, hourMs), hourMs, {
      initialReplicas: 2,
      terms: { attainmentShare: 0.9 },
    });
    const bound = lowerBound(world, 'least', fewSteps);
    expect(bound.anyOrderSeconds).toBeLessThan(3650);
    expect(bound.inOrderSeconds).toBeGreaterThan(5000);
    expect(lowerBound({ ...world, queueLimit: 100 }, 'least', fewSteps).inOrderSeconds).toBeNull();
  });

  it('falls back to the work where a start is too short for its grid', () => {
    const instant = { timesMs: [0], shares: [1], failureShare: 0, starts: 0 };
    const world = aBoundsWorld(steadyArrivals(100, 250, 0, 100_000), 100_000, { starts: instant });
    const bound = lowerBound(world, 'least', fewSteps);
    expect(bound.grid).toBeNull();
    expect(bound.acceleratorSeconds).toBe(bound.workSeconds);
    expect(bound.workSeconds).toBeCloseTo(247.5, 0);
  });

  it('takes seconds for a day of a million requests', () => {
    const random = seededRandom(3);
    const dayMs = 24 * hourMs;
    const requests = Array.from({ length: 1_000_000 }, () => ({ atMs: random.nextShare() * dayMs, workMs: 250 }));
    const world = aBoundsWorld(
      requests.toSorted((a, b) => a.atMs - b.atMs),
      dayMs,
      { terms: { attainmentShare: 0.99 } },
    );
    const bound = lowerBound(world, 'least', 12_000_000);
    expect(bound.acceleratorSeconds).toBeGreaterThan(bound.workSeconds);
  });
});
