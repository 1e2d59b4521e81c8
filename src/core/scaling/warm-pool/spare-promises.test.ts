import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countPromised, countTakeable, type SpareClaim } from './promise-spares.ts';
import { beginAvailability, countFound, observeAvailability } from './spare-availability.ts';

describe('a promise of spares', () => {
  it('is of those that nobody else was promised and no start is on its way to', () => {
    const claims = [
      { service: 'a', left: 1, ordered: 0 },
      { service: 'b', left: 0, ordered: 1 },
    ];
    expect(['a', 'b', 'c'].map((service) => countPromised(3, claims, service))).toEqual([2, 1, 1]);
    expect(['a', 'b', 'c'].map((service) => countPromised(1, claims, service))).toEqual([0, 0, 0]);
  });

  it('is to one service for each spare, in whatever order services ask, leave and order', () => {
    const step = fc.record({
      service: fc.constantFrom('a', 'b', 'c', 'd'),
      wants: fc.nat(6),
      orders: fc.nat(2),
    });
    fc.assert(
      fc.property(fc.nat(5), fc.array(step, { maxLength: 30 }), (free, steps) => {
        const claims = new Map<string, SpareClaim>();
        for (const { service, wants, orders } of steps) {
          const promised = countPromised(free, [...claims.values()], service);
          const before = claims.get(service);
          const left = Math.min(wants, promised);
          const ordered = Math.min(orders, promised - left) + (before?.ordered ?? 0);
          claims.set(service, { service, left, ordered });
          const sum = [...claims.values()].reduce((total, each) => total + each.left + each.ordered, 0);
          expect(sum).toBeLessThanOrEqual(free);
        }
      }),
    );
  });

  it('keeps a spare from the starts of others', () => {
    expect(countTakeable(2, { a: 1 }, 'a')).toBe(2);
    expect(countTakeable(2, { a: 1 }, 'b')).toBe(1);
    expect(countTakeable(1, { a: 1 }, 'b')).toBe(0);
    expect(countTakeable(1, {}, 'b')).toBe(1);
  });
});

describe('what a service finds nearly always', () => {
  const minute = 60_000;
  const seen = (...times: readonly (readonly [spares: number, minutes: number])[]): number =>
    countFound(
      times.reduce(
        (before, [spares, minutes]) => observeAvailability(before, spares, minutes * minute),
        beginAvailability,
      ),
    );

  it('is the largest number that was there for 90% of the time', () => {
    expect(countFound({ lastedMs: [2 * minute, 0, 18 * minute, 40 * minute] })).toBe(2);
    expect(countFound({ lastedMs: [0, 0, 2 * minute, 58 * minute] })).toBe(3);
    expect(countFound({ lastedMs: [20 * minute, 0, 0, 40 * minute] })).toBe(0);
  });

  it('is none before ten minutes were seen', () => {
    expect(seen([3, 9])).toBe(0);
    expect(seen([3, 11])).toBe(3);
  });

  it('forgets what is long ago', () => {
    expect(seen([0, 30], [2, 60])).toBe(0);
    expect(seen([0, 30], [2, 600])).toBe(2);
  });
});
