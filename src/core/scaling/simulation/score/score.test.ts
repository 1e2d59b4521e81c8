import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cheapestAt, dominates, paretoFront } from './score.ts';

const point = (label: string, attainmentShare: number, acceleratorSeconds: number) => ({
  label,
  attainmentShare,
  acceleratorSeconds,
});
const points = [point('a', 0.9, 100), point('b', 0.99, 200), point('c', 0.95, 300), point('d', 0.999, 400)];

describe('points of cost and attainment', () => {
  it('are on the front where nothing is both cheaper and better', () => {
    expect(paretoFront(points).map(({ label }) => label)).toEqual(['a', 'b', 'd']);
  });

  it('have a cheapest at a share, or none', () => {
    expect(cheapestAt(points, 0.95)?.label).toBe('b');
    expect(cheapestAt(points, 0.9999)).toBeNull();
  });

  it('never dominate themselves', () => {
    expect(dominates(point('a', 0.9, 1), point('a', 0.9, 1))).toBe(false);
    expect(dominates(point('a', 0.91, 1), point('b', 0.9, 1))).toBe(true);
    expect(dominates(point('a', 0.91, 2), point('b', 0.9, 1))).toBe(false);
  });

  it('are dominated by a point of the front or are on it', () => {
    const shape = fc.record({
      label: fc.string(),
      attainmentShare: fc.integer({ min: 0, max: 10 }).map((n) => n / 10),
      acceleratorSeconds: fc.integer({ min: 1, max: 10 }),
    });
    fc.assert(
      fc.property(fc.array(shape), (each) => {
        const front = paretoFront(each);
        for (const one of each) {
          const known = front.some(
            (best) => best.attainmentShare >= one.attainmentShare && best.acceleratorSeconds <= one.acceleratorSeconds,
          );
          expect(known).toBe(true);
        }
        for (const one of front) expect(front.some((other) => dominates(other, one))).toBe(false);
      }),
    );
  });
});
