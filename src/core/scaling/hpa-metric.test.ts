import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { externalMetricTotal } from './hpa-metric.ts';

/** The rule of the autoscaler for an external metric with an average value of 1. */
function autoscaled(current: number, total: number): number {
  if (current === 0) return Math.ceil(total);
  return Math.abs(1 - total / current) <= 0.1 + 1e-12 ? current : Math.ceil(total);
}

describe('the metric that is published for a HorizontalPodAutoscaler', () => {
  it.each([
    [20, 21, 23],
    [20, 22, 23],
    [20, 23, 23],
    [20, 19, 20],
    [20, 17, 17],
    [1, 2, 2],
    [10, 10, 10],
    [0, 3, 3],
  ])('of %i replicas of which %i are desired makes it end at %i', (current, desired, expected) => {
    expect(autoscaled(current, externalMetricTotal(desired, current))).toBe(expected);
  });

  it('never leaves fewer than desired, and never more than a tenth and one beyond', () => {
    const count = fc.integer({ min: 0, max: 5_000 });
    fc.assert(
      fc.property(count, count, (current, desired) => {
        const ended = autoscaled(current, externalMetricTotal(desired, current));
        expect(ended).toBeGreaterThanOrEqual(desired);
        expect(ended).toBeLessThanOrEqual(Math.max(desired, current * 1.1) / (desired < current ? 0.9 : 1) + 1);
        // Published again from there, nothing moves any more, or it moves to what is desired.
        const again = autoscaled(ended, externalMetricTotal(desired, ended));
        expect(again === ended || again === desired).toBe(true);
      }),
    );
  });

  it('is what is desired where nobody says how many there are', () => {
    expect(externalMetricTotal(21, null)).toBe(21);
  });
});
