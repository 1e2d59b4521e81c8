import { describe, expect, it } from 'vitest';
import type { MeasuredQuantile, OpenRun } from './capacity-measurements.ts';
import { standingOfRun } from './sustained-rate.ts';
import { whyRunFails } from './why-run-fails.ts';

const quantile = (lowerMs: number | null, upperMs: number | null): MeasuredQuantile => ({
  ...{ valueMs: lowerMs, lowerMs, upperMs },
});
const run = (patch: Partial<OpenRun>): OpenRun => ({
  ...{ requests: 1_000, failed: 0, durationMs: 10_000, meanMs: 4, underWay: 1 },
  quantiles: { p99: quantile(4, 6) },
  ...patch,
});
const closed = [{ ...run({}), concurrency: 1, meanBatchRows: null }];

describe('why a run does not hold', () => {
  it.each([
    [
      'a latency',
      run({ quantiles: { p99: quantile(61.24, 80) } }),
      { p99: 50 },
      /^p99 is at least 61.2ms, and 50ms is promised$/,
    ],
    [
      'errors beside latencies far below',
      run({ failed: 200 }),
      { p99: 50 },
      /^200 of 1000 requests failed: at least 17\.\d%, and p99 allows 1%$/,
    ],
    [
      'a limit that is not sure',
      run({ quantiles: { p99: quantile(4, 55) } }),
      { p99: 50 },
      /^p99 may be as much as 55ms, and 50ms is promised$/,
    ],
    [
      'too few requests',
      run({ requests: 20, quantiles: { p99: quantile(4, null) } }),
      { p99: 50 },
      /^20 requests are too few to show p99: \d+ are the fewest$/,
    ],
    [
      'failures that hide a limit',
      run({ failed: 9, quantiles: { p99: quantile(4, null) } }),
      { p99: 50 },
      /^9 of 1000 requests failed, so that p99 has no upper limit$/,
    ],
    ['what was not measured', run({}), { 'ttft.p95': 50 }, /^p95 of the first token was not measured$/],
    [
      'goodput',
      run({ quantiles: { 'goodput[latency<=5].p95': quantile(1.4, 2) } }),
      { 'goodput[latency<=5].p95': 1 },
      /at least 1.4 of its limits, and at most 1 is promised/,
    ],
    ['failures without an objective', run({ failed: 3 }), null, /^3 of 1000 requests failed$/],
    [
      'a queue without an objective',
      run({ underWay: 30.12 }),
      null,
      /^30.1 requests were under way, and 4 are the most$/,
    ],
    ['few requests without an objective', run({ requests: 10 }), null, /^10 requests are too few, 100 are needed$/],
  ] as const)('names %s with its figures', (_of, measured, objective, words) => {
    expect(standingOfRun(measured, objective, closed)).not.toBe('holds');
    expect(whyRunFails(measured, objective, closed)).toMatch(words);
  });

  it('is nothing where it holds', () => {
    expect(whyRunFails(run({}), { p99: 50 }, closed)).toBeNull();
    expect(whyRunFails(run({}), null, closed)).toBeNull();
  });
});
