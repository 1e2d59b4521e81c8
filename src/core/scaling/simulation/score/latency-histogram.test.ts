import fc from 'fast-check';
import { expect, it } from 'vitest';
import { LatencyHistogram } from './latency-histogram.ts';

it('knows each quantile to one percent, from a microsecond to years', () => {
  const latency = fc.integer({ min: -300, max: 1_200 }).map((exponent) => 10 ** (exponent / 100));
  fc.assert(
    fc.property(
      fc.array(latency, { minLength: 1, maxLength: 200 }),
      fc.constantFrom(0.01, 0.5, 0.9, 0.99, 1),
      (list, share) => {
        const histogram = new LatencyHistogram();
        for (const latencyMs of list) histogram.record(latencyMs);
        const exact =
          [...list].sort((a, b) => a - b)[Math.max(1, Math.ceil(share * list.length - 1e-9)) - 1] ?? Number.NaN;
        expect(Math.abs(histogram.quantileMs(share) / exact - 1)).toBeLessThan(0.01);
      },
    ),
  );
});
