import { expect, test } from 'vitest';
import { strictestLatency } from './latency-objective.ts';

test('of several promises the highest quantile holds, of tokens the first, and none is none', () => {
  expect(strictestLatency({ latency: { p50: 10, 'p99.9': 90, p99: 50 } })).toEqual({
    latencyMs: 90,
    attainmentShare: 0.999,
  });
  expect(strictestLatency({ ttft: { p95: 400 } })).toEqual({ latencyMs: 400, attainmentShare: 0.95 });
  expect(strictestLatency({ availabilityShare: 0.999 })).toBeNull();
  expect(strictestLatency(undefined)).toBeNull();
});
