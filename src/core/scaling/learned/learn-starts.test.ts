import { describe, expect, it } from 'vitest';
import { fixedStarts, lognormalStarts } from '../../coldstart/stated-starts.ts';
import { normalQuantile } from '../../statistics/distributions/normal.ts';
import { seededRandom } from '../../statistics/random.ts';
import type { ScaledReplica } from '../policy.ts';
import { beginStarts, learnStarts, lengthenedShareOf, ratioOfStarts, type LearnedStarts } from './learn-starts.ts';

const told = lognormalStarts(30_000, 40_000, 0.01);
const begun = learnStarts(beginStarts, [], told, 0);

const ready = (orderedAtMs: number, tookMs: number): ScaledReplica => ({
  replicaId: `r-${orderedAtMs}`,
  state: 'ready',
  orderedAtMs,
  readyAtMs: orderedAtMs + tookMs,
});
const loading = (orderedAtMs: number, state: 'pending' | 'starting' = 'starting'): ScaledReplica => ({
  replicaId: `r-${orderedAtMs}`,
  state,
  orderedAtMs,
  readyAtMs: null,
});

/** Starts one after the other, each `factor` times a start of the told distribution. */
function startsOf(factor: number, count: number, seed: number): LearnedStarts {
  const random = seededRandom(seed);
  const spread = Math.log(40 / 30) / normalQuantile(0.95);
  let [learned, nowMs] = [begun, 0];
  for (let at = 0; at < count; at += 1) {
    const tookMs = factor * 30_000 * Math.exp(spread * normalQuantile(0.001 + 0.998 * random.nextShare()));
    learned = learnStarts(learned, [ready(nowMs, tookMs)], told, (nowMs += tookMs + 1));
  }
  return learned;
}

describe('how long starts take', () => {
  it('is exactly what was measured while starts may as well be of it', () => {
    for (let seed = 1; seed <= 100; seed += 1) expect(startsOf(1, 30, seed).used).toBe(0);
  });

  it('is told to replays where it is a little longer, though decisions still go by the evidence', () => {
    const ofFixed = fixedStarts(30_000);
    let longer = learnStarts(beginStarts, [], ofFixed, 0);
    for (let at = 0; at < 30; at += 1) {
      longer = learnStarts(longer, [ready(at * 40_000, 32_100)], ofFixed, (at + 1) * 40_000);
    }
    expect(longer.used).toBe(0);
    // 30 starts of 7% more, and the evidence, which counts as one.
    expect(lengthenedShareOf(longer, ofFixed)).toBeCloseTo(1.07 ** (30 / 31), 6);
    expect(lengthenedShareOf(startsOf(0.9, 30, 1), told)).toBe(1);
    expect(lengthenedShareOf(beginStarts, ofFixed)).toBe(1);
  });

  it('is learned from a start or two where it is twice as long or half, and counts each start once', () => {
    for (const factor of [2, 0.5]) {
      const two = startsOf(factor, 2, 3);
      expect(Math.sign(two.used)).toBe(Math.sign(Math.log(factor)));
      const many = startsOf(factor, 30, 4);
      expect(Math.abs(ratioOfStarts(many, told).estimate / factor - 1)).toBeLessThan(0.1);
      expect(Math.exp(many.used) / factor).toBeGreaterThan(0.9);
    }
    const ofSpares = [1, 2, 3].map((at) => ({ ...ready(at, 500), ofSpare: true as const }));
    expect(learnStarts(begun, ofSpares, told, 70_000)).toBe(begun);
    const slowSpare = { ...loading(10), ofSpare: true as const };
    expect(learnStarts(begun, [slowSpare], told, 500_000)).toBe(begun);
    const one = learnStarts(begun, [ready(10, 60_000)], told, 70_000);
    expect(learnStarts(one, [ready(10, 60_000)], told, 72_000)).toBe(one);
    expect(one.starts).toBe(1);
  });

  it('is learned from starts that have not ended, as they outlast what was told', () => {
    const asked = (seconds: number) =>
      learnStarts(begun, [loading(0), loading(0), loading(0)], told, seconds * 1_000).used;
    expect(asked(30)).toBe(0);
    expect(asked(160)).toBeGreaterThan(Math.log(2));
    expect(asked(160)).toBeGreaterThan(asked(90));
  });

  it('learns nothing from one that waits for an accelerator, was woken, or was there before', () => {
    expect(learnStarts(begun, [loading(0, 'pending')], told, 1e6).used).toBe(0);
    expect(learnStarts(begun, [{ ...ready(0, 900_000), awakeAtMs: 900_000 }], told, 1e6)).toBe(begun);
    expect(learnStarts({ ...begun, countedMs: 2e6 }, [ready(0, 900_000)], told, 3e6).starts).toBe(0);
    const nothing = { timesMs: [0], shares: [0], failureShare: 1, starts: 0 };
    expect(learnStarts(begun, [loading(0)], nothing, 1e6)).toBe(begun);
    expect(ratioOfStarts(begun, nothing)).toMatchObject({ estimate: 1, samples: 0 });
  });

  it('follows told starts that move, because what is kept are times', () => {
    const learned = startsOf(2, 30, 5);
    expect(Math.abs(ratioOfStarts(learned, fixedStarts(60_000)).estimate - 1)).toBeLessThan(0.1);
  });
});
