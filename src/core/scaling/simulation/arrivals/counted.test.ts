import fc from 'fast-check';
import { expect, it } from 'vitest';
import { makeCounted } from './counted.ts';

const all = (arrivals: ReturnType<typeof makeCounted>) => [...{ [Symbol.iterator]: arrivals }];

it('counted arrivals are as many in each span as were counted, in order, and the same each time', () => {
  const spans = fc.array(fc.record({ spanMs: fc.integer({ min: 1, max: 600_000 }), requests: fc.nat(40) }));
  fc.assert(
    fc.property(spans, fc.nat(), (counted, seed) => {
      const arrivals = makeCounted(counted, { seed, workMs: 7 });
      const times = all(arrivals).map(({ atMs }) => atMs);
      expect(times).toEqual(times.toSorted((a, b) => a - b));
      let fromMs = 0;
      for (const { spanMs, requests } of counted) {
        const untilMs = fromMs + spanMs;
        expect(times.filter((atMs) => atMs >= fromMs && atMs < untilMs)).toHaveLength(requests);
        fromMs = untilMs;
      }
      expect(all(arrivals)).toEqual(all(arrivals));
      expect(all(arrivals).every(({ workMs }) => workMs === 7)).toBe(true);
    }),
  );
});

it('counted arrivals are spread over their span', () => {
  const times = all(makeCounted([{ spanMs: 1_000, requests: 4_000 }], { seed: 1, workMs: 1 })).map(({ atMs }) => atMs);
  // A quarter of 4,000 has a standard deviation of 27.
  for (const quarter of [0, 250, 500, 750]) {
    const count = times.filter((atMs) => atMs >= quarter && atMs < quarter + 250).length;
    expect(Math.abs(count - 1_000)).toBeLessThan(140);
  }
});
