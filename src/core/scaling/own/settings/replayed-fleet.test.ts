import { describe, expect, it } from 'vitest';
import { replaySettings, type ReplayedWorld } from './replay.ts';
import { ReplayedFleet } from './replayed-fleet.ts';

describe('the fleet of a replay', () => {
  const fleetWith = (spares: number): ReplayedFleet =>
    new ReplayedFleet({ startBuckets: 4, wakeBuckets: 1, spares, spareBuckets: 1 });

  it('takes spares first, and starts the others by a whole start', () => {
    const fleet = fleetWith(1);
    expect(fleet.countSpares(0)).toBe(1);
    fleet.want(2, 0, 0);
    expect([fleet.ready, fleet.loading]).toEqual([0, 2]);
    expect([fleet.countSpares(0), fleet.soon]).toEqual([0, 1]);
    // One serves for three of the four buckets of a start, the other for none.
    expect(fleet.served).toBeCloseTo(0.75, 12);
    fleet.land();
    expect([fleet.ready, fleet.loading, fleet.countSpares(1), fleet.soon]).toEqual([1, 1, 0, 0]);
    for (const _ of [2, 3, 4]) fleet.land();
    expect([fleet.ready, fleet.loading]).toEqual([2, 0]);
  });

  it('has a spare back a whole start after it was taken', () => {
    const fleet = fleetWith(2);
    fleet.want(1, 0, 5);
    expect([5, 8, 9].map((at) => fleet.countSpares(at))).toEqual([1, 1, 2]);
  });

  it('wakes a replica before it takes a spare', () => {
    const fleet = fleetWith(1);
    fleet.asleep = 1;
    fleet.want(1, 0, 0);
    expect([fleet.asleep, fleet.countSpares(0)]).toEqual([0, 1]);
  });
});

it('a burst is late for a start with a spare where one is free, and for a whole start where none is', () => {
  // 1 request/s, and 3/s from bucket 50 on: 2 s a bucket, a start of 20 buckets, of 2 with a spare; one replica serves 2/s.
  const arrivals = Array.from({ length: 100 }, (_, at) => (at < 50 ? 2 : 6));
  const world: ReplayedWorld = {
    bucketMs: 2_000,
    arrivals,
    expected: arrivals.map((count) => count / 2),
    peakPerSecond: 3,
    meanPerSecond: 2,
    variability: 1,
    power: { slots: 2, mostPerSecond: 2, workMs: 1_000 },
    startMs: 40_000,
    carriedShare: 1,
    meanStartMs: 40_000,
    waitMs: 3_000,
    lateAfterMs: 3_000,
    minReplicas: 1,
    maxReplicas: 10,
  };
  const settings = { safety: 0, follow: 1, floorShare: 0, holdStarts: 1 };
  const without = replaySettings(world, settings);
  const withOne = replaySettings({ ...world, spares: { count: 1, startMs: 4_000, meanStartMs: 4_000 } }, settings);
  const withTwo = replaySettings({ ...world, spares: { count: 2, startMs: 4_000, meanStartMs: 4_000 } }, settings);
  // One request/s is beyond the replica for 40 s: what waits takes 20 s more than is allowed to, and with a spare none is late.
  expect(without.late).toBeGreaterThan(60);
  expect(withOne.late).toBeLessThan(without.late / 4);
  expect(withTwo.late).toBeLessThanOrEqual(withOne.late);
});
