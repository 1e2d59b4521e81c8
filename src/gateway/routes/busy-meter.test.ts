import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BusyMeter, type RequestPurpose } from './busy-meter.ts';

describe('BusyMeter', () => {
  it('splits each millisecond over the requests that are there', () => {
    const meter = new BusyMeter();
    for (const purpose of ['answers', 'answers', 'shadow', 'shadow'] as const) meter.begin(purpose, 10);
    for (const purpose of ['answers', 'shadow', 'shadow'] as const) meter.end(purpose, 20);
    expect(meter.read(25)).toEqual({ answers: 10, shadow: 5, golden: 0 });
    meter.end('answers', 30);
    expect(meter.read(90)).toEqual({ answers: 15, shadow: 5, golden: 0 });
    meter.begin('golden', 100);
    meter.end('golden', 107);
    expect(meter.read(200)).toEqual({ answers: 15, shadow: 5, golden: 7 });
  });

  it('adds up to the union of the requests, counted millisecond by millisecond', () => {
    const request = fc.record({
      purpose: fc.constantFrom<RequestPurpose>('answers', 'shadow', 'golden'),
      fromMs: fc.nat(200),
      lastsMs: fc.integer({ min: 1, max: 50 }),
    });
    fc.assert(
      fc.property(fc.array(request, { maxLength: 20 }), (requests) => {
        const meter = new BusyMeter();
        for (let ms = 0; ms <= 260; ms += 1) {
          for (const { purpose, fromMs, lastsMs } of requests) {
            if (fromMs === ms) meter.begin(purpose, ms);
            if (fromMs + lastsMs === ms) meter.end(purpose, ms);
          }
        }
        const { answers, shadow, golden } = meter.read(260);
        const busy = Array.from({ length: 260 }, (_, ms) =>
          requests.some(({ fromMs, lastsMs }) => fromMs <= ms && ms < fromMs + lastsMs),
        ).filter(Boolean).length;
        expect(answers + shadow + golden).toBeCloseTo(busy, 6);
      }),
    );
  });
});
