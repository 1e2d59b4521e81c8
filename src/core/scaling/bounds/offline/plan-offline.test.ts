import { describe, expect, it } from 'vitest';
import { aBoundsWorld, steadyArrivals } from '../../../../testing/builders/bounds-builders.ts';
import { seededRandom } from '../../../statistics/random.ts';
import { simulate } from '../../simulation/simulate.ts';
import type { SimulatedWorld } from '../../simulation/world.ts';
import { lowerBound } from '../lower/lower-bound.ts';
import { planOffline, type OfflinePlan } from './plan-offline.ts';
import { totalSeconds } from '../../simulation/score/score.ts';

const tenMinutesMs = 600_000;
const starts = { timesMs: [20_000, 30_000], shares: [0.5, 1], failureShare: 0, starts: 0 };

function plan(world: SimulatedWorld, simulationsAtMost = 100): OfflinePlan {
  const once: Parameters<typeof planOffline>[1] = (policy) =>
    simulate(world, policy, seededRandom(5), { recordEveryMs: 1e9 });
  return planOffline(world, once, { simulationsAtMost, periodsAtMost: 4096 });
}

const constant = aBoundsWorld(steadyArrivals(100, 220, 0, tenMinutesMs), tenMinutesMs, {
  starts,
  initialReplicas: 3,
  terms: { attainmentShare: 0.99 },
});
const bursts = aBoundsWorld(
  [0, 1].flatMap((each) => steadyArrivals(40, 100, each * 300_000 + 100_000, each * 300_000 + 250_000)),
  tenMinutesMs,
  { starts, initialReplicas: 1, dropAfterMs: 5000, terms: { attainmentShare: 0.99 } },
);

describe('an offline plan', () => {
  it('ends where a start is shorter than two of its periods', () => {
    const short = { timesMs: [900], shares: [1], failureShare: 0, starts: 0 };
    const world = aBoundsWorld(steadyArrivals(50, 100, 0, 60_000), 60_000, { starts: short, initialReplicas: 1 });
    expect(plan(world, 60).attains).toBe(true);
  });

  it.each([
    ['a constant load', constant],
    ['bursts that are known', bursts],
  ])('attains the objective within a tenth of the bound on %s', (_name, world) => {
    const { attains, result } = plan(world);
    expect(attains).toBe(true);
    expect(result.attainmentShare).toBeGreaterThanOrEqual(0.99);
    const bound = lowerBound(world, 'expected', 2_000_000).acceleratorSeconds;
    expect(totalSeconds(result.acceleratorSeconds)).toBeGreaterThanOrEqual(bound);
    expect(totalSeconds(result.acceleratorSeconds)).toBeLessThan(bound * 1.1);
  });

  it('is the same each time, and runs the simulator no more often than it may', () => {
    const first = plan(bursts, 20);
    expect(plan(bursts, 20)).toEqual(first);
    expect(first.simulations).toBeLessThanOrEqual(20);
    // More runs are never worse.
    expect(totalSeconds(plan(bursts, 60).result.acceleratorSeconds)).toBeLessThanOrEqual(
      totalSeconds(first.result.acceleratorSeconds),
    );
  });

  it('says so where nothing that it tried attains', () => {
    const tooMuch = aBoundsWorld(steadyArrivals(10, 500, 0, 60_000), 60_000, {
      dropAfterMs: 5000,
      terms: { maxReplicas: 2 },
    });
    expect(plan(tooMuch, 30).attains).toBe(false);
  });

  it('never asks for fewer than the terms allow', () => {
    const kept = { ...bursts, terms: { ...bursts.terms, minReplicas: 2, toZero: false }, initialReplicas: 2 };
    const { schedule } = plan(kept, 60);
    expect(Math.min(...schedule.map(({ desired }) => desired))).toBeGreaterThanOrEqual(2);
  });
});
