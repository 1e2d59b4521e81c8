import { describe, expect, it } from 'vitest';
import { measureLoad } from './measure-load.ts';

const upTo = (count: number): number[] => Array.from({ length: count }, (_, at) => at + 1);

describe('the summary of a load', () => {
  it('gives each quantile with its limits, those of the objective among them', () => {
    const load = measureLoad(upTo(1_000), 10_000, ['p95']);
    expect(load).toMatchObject({ requests: 1_000, failed: 0, durationMs: 10_000, meanMs: 500.5 });
    expect(Object.keys(load?.quantiles ?? {})).toEqual(['p50', 'p90', 'p95', 'p99']);
    expect(load?.quantiles['p95']?.valueMs).toBe(950);
    // Exactly: P(X <= 960) = 0.940 and P(X <= 961) = 0.957; P(X >= 939) = 0.949 and P(X >= 938) = 0.962.
    expect(load?.quantiles['p95']).toMatchObject({ upperMs: 962, lowerMs: 938 });
  });

  it('has no upper limit of p99 below 299 requests', () => {
    expect(measureLoad(upTo(298), 1_000, [])?.quantiles['p99']?.upperMs).toBeNull();
    expect(measureLoad(upTo(299), 1_000, [])?.quantiles['p99']?.upperMs).toBe(299);
  });

  it('takes a request that failed for one that took for ever', () => {
    const times = [...upTo(90), ...Array.from({ length: 10 }, () => Infinity)];
    const load = measureLoad(times, 1_000, []);
    expect(load).toMatchObject({ requests: 100, failed: 10, meanMs: 45.5 });
    expect(load?.quantiles['p90']?.valueMs).toBe(90);
    expect(load?.quantiles['p99']).toEqual({ valueMs: null, lowerMs: null, upperMs: null });
  });

  it('of nothing is nothing', () => expect(measureLoad([], 1_000, [])).toBeNull());
});
