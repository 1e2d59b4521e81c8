import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildReplayedWorld } from '../../../../testing/builders/scaling/replayed-world.ts';
import { beginChoice, chooseSettings, replaySome, settingsGrid } from './choose-settings.ts';
import { failedConstant, findConstantFloor, lateOf } from './constant-floor.ts';
import { replaySettings, type ReplayedWorld } from './replay.ts';

const bounds = { lateShareAtMost: 0.006, unluckyCounts: 0.3 };
const still = { safety: 0, follow: 0, floorShare: 0, holdStarts: 1 };
/** Half a minute of 40/s in each five minutes of 10/s. */
const bursts = buildReplayedWorld(Array.from({ length: 600 }, (_, at) => (at % 50 < 5 ? 240 : 60)));

describe('the constant number of replicas', () => {
  it('is the smallest that keeps the bounds, as found by trying all', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(60), { minLength: 5, maxLength: 40 }),
        fc.constantFrom(0.001, 0.01, 0.1),
        (counts, share) => {
          const world = buildReplayedWorld(counts);
          if (world.peakPerSecond === 0) return;
          const within = { ...bounds, lateShareAtMost: share };
          const all = Array.from({ length: 30 }, (_, index) => index + 1);
          const keeps = (replicas: number): boolean => {
            const score = replaySettings({ ...world, minReplicas: replicas, maxReplicas: replicas }, still);
            return lateOf(score, within) <= share * score.arrivals;
          };
          const least = all.find((replicas) => replicas >= Math.floor(world.meanPerSecond / 2) && keeps(replicas));
          const found = findConstantFloor(world, within);
          // Twice the greatest rate and one more is the most that is tried.
          if (found !== null) expect(found.replicas).toBe(least);
          else expect(least ?? Infinity).toBeGreaterThan(world.peakPerSecond);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('is none where no number keeps the bounds', () => {
    expect(findConstantFloor(buildReplayedWorld(bursts.arrivals, { maxReplicas: 5 }), bounds)).toBeNull();
  });

  it('is taken where following is hardly cheaper, and not where it is', () => {
    const prices = { acceleratorSecond: 1, lateRequest: 0 };
    const chosen = (world: ReplayedWorld) =>
      chooseSettings(replaySome(beginChoice(), world, settingsGrid.length), bounds, prices, {
        constant: findConstantFloor(world, bounds),
        startMs: 40_000,
        coveredMs: 6_000 * world.arrivals.length,
      });
    const short = chosen(bursts);
    expect(short.constant).toBe(findConstantFloor(bursts, bounds)?.replicas);
    // An hour of 40/s after an hour of 10/s: half of the replicas are for half of the time.
    const steps = buildReplayedWorld(Array.from({ length: 1_200 }, (_, at) => (at < 600 ? 60 : 240)));
    expect(chosen(steps).constant).toBeNull();
  });
});

it('gives way to what follows the load only where that is cheaper by half of one over the root of the starts', () => {
  const prices = { acceleratorSecond: 1, lateRequest: 0 };
  const choice = replaySome(beginChoice(), bursts, settingsGrid.length);
  const { settings, score } = chooseSettings(choice, bounds, prices);
  const best = score?.replicaSeconds ?? 0;
  expect(settings.floorShare).toBeGreaterThan(0);
  const chosen = (over: number, starts: number): number | null => {
    const constant = { replicas: 7, score: { arrivals: 1_000, late: 0, unlucky: 0, replicaSeconds: over * best } };
    return chooseSettings(choice, bounds, prices, { constant, startMs: 40_000, coveredMs: 40_000 * starts }).constant;
  };
  // The settings may cost a hundredth more than the cheapest. 16 starts: 12.5%; 100: 5%; 10,000: 0.5%, which is less than the 2% of short starts.
  expect([chosen(1.11, 16), chosen(1.14, 16)]).toEqual([7, null]);
  expect([chosen(1.03, 100), chosen(1.06, 100)]).toEqual([7, null]);
  expect([chosen(1.005, 10_000), chosen(1.04, 10_000)]).toEqual([7, null]);
});

describe('a constant that failed', () => {
  const failedOf = (constant: number | null, failed: number, late: number) =>
    failedConstant({ constant, failed, lateBefore: 1_000 }, late, 0.2, 224_000);

  it('is one under which more were late than is allowed, and the largest of them', () => {
    // 0.2 a second for 224 s are 44.8 requests.
    expect(failedOf(19, 0, 1_040)).toBe(0);
    expect(failedOf(19, 0, 1_050)).toBe(19);
    expect(failedOf(19, 21, 1_050)).toBe(21);
    expect(failedOf(null, 0, 1_050)).toBe(0);
  });

  it('is remembered until half of what an hour allows is late', () => {
    expect(failedOf(20, 19, 361)).toBe(19);
    expect(failedOf(20, 19, 359)).toBe(0);
  });
});
