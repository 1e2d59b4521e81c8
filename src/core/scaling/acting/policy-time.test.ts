import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unknownSignals } from '../signals.ts';
import { findPolicyTime, toPolicyTime } from './policy-time.ts';

const noon = 1_700_000_000_000;
const before = { atMs: noon, monotonicMs: 500 };
/** Two seconds later, with a clock of the day that was set by so much. */
const after = (stepMs: number) => findPolicyTime(before, null, { nowMs: noon + 2_000 + stepMs, monotonicMs: 2_500 });

describe('the time that a policy is asked with', () => {
  it.each([
    ['goes on with the clock of the day', 0, 2_000, false],
    ['moves towards a clock that was set ahead', 50_000, 2_200, false],
    ['moves towards one that was set back, and never back itself', -50_000, 1_800, false],
    ['takes a small difference at once', 100, 2_100, false],
    ['is the clock of the day where that was set ahead by more than a minute', 3_600_000, 3_602_000, true],
    ['and where it was set back by more', -3_600_000, -3_598_000, true],
  ])('%s', (_what, stepMs, passedMs, isAnew) => {
    expect(after(stepMs)).toEqual({ time: { atMs: noon + passedMs, monotonicMs: 2_500 }, isAnew });
  });

  it('begins with the clock of the day, but not before what is recorded where that is a minute ahead at most', () => {
    const begun = (recordedMs: number | null) => findPolicyTime(null, recordedMs, { nowMs: noon, monotonicMs: 5 });
    expect(begun(null)).toEqual({ time: { atMs: noon, monotonicMs: 5 }, isAnew: false });
    expect(begun(noon - 7 * 86_400_000)).toMatchObject({ time: { atMs: noon }, isAnew: false });
    expect(begun(noon + 60_000)).toMatchObject({ time: { atMs: noon + 60_000 }, isAnew: false });
    expect(begun(noon + 60_001)).toMatchObject({ time: { atMs: noon }, isAnew: true });
  });

  it('never goes back while the memory stays, and comes to the clock of the day in the end', () => {
    const steps = fc.array(fc.integer({ min: -20_000, max: 20_000 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(steps, (stepsMs) => {
        let [time, offMs] = [{ atMs: noon, monotonicMs: 0 }, 0];
        const go = (): void => {
          const monotonicMs = time.monotonicMs + 2_000;
          const next = findPolicyTime(time, null, { nowMs: noon + monotonicMs + offMs, monotonicMs });
          if (!next.isAnew) expect(next.time.atMs).toBeGreaterThan(time.atMs);
          time = next.time;
        };
        for (const stepMs of stepsMs) {
          offMs += stepMs;
          go();
        }
        for (let turn = 0; turn < 400; turn += 1) go();
        expect(Math.abs(time.atMs - (noon + time.monotonicMs + offMs))).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('moves every moment of an input with it, and none ahead of it', () => {
    const input = {
      signals: unknownSignals(noon - 1_000),
      replicas: [
        { replicaId: 'a', state: 'ready' as const, orderedAtMs: noon - 9_000, readyAtMs: noon - 4_000 },
        { replicaId: 'b', state: 'starting' as const, orderedAtMs: noon + 3_600_000, readyAtMs: null },
      ],
    };
    const moved = toPolicyTime(input, { atMs: noon + 500, monotonicMs: 0 }, noon);
    expect([moved.nowMs, moved.signals.atMs]).toEqual([noon + 500, noon - 500]);
    expect(moved.replicas).toMatchObject([
      { orderedAtMs: noon - 8_500, readyAtMs: noon - 3_500 },
      { orderedAtMs: noon + 500, readyAtMs: null },
    ]);
  });
});
