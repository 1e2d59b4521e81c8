import fc from 'fast-check';
import { expect, it } from 'vitest';
import { buildReplayedWorld } from '../../../../testing/builders/scaling/replayed-world.ts';
import { settingsGrid } from './choose-settings.ts';
import { replaySettings, type ReplayedWorld } from './replay.ts';

/** Buckets of nothing between some with requests, and an expected rate that falls to 0 after them. */
const histories = fc
  .array(fc.record({ silence: fc.nat(60), counts: fc.array(fc.nat(30), { minLength: 1, maxLength: 6 }) }), {
    minLength: 1,
    maxLength: 6,
  })
  .map((clumps) => {
    const arrivals = clumps.flatMap(({ silence, counts }) => [...Array.from({ length: silence }, () => 0), ...counts]);
    let level = 0;
    const expected = arrivals.map((count) => {
      level += 0.3 * (count / 6 - level);
      return Math.round(level * 1_000) / 1_000;
    });
    return { arrivals, expected };
  });

it('passes over buckets in which nothing moves, and scores them as it does the others', () => {
  fc.assert(
    fc.property(
      histories,
      fc.constantFrom(...settingsGrid),
      fc.constantFrom(0, 1, 3),
      fc.constantFrom(0, 1, 2),
      ({ arrivals, expected }, settings, minReplicas, spares) => {
        const world: ReplayedWorld = {
          bucketMs: 6_000,
          arrivals,
          expected,
          peakPerSecond: Math.max(...expected),
          meanPerSecond: arrivals.reduce((sum, count) => sum + count, 0) / (6 * arrivals.length),
          variability: 0.8,
          power: { slots: 2, mostPerSecond: 1.3, workMs: 1_500 },
          startMs: 40_000,
          carriedShare: 1,
          meanStartMs: 32_000,
          waitMs: 4_000,
          lateAfterMs: 4_000,
          minReplicas,
          maxReplicas: 8,
          ...(spares === 0 ? {} : { spares: { count: spares, startMs: 9_000, meanStartMs: 7_000 } }),
        };
        // Where replicas may sleep no bucket is passed over; here none may, so that nothing else differs.
        const stepped = replaySettings({ ...world, sleep: { replicas: 0, wakeMs: 1_000, priceShare: 0 } }, settings);
        expect(replaySettings(world, settings)).toEqual(stepped);
      },
    ),
    { numRuns: 300 },
  );
});

it('lets replicas serve by what they were seen to carry, while the rule counts on what it was told', () => {
  // Ten replicas by the rule carry 20/s; of these 19/s are wanted all the time. At 90% they carry 18/s, and the queue grows.
  const arrivals = Array.from({ length: 600 }, () => 114);
  const settings = { safety: 0, follow: 1, floorShare: 0, holdStarts: 1 };
  const late = (carriedShare: number): number =>
    replaySettings(buildReplayedWorld(arrivals, { carriedShare }), settings).late;
  expect(late(1)).toBe(0);
  expect(late(0.9)).toBeGreaterThan(600);
});

it('takes for late what waits longer than `lateAfterMs`, while the rule drains within what may be waited', () => {
  // Two replicas carry 4/s. 30 s of 7/s leave a queue of 90: it lasts 22.5 s, which fills a wait of 24 s.
  const arrivals = Array.from({ length: 200 }, (_, at) => (at % 50 < 5 ? 42 : 6));
  const settings = { safety: 0, follow: 0, floorShare: 0, holdStarts: 1 };
  const score = (lateAfterMs: number) =>
    replaySettings(
      buildReplayedWorld(arrivals, { waitMs: 24_000, lateAfterMs, minReplicas: 2, maxReplicas: 2 }),
      settings,
    );
  expect(score(24_000).late).toBe(0);
  expect(score(12_000).late).toBeGreaterThan(100);
  expect(score(12_000).replicaSeconds).toBe(score(24_000).replicaSeconds);
});
