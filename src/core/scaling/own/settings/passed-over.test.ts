import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildReplayedWorld } from '../../../../testing/builders/scaling/replayed-world.ts';
import { beginChoice, chooseSettings, replaySome, settingsGrid, withoutPassedOver } from './choose-settings.ts';
import { findConstantFloor } from './constant-floor.ts';
import { isPassedOver, type Ruling } from './passed-over.ts';
import { replaySettings, replayWithin } from './replay.ts';

/** Calm stretches and busy ones of any length. */
const worlds = fc
  .record({
    stretches: fc.array(
      fc.record({ rate: fc.constantFrom(0, 1, 10, 60, 240), buckets: fc.integer({ min: 1, max: 60 }) }),
      {
        minLength: 1,
        maxLength: 10,
      },
    ),
    minReplicas: fc.constantFrom(0, 1, 4),
    maxReplicas: fc.constantFrom(5, 30),
  })
  .map(({ stretches, ...terms }) =>
    buildReplayedWorld(
      stretches.flatMap(({ rate, buckets }) => Array.from({ length: buckets }, () => rate)),
      terms,
    ),
  );

/** What was allowed while settings were replayed, and what is when they are chosen. */
const rulings = fc.record({
  before: fc.constantFrom(0.0015, 0.003, 0.006),
  lateShareAtMost: fc.constantFrom(0.0015, 0.003, 0.006),
  unluckyCounts: fc.constantFrom(0.1, 1),
  lateRequest: fc.constantFrom(0, 0.01, 10),
  hasConstant: fc.boolean(),
});

describe('settings that are passed over', () => {
  it('are none that would have been chosen, whatever is allowed by then', () => {
    let passed = 0;
    fc.assert(
      fc.property(worlds, rulings, (world, { before, lateShareAtMost, unluckyCounts, lateRequest, hasConstant }) => {
        const prices = { acceleratorSecond: 1, lateRequest };
        const bounds = { lateShareAtMost, unluckyCounts };
        const rule = (share: number): Ruling => {
          const within = { lateShareAtMost: share, unluckyCounts };
          return { bounds: within, prices, constant: hasConstant ? findConstantFloor(world, within) : null };
        };
        const ruling = rule(lateShareAtMost);
        const candidate = { constant: ruling.constant, startMs: 40_000, coveredMs: 6_000 * world.arrivals.length };
        const some = replaySome(beginChoice(), world, settingsGrid.length, rule(before));
        passed += some.scores.filter((score) => score !== null && isPassedOver(score)).length;
        const whole = replaySome(beginChoice(), world, settingsGrid.length);
        expect(chooseSettings(withoutPassedOver(some, world, ruling), bounds, prices, candidate)).toEqual(
          chooseSettings(whole, bounds, prices, candidate),
        );
      }),
      { numRuns: 60 },
    );
    expect(passed).toBeGreaterThan(60);
  }, 120_000);

  it('are most of the grid for a service that is silent but for a few requests', () => {
    const world = buildReplayedWorld(Array.from({ length: 600 }, (_, at) => (at % 120 < 4 ? 3 : 0)));
    const bounds = { lateShareAtMost: 0.006, unluckyCounts: 1 };
    const constant = findConstantFloor(world, bounds);
    expect(constant?.replicas).toBe(1);
    const ruling = { bounds, prices: { acceleratorSecond: 1, lateRequest: 0 }, constant };
    const { scores } = replaySome(beginChoice(), world, settingsGrid.length, ruling);
    expect(scores.filter((score) => score !== null && !isPassedOver(score)).length).toBeLessThan(60);
  });
});

it('a replay ends once more are late than it is asked about, and is the same otherwise', () => {
  fc.assert(
    fc.property(worlds, fc.constantFrom(...settingsGrid), fc.nat(3_000), (world, settings, lateAtMost) => {
      const score = replaySettings(world, settings);
      expect(replayWithin(world, settings, lateAtMost)).toEqual(score.late > lateAtMost ? null : score);
    }),
    { numRuns: 100 },
  );
});
