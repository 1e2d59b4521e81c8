import { describe, expect, it } from 'vitest';
import { beginCapacity, type LearnedCapacity } from '../learned/learn-capacity.ts';
import { heldPower, isCurveConfirmed } from './held-power.ts';
import { lateShare } from './settings/late-share.ts';

const curve = { kind: 'slots', slots: 4, speeds: [1, 1, 1, 1], meanWorkMs: 200 } as const;
const measured = (ratePerSecond: number) => ({ curve, ratePerSecond, concurrency: 2, serviceMs: 200 });

describe('what a replica is counted on for', () => {
  it('is its curve where the measured rate is what the curve lets expect, or more', () => {
    expect(heldPower(measured(18), 0.05, 700).mostPerSecond).toBe(20);
    expect(heldPower(measured(1_000), 0.05, 700).mostPerSecond).toBe(20);
  });

  it('is less by as much as less was measured', () => {
    const { mostPerSecond } = heldPower(measured(9), 0.05, 700);
    // 20/s at the most; the formula lets one replica take 16.4/s with 5% late beyond 700 ms.
    const alone = (20 * 9) / mostPerSecond;
    expect(lateShare(4, (alone / 20) * 4, 700, 200)).toBeCloseTo(0.05, 6);
    expect(mostPerSecond).toBeLessThan(11);
  });

  it('is its curve where live data confirm it, however little was measured', () => {
    expect(heldPower(measured(9), 0.05, 700, true).mostPerSecond).toBe(20);
  });

  it('is confirmed by an interval that lies above nine tenths of the curve in use', () => {
    // 5,000 answers leave a standard deviation of 1.1%, 20 answers one of 15%.
    const learned = (ratio: number, answers: number, used = 0): LearnedCapacity => ({
      ...beginCapacity,
      belief: { mean: Math.log(ratio), weight: answers, scatter: 0.5, blocks: 30, recent: [] },
      used,
    });
    expect(isCurveConfirmed(beginCapacity)).toBe(false);
    expect(isCurveConfirmed(learned(1, 5_000))).toBe(true);
    expect(isCurveConfirmed(learned(1, 20))).toBe(false);
    expect(isCurveConfirmed(learned(0.85, 5_000))).toBe(false);
    // A curve that is used at half of what was told is confirmed by half as much.
    expect(isCurveConfirmed(learned(0.5, 5_000, Math.log(0.5)))).toBe(true);
  });

  it('is its curve where the rate is stated by it', () => {
    expect(heldPower({ ...measured(9), stated: true }, 0.05, 700).mostPerSecond).toBe(20);
  });
});
