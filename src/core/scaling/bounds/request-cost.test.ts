import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { requestCost } from './request-cost.ts';

const slots = (...speeds: number[]) => ({ kind: 'slots', slots: speeds.length, speeds, meanWorkMs: 100 }) as const;

describe('the least replica-time of a request', () => {
  it('is that of the best throughput where there is time for it', () => {
    // Two at once at 0.8: 100 ms of work take 125 ms of half a replica.
    expect(requestCost(slots(1, 0.8), 1000, 0)(100)).toBeCloseTo(62.5, 9);
    // Three at once at 0.4 are worse than two at 0.8, however much time there is.
    expect(requestCost(slots(1, 0.8, 0.4), 1_000_000, 0)(100)).toBeCloseTo(62.5, 9);
  });

  it('mixes a fast and a cheap pace where the time is short', () => {
    // 90 ms of work in 100 ms: 50 ms alone and 50 ms at 0.8 among two: 50 + 25 replica-milliseconds.
    expect(requestCost(slots(1, 0.8), 100, 0)(90)).toBeCloseTo(75, 9);
    expect(requestCost(slots(1, 0.8), 100, 0)(100)).toBeCloseTo(100, 9);
  });

  it('is infinite where not even a replica of its own is in time', () => {
    expect(requestCost(slots(0.5), 100, 0)(51)).toBe(Infinity);
    expect(requestCost({ kind: 'batch', batchMs: [10, 12], maxDelayMs: 0 }, 20, 1)(3)).toBe(Infinity);
  });

  it('takes of a batch the largest that still ends in time', () => {
    const batch = { kind: 'batch', batchMs: [10, 12, 30], maxDelayMs: 0 } as const;
    expect(requestCost(batch, 100, 1)(1)).toBeCloseTo(6, 9);
    expect(requestCost(batch, 11, 1)(1)).toBeCloseTo(10, 9);
    // With smaller ones in the batch its time is shorter: (1 + 0.5) / 2 of 12 ms.
    expect(requestCost(batch, 11, 0.5)(1)).toBeCloseTo(6, 9);
  });

  it('is never above what one pace that is in time takes, and never falls when time gets shorter', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0.05, max: 1, noNaN: true }), { minLength: 1, maxLength: 8 }),
        fc.double({ min: 1, max: 1000, noNaN: true }),
        fc.double({ min: 1, max: 2000, noNaN: true }),
        (drawn, workMs, latencyMs) => {
          const speeds = [...drawn].sort((a, b) => b - a);
          const cost = requestCost(slots(...speeds), latencyMs, 0)(workMs);
          speeds.forEach((speed, index) => {
            if (workMs <= latencyMs * speed)
              expect(cost).toBeLessThanOrEqual((workMs / speed / (index + 1)) * (1 + 1e-9));
          });
          expect(requestCost(slots(...speeds), latencyMs * 1.5, 0)(workMs)).toBeLessThanOrEqual(cost * (1 + 1e-9));
        },
      ),
    );
  });
});
