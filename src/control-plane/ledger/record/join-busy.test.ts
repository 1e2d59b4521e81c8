import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { joinBusy, type BusySegment } from './join-busy.ts';

const second = (number: number, busyMs: number): BusySegment => ({
  fromMs: number * 1_000,
  toMs: (number + 1) * 1_000,
  busyMs,
});

describe('joinBusy', () => {
  it('takes one gateway as it counts', () => {
    expect(joinBusy([[second(0, 300), second(1, 0)], []])).toEqual({ busyMs: 300, atLeastMs: 300, atMostMs: 300 });
    expect(joinBusy([])).toEqual({ busyMs: 0, atLeastMs: 0, atMostMs: 0 });
  });

  it('adds nothing where gateways are busy in the same seconds, and all where they are not', () => {
    const [first, later] = [[second(0, 1_000)], [second(1, 1_000)]];
    expect(joinBusy([first, first])).toEqual({ busyMs: 1_000, atLeastMs: 1_000, atMostMs: 1_000 });
    expect(joinBusy([first, later])).toEqual({ busyMs: 2_000, atLeastMs: 2_000, atMostMs: 2_000 });
  });

  it('assumes independence inside of a second, and says how far off that may be', () => {
    const half = [second(0, 500)];
    expect(joinBusy([half, half])).toEqual({ busyMs: 750, atLeastMs: 500, atMostMs: 1_000 });
  });

  it('cuts seconds of gateways that report at different moments', () => {
    // 0 to 500 ms: only the first, half busy. 500 to 1,000 ms: both, half busy and wholly busy. Then the second alone.
    const [first, second_] = [[second(0, 500)], [{ fromMs: 500, toMs: 1_500, busyMs: 1_000 }]];
    expect(joinBusy([first, second_])).toEqual({ busyMs: 1_250, atLeastMs: 1_250, atMostMs: 1_250 });
  });

  it('holds the true union between its bounds, whatever the requests are', () => {
    const request = fc.record({ gateway: fc.nat(2), fromMs: fc.nat(4_000), lastsMs: fc.integer({ min: 1, max: 900 }) });
    fc.assert(
      fc.property(fc.array(request, { maxLength: 12 }), (requests) => {
        const isBusy = (ms: number, gateway: number | null): boolean =>
          requests.some(
            (each) =>
              (gateway === null || each.gateway === gateway) && each.fromMs <= ms && ms < each.fromMs + each.lastsMs,
          );
        const count = (fromMs: number, toMs: number, gateway: number | null): number => {
          let busyMs = 0;
          for (let ms = fromMs; ms < toMs; ms += 1) if (isBusy(ms, gateway)) busyMs += 1;
          return busyMs;
        };
        const gateways = [0, 1, 2].map((gateway) =>
          [0, 1, 2, 3, 4].map((number) => second(number, count(number * 1_000, (number + 1) * 1_000, gateway))),
        );
        const { atLeastMs, busyMs, atMostMs } = joinBusy(gateways);
        const union = count(0, 5_000, null);
        expect(atLeastMs).toBeLessThanOrEqual(union);
        expect(atMostMs).toBeGreaterThanOrEqual(union);
        expect(busyMs).toBeGreaterThanOrEqual(atLeastMs);
        expect(busyMs).toBeLessThanOrEqual(atMostMs);
      }),
      { numRuns: 40 },
    );
  });
});
