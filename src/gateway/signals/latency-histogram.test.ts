import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LatencyHistogram } from './latency-histogram.ts';

const latencies = fc.array(fc.double({ min: 0, max: 100_000, noNaN: true }), { minLength: 1, maxLength: 200 });

test('without a latency there is no quantile', () => {
  expect(new LatencyHistogram().quantileMs(0.5)).toBeNull();
});

test('a quantile lies at or at most a thirtieth above the true one', () => {
  fc.assert(
    fc.property(latencies, fc.double({ min: 0.01, max: 1, noNaN: true }), (sample, quantile) => {
      const histogram = new LatencyHistogram();
      for (const latencyMs of sample) histogram.record(latencyMs);
      const sorted = [...sample].sort((a, b) => a - b);
      const exact = sorted[Math.ceil(quantile * sorted.length) - 1] ?? 0;
      const estimate = histogram.quantileMs(quantile) ?? -1;
      expect(estimate).toBeGreaterThanOrEqual(exact - 1e-9);
      expect(estimate).toBeLessThanOrEqual(exact * (1 + 1 / 30) + 0.001);
    }),
  );
});

test('cumulative counts never fall, and end at all of them', () => {
  fc.assert(
    fc.property(latencies, (sample) => {
      const histogram = new LatencyHistogram();
      for (const latencyMs of sample) histogram.record(latencyMs);
      const counts = histogram.cumulative([1, 5, 25, 100, 5000, 1e9]);
      expect(counts).toEqual([...counts].sort((a, b) => a - b));
      expect(counts.at(-1)).toBe(sample.length);
      expect(histogram.count).toBe(sample.length);
    }),
  );
});

test('a latency beyond the range is counted, not lost, and clearing forgets all', () => {
  const histogram = new LatencyHistogram();
  histogram.record(1e12);
  histogram.record(-1);
  expect(histogram.count).toBe(2);
  expect(histogram.quantileMs(1)).toBeGreaterThan(2_000_000);
  histogram.clear();
  expect(histogram.quantileMs(1)).toBeNull();
});
