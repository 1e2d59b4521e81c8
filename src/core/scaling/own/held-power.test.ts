import { describe, expect, it } from 'vitest';
import { heldPower } from './held-power.ts';
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

  it('is its curve where the rate is stated by it', () => {
    expect(heldPower({ ...measured(9), stated: true }, 0.05, 700).mostPerSecond).toBe(20);
  });
});
