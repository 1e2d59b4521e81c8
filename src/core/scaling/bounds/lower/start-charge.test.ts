import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { startCharge } from './start-charge.ts';

describe('what a start is charged', () => {
  it('is the smallest start for every policy, and waiting or giving up, whichever loads less, for the mean', () => {
    const even = { timesMs: [10_000, 100_000], shares: [0.5, 1], failureShare: 0, starts: 0 };
    expect(startCharge(even, 'least').chargeMs).toBe(10_000);
    // 5 s + 0.5 * 10 s of waiting for what is not ready then, over a half.
    expect(startCharge(even, 'expected').chargeMs).toBe(20_000);
    const near = { ...even, timesMs: [10_000, 12_000] };
    expect(startCharge(near, 'expected').chargeMs).toBe(11_000);
  });

  it('counts what loads for nothing where starts fail', () => {
    const failing = { timesMs: [10_000], shares: [0.8], failureShare: 0.1, starts: 0 };
    // 0.8 become ready after 10 s, 0.1 fail (at once, which is the least), 0.1 are given up after 10 s.
    expect(startCharge(failing, 'expected').chargeMs).toBeCloseTo(9_000 / 0.8, 9);
  });

  it('leaves out times at which none is ready', () => {
    const late = { timesMs: [1, 10_000], shares: [0, 1], failureShare: 0, starts: 0 };
    expect(startCharge(late, 'least').leastMs).toBe(10_000);
  });

  it('is met by no rule of giving up at any time', () => {
    const steps = fc.array(fc.tuple(fc.integer({ min: 1, max: 1000 }), fc.integer({ min: 1, max: 9 })), {
      minLength: 1,
      maxLength: 6,
    });
    fc.assert(
      fc.property(steps, fc.double({ min: 0.5, max: 8000, noNaN: true }), (drawn, giveUpMs) => {
        let [atMs, sum] = [0, 0];
        const total = drawn.reduce((all, [, weight]) => all + weight, 0);
        const timesMs = drawn.map(([gapMs]) => (atMs += gapMs));
        const shares = drawn.map(([, weight]) => (sum += weight) / total);
        const { chargeMs, leastMs } = startCharge({ timesMs, shares, failureShare: 0, starts: 0 }, 'expected');
        expect(chargeMs).toBeGreaterThanOrEqual(leastMs);
        let [loadedMs, ready] = [0, 0];
        timesMs.forEach((timeMs, index) => {
          const share = (shares[index] ?? 0) - (shares[index - 1] ?? 0);
          loadedMs += share * Math.min(timeMs, giveUpMs);
          if (timeMs <= giveUpMs) ready += share;
        });
        expect(loadedMs).toBeGreaterThanOrEqual(chargeMs * ready - 1e-6);
      }),
    );
  });
});
