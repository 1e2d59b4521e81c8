import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../statistics/random.ts';
import {
  beginCapacity,
  carriedShareOf,
  learnCapacity,
  ratioOfCapacity,
  type LearnedCapacity,
} from './learn-capacity.ts';
import type { WatchedTick } from './watched-tick.ts';

/** Nothing is told of what fills the replicas. */
const unknownArrivals = { occupiedMs: 0, arrivals: null, fullAnswers: 0, fullMs: 0 };

/** 20 answers/s of 1 s by the told curve, on slots of which 80% are taken; they take `realMs` each. */
const tick = (realMs: number, noise = 1): WatchedTick => ({
  elapsedMs: 2_000,
  answers: 40,
  busyMs: 40 * realMs * noise,
  heldAtMostMs: null,
  heldMs: 40 * realMs,
  toldAnswers: (40 * realMs) / 1_000,
  occupiedShare: 0.8,
  fullness: unknownArrivals,
});
function learnOver(begun: LearnedCapacity, ticks: readonly WatchedTick[]): LearnedCapacity {
  return ticks.reduce((learned, each) => learnCapacity(learned, each), begun);
}
const times = (count: number, each: () => WatchedTick): WatchedTick[] => Array.from({ length: count }, each);

/**
 * Ten slots of 1 s told, on two replicas that what arrives fills to 30% to 80%. Full ones run at `last` of the speed, and others in proportion. How long
 * requests are scatters from tick to tick, and what is under way with it.
 */
function halfFull(last: number): readonly WatchedTick[] {
  const random = seededRandom(1);
  return Array.from({ length: 1_200 }, (_, at) => {
    const occupancy = 0.55 + 0.25 * Math.sin(at / 20);
    const work = 1 + 0.3 * (random.nextShare() - 0.5);
    const [held, speed] = [20 * occupancy * work, 1 + (last - 1) * occupancy];
    const answers = (2 * 20 * occupancy * speed) / 1;
    return {
      elapsedMs: 2_000,
      answers,
      busyMs: (answers * work * 1_000) / speed,
      heldAtMostMs: null,
      heldMs: held * 2_000,
      toldAnswers: 2 * held,
      occupiedShare: Math.min(1, held / 20),
      fullness: {
        occupiedMs: 2_000 * held * Math.min(1, held / 20),
        arrivals: answers,
        fullAnswers: 40,
        fullMs: 1_000,
      },
    };
  });
}

