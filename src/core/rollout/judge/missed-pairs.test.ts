import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PairCounts } from './canary-state.ts';
import { canaryPolicyOf } from './canary-policy.ts';
import { beginCanary, judgeCanary, observe } from './canary-judge.ts';
import { clientParts } from './client-parts.ts';
import { isClientMiss } from './client-miss.ts';
import { observeMissedPairs, whyHeldByMisses } from './missed-pairs.ts';

const alphaShare = 0.05;
type Draw = () => number;

/** Mulberry32: the same numbers for the same seed. */
function drawsOf(seed: number): Draw {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Whether a step is held at any of 400 looks. Each pair is of a client with its own share of misses in both arms. */
function isEverHeld(draw: Draw, canaryFactor: number): boolean {
  let state: readonly PairCounts[] | undefined;
  for (let look = 0; look < 400; look += 1) {
    const part = Math.floor(draw() * clientParts);
    const missShare = (part + 0.5) / clientParts;
    const live = draw() < missShare;
    const canary = draw() < Math.min(1, missShare * canaryFactor);
    if (live === canary) continue;
    state = observeMissedPairs(state, [{ part, canaryOnly: Number(canary), liveOnly: Number(live) }]);
    if (whyHeldByMisses(state, alphaShare) !== null) return true;
  }
  return false;
}

const part = (at: number, canaryOnly: number, liveOnly: number) => ({ part: at, canaryOnly, liveOnly });
const held = (...parts: ReturnType<typeof part>[]): string | null =>
  whyHeldByMisses(observeMissedPairs(undefined, parts), alphaShare);

describe('misses of deadlines that clients chose', () => {
  it('hold an equal release in no more than alpha of the steps, however impatient clients are', () => {
    const draw = drawsOf(1);
    const heldSteps = Array.from({ length: 1_000 }, () => isEverHeld(draw, 1)).filter(Boolean).length;
    expect(heldSteps / 1_000).toBeLessThanOrEqual(alphaShare);
  });

  it('hold a release that is given up four times as often in nearly every step', () => {
    const draw = drawsOf(2);
    let count = 0;
    for (let step = 0; step < 100; step += 1) if (isEverHeld(draw, 4)) count += 1;
    expect(count).toBeGreaterThan(90);
  });

  it('hold by many clients, and say by what', () => {
    const parts = Array.from({ length: clientParts }, (_, at) => part(at, 6, 0));
    expect(held(...parts)).toMatch(/of 48 pairs .* canary missed 48 and the live release 0; this holds the step/);
  });

  it('do not hold by one client among others', () => {
    expect(held(part(0, 500, 0), part(1, 12, 12))).toBeNull();
    expect(held(part(0, 500, 0))).not.toBeNull();
  });

  it('never hold where the live release is missed as often or more', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1_000), { maxLength: clientParts }), fc.nat(50), (counts, more) => {
        expect(held(...counts.map((count, at) => part(at, count, count + more)))).toBeNull();
      }),
    );
  });

  it('add up in any order and any cut', () => {
    const pair = fc.record({ part: fc.nat(clientParts - 1), canaryOnly: fc.nat(9), liveOnly: fc.nat(9) });
    fc.assert(
      fc.property(fc.array(pair, { minLength: 1 }), (pairs) => {
        const oneByOne = [...pairs]
          .reverse()
          .reduce<readonly PairCounts[] | undefined>((state, each) => observeMissedPairs(state, [each]), undefined);
        expect(oneByOne).toEqual(observeMissedPairs(undefined, pairs));
      }),
    );
  });

  it('are told from errors by the status and the time', () => {
    const answer = (status: number, tookMs: number) => isClientMiss({ status, tookMs, deadlineMs: 10 });
    expect([408, 499, 504].map((status) => answer(status, 0))).toEqual([true, true, true]);
    expect([500, 503].map((status) => answer(status, 9))).toEqual([true, true]);
    expect([500, 503, 200, 404].map((status) => answer(status, 1))).toEqual([false, false, false, false]);
    expect([200, 404].map((status) => answer(status, 50))).toEqual([false, false]);
  });
});

describe('a step whose metrics are all proven', () => {
  const policy = canaryPolicyOf({ steps: [0.5, 1], metrics: ['errors'] });
  const arm = { units: 50_000, errors: 0, latency: { 100: 50_000 } };
  const none = { units: 0, errors: 0, latency: {} };
  const interval = { atMs: 0, durationMs: 1_000, live: arm, canary: arm, cold: { live: none, canary: none } };
  const pairs = Array.from({ length: clientParts }, (_, at) => part(at, 9, 0));
  const judge = (missedPairs: typeof pairs, elapsedMs: number) => {
    const once = observe(beginCanary(policy), { ...interval, missedPairs });
    return judgeCanary(observe(once, interval), policy, { nowMs: 0, elapsedMs });
  };

  it('is promoted, is held by misses, and is inconclusive when its time is over', () => {
    expect(judge([], policy.minMs)).toMatchObject({ outcome: 'promote' });
    expect(judge(pairs, policy.minMs)).toMatchObject({
      outcome: 'hold',
      held: expect.stringMatching(/72 pairs/) as string,
    });
    expect(judge(pairs, policy.timeLimitMs).outcome).toBe('inconclusive');
  });

  it('refuses counts that cannot be', () => {
    expect(() => judge([part(0, -1, 0)], 0)).toThrow(/missedPairs.canaryOnly as -1/);
  });
});
