import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildReplayedWorld } from '../../../../testing/builders/scaling/replayed-world.ts';
import { asSeen } from './next-burst.ts';
import { cautiousChoice, constantChoice } from '../settings/choose-settings.ts';
import { findConstantFloor } from '../settings/constant-floor.ts';
import { keepForNextBurst } from './keep-for-next-burst.ts';

const bounds = { lateShareAtMost: 0.006, unluckyCounts: 0.3 };
/** Half a minute of 20/s in each ten minutes of 4/s, and one of 30/s. */
const world = buildReplayedWorld(Array.from({ length: 400 }, (_, at) => (at % 100 < 5 ? (at < 300 ? 120 : 180) : 24)));
const next = { factor: 1.5, from: 300, until: 305 };
const constant = findConstantFloor(world, bounds);

describe('what is kept for the next burst', () => {
  it('is the constant that keeps the bounds with the greatest burst as great as the next may be', () => {
    if (constant === null) throw new Error('a constant keeps the bounds');
    const kept = keepForNextBurst(constantChoice(constant), world, next, bounds);
    const stretched = world.arrivals.map((count, at) => (at >= 300 && at < 305 ? 1.5 * count : count));
    expect(kept.constant).toBe(findConstantFloor(buildReplayedWorld(stretched), bounds)?.replicas);
    expect(kept.constant).toBeGreaterThan(constant.replicas);
    // What it was chosen by is what was seen.
    expect(kept.score).toBe(constant.score);
  });

  it('is the floor of that burst where the load is followed', () => {
    const following = { ...cautiousChoice, settings: { safety: 0.5, follow: 1, floorShare: 0.5, holdStarts: 1 } };
    expect(keepForNextBurst(following, world, next, bounds)).toEqual({ ...following, peakFactor: 1.5 });
  });

  it('is what was chosen where the next burst is as those seen, or no number keeps the bounds', () => {
    if (constant === null) throw new Error('a constant keeps the bounds');
    const chosen = constantChoice(constant);
    expect(keepForNextBurst(chosen, world, asSeen, bounds)).toEqual({ ...chosen, peakFactor: 1 });
    const few = { ...world, maxReplicas: constant.replicas };
    expect(keepForNextBurst(chosen, few, { ...next, factor: 2 }, bounds).constant).toBe(constant.replicas);
  });

  it('is never less than what was chosen', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(200), { minLength: 10, maxLength: 60 }),
        fc.integer({ min: 1, max: 20 }),
        fc.nat(9),
        fc.double({ min: 1.1, max: 2, noNaN: true }),
        (counts, replicas, from, factor) => {
          const chosen = { ...cautiousChoice, constant: replicas };
          const kept = keepForNextBurst(chosen, buildReplayedWorld(counts), { factor, from, until: from + 1 }, bounds);
          expect(kept.constant).toBeGreaterThanOrEqual(replicas);
          expect(kept.peakFactor).toBeGreaterThanOrEqual(1);
        },
      ),
      { numRuns: 50 },
    );
  });
});