describe('what a replica carries', () => {
  it('is exactly what was measured while live data may as well be of it', () => {
    const random = seededRandom(1);
    // The mean of 40 times with a coefficient of variation of 0.5, and times 3% longer than told.
    const noisy = (): WatchedTick => tick(1_030, 1 + 0.16 * (random.nextShare() - 0.5));
    let learned = beginCapacity;
    for (let at = 0; at < 2_000; at += 1) {
      learned = learnCapacity(learned, noisy());
      expect(learned.used).toBe(0);
    }
    expect(ratioOfCapacity(learned).estimate).toBeCloseTo(1 / 1.03, 2);
  });

  it('is told to replays where it is a little less, though decisions still go by the evidence', () => {
    const slower = learnOver(
      beginCapacity,
      times(400, () => tick(1_030)),
    );
    expect(slower.used).toBe(0);
    expect(carriedShareOf(slower)).toBeCloseTo(1 / 1.03, 3);
    const half = learnOver(
      beginCapacity,
      times(60, () => tick(2_000)),
    );
    const faster = learnOver(
      beginCapacity,
      times(60, () => tick(970)),
    );
    // Decisions follow the first; more than what was measured is nothing to count on.
    for (const learned of [half, faster, beginCapacity]) expect(carriedShareOf(learned)).toBe(1);
  });

  it('is half the told rate where requests take twice as long, within a minute', () => {
    const learned = learnOver(
      beginCapacity,
      times(30, () => tick(2_000)),
    );
    expect(Math.exp(learned.used)).toBeGreaterThan(0.4);
    expect(Math.exp(learned.used)).toBeLessThan(0.52);
    const { estimate, lower, upper } = ratioOfCapacity(learned);
    expect(lower).toBeLessThan(estimate);
    expect(upper).toBeGreaterThan(estimate);
    expect(estimate).toBeCloseTo(0.5, 2);
  });

  it('is above the told rate where requests are faster', () => {
    const learned = learnOver(
      beginCapacity,
      times(60, () => tick(500)),
    );
    expect(Math.exp(learned.used)).toBeGreaterThan(1.8);
    expect(Math.exp(learned.used)).toBeLessThanOrEqual(2);
  });

  it('is not biased by a queue inside the engine', () => {
    // Full slots answer at half the told rate; three times as many requests as slots are held, and each takes three times as long.
    const queued: WatchedTick = {
      elapsedMs: 2_000,
      answers: 20,
      busyMs: 20 * 6_000,
      heldAtMostMs: null,
      heldMs: 60 * 2_000,
      toldAnswers: 40,
      occupiedShare: 1,
      fullness: unknownArrivals,
    };
    expect(
      ratioOfCapacity(
        learnOver(
          beginCapacity,
          times(60, () => queued),
        ),
      ).estimate,
    ).toBeCloseTo(0.5, 1);
  });

  it('rests on busy replicas more than on those that are hardly used', () => {
    // Requests take twice as long at a tenth of the slots, as where batches do not fill or clocks go down.
    const calm: WatchedTick = { ...tick(2_000), occupiedShare: 0.1 };
    const busy: WatchedTick = { ...tick(1_000), occupiedShare: 0.9 };
    const minutes = Array.from({ length: 240 }, (_, at) => (at % 60 < 30 ? busy : calm));
    const { estimate } = ratioOfCapacity(learnOver(beginCapacity, minutes));
    // Each for itself is 1 and 0.5; both alike would be 0.71.
    expect(estimate).toBeGreaterThan(0.85);
  });

  it('rests on answers alone where their times are unknown', () => {
    const untimed = { ...tick(2_000), busyMs: null };
    expect(
      ratioOfCapacity(
        learnOver(
          beginCapacity,
          times(60, () => untimed),
        ),
      ).estimate,
    ).toBeCloseTo(0.5, 1);
  });

  it('comes back to the evidence once it holds again', () => {
    const slow = learnOver(
      beginCapacity,
      times(60, () => tick(2_000)),
    );
    expect(slow.used).toBeLessThan(-0.6);
    expect(
      learnOver(
        slow,
        times(120, () => tick(1_000)),
      ).used,
    ).toBe(0);
  });

  it('stays between what idle and busy replicas do where service times fall as load rises', () => {
    let learned = beginCapacity;
    for (let round = 0; round < 20; round += 1) {
      const busy = { ...tick(500), occupiedShare: 1 };
      const calm = { ...tick(1_000), answers: 4, busyMs: 4_000, heldMs: 4_000, toldAnswers: 4, occupiedShare: 0.1 };
      learned = learnOver(learned, [...times(30, () => busy), ...times(30, () => calm)]);
      expect(Math.exp(learned.used)).toBeGreaterThanOrEqual(0.99);
      expect(Math.exp(learned.used)).toBeLessThanOrEqual(2);
    }
    expect(ratioOfCapacity(learned).estimate).toBeGreaterThan(1.5);
  });

  it('is the mean of ten replicas of which one is slow', () => {
    // Full slots: nine answer 2 a second as told, one answers 0.5.
    const full: WatchedTick = {
      elapsedMs: 2_000,
      answers: 37,
      busyMs: null,
      heldAtMostMs: null,
      heldMs: 40_000,
      toldAnswers: 40,
      occupiedShare: 1,
      fullness: unknownArrivals,
    };
    expect(
      ratioOfCapacity(
        learnOver(
          beginCapacity,
          times(100, () => full),
        ),
      ).estimate,
    ).toBeCloseTo(37 / 40, 2);
  });

  it('believes no readings that keep the beat of the clients, and none of replicas that are idle at most of them', () => {
    // One request of 13 ms each second, and each reading falls on one of them: 0.75 of the time they would seem to be under way.
    const beat: WatchedTick = {
      elapsedMs: 1_000,
      answers: 1,
      busyMs: null,
      heldAtMostMs: 13,
      heldMs: 1_000,
      toldAnswers: 1_000 / 13,
      occupiedShare: 0.25,
      fullness: unknownArrivals,
    };
    const onBeat = ratioOfCapacity(
      learnOver(
        beginCapacity,
        times(200, () => beat),
      ),
    );
    expect(onBeat.estimate).toBeCloseTo(1, 2);
    const seldom = times(200, () => beat).map((each, at) =>
      at % 4 === 0 ? each : { ...each, heldMs: 0, toldAnswers: 0 },
    );
    expect(learnOver(beginCapacity, seldom).belief).toEqual(beginCapacity.belief);
  });

  it('is told of full replicas, where those that were seen are not and slow each other down', () => {
    const { estimate } = ratioOfCapacity(learnOver(beginCapacity, halfFull(0.5)));
    // Seen was 0.65 to 0.87 of the told rate.
    expect(estimate).toBeGreaterThan(0.46);
    expect(estimate).toBeLessThan(0.56);
    const used = Math.exp(learnOver(beginCapacity, halfFull(0.5)).used);
    expect(used).toBeGreaterThan(0.4);
    expect(used).toBeLessThan(0.56);
  });

  it('is exactly what was measured where the told shape is right too', () => {
    let learned = beginCapacity;
    for (const each of halfFull(1)) {
      learned = learnCapacity(learned, each);
      expect(learned.used).toBe(0);
      expect(learned.shape?.slope ?? 0).toBe(0);
    }
  });

  it('goes by what was seen alone where arrivals are unknown or replicas are cold', () => {
    const untold = halfFull(0.5).map((each) => ({ ...each, fullness: { ...each.fullness, arrivals: null } }));
    const { estimate } = ratioOfCapacity(learnOver(beginCapacity, untold));
    expect(estimate).toBeGreaterThan(0.65);
    // The slope that was learned before holds for them too.
    const learned = learnOver(beginCapacity, halfFull(0.5));
    expect(ratioOfCapacity(learnOver(learned, untold)).estimate).toBeLessThan(0.56);
  });

  it('goes on from what versions before recorded', () => {
    const older = { ...beginCapacity, open: { ...beginCapacity.open } };
    delete (older.open as { fullness?: unknown }).fullness;
    const { estimate } = ratioOfCapacity(learnOver(older, halfFull(0.5)));
    expect(estimate).toBeGreaterThan(0.46);
    expect(estimate).toBeLessThan(0.56);
  });

  it('learns nothing from ticks that say nothing', () => {
    expect(learnCapacity(beginCapacity, null)).toBe(beginCapacity);
    const nothingTold = { ...tick(1_000), toldAnswers: 0, heldMs: 0, busyMs: null };
    expect(
      learnOver(
        beginCapacity,
        times(60, () => nothingTold),
      ).used,
    ).toBe(0);
  });
});
