import {
  capacityConfidenceShare,
  levelOf,
  type MeasuredLoad,
} from '../evidence/kinds/capacity/capacity-measurements.ts';
import { quantileLimits, quantileOf } from '../statistics/quantile-limits.ts';

/** Always measured, whatever the objective promises. */
export const shownQuantiles = ['p50', 'p90', 'p99'] as const;

/**
 * Summary of the times of single requests, milliseconds, `Infinity` for one that failed; null of none. Requests are taken as
 * independent: neighbours under load are not quite, so that the limits are a little narrow there. Numbers are rounded to
 * what a measurement can tell, so that what is stored is what was judged.
 */
export function measureLoad(
  timesMs: readonly number[],
  durationMs: number,
  quantiles: readonly string[],
): MeasuredLoad | null {
  if (timesMs.length === 0 || !(durationMs > 0)) return null;
  const sorted = Float64Array.from(timesMs).sort();
  const answered = timesMs.filter((timeMs) => timeMs < Infinity);
  const names = [...new Set([...shownQuantiles, ...quantiles])].sort((a, b) => levelOf(a) - levelOf(b));
  return {
    requests: timesMs.length,
    failed: timesMs.length - answered.length,
    durationMs: rounded(durationMs) ?? durationMs,
    meanMs: answered.length === 0 ? null : rounded(answered.reduce((sum, timeMs) => sum + timeMs, 0) / answered.length),
    quantiles: Object.fromEntries(
      names.map((name) => {
        const { lower, upper } = quantileLimits(sorted, levelOf(name), capacityConfidenceShare);
        const valueMs = quantileOf(sorted, levelOf(name));
        return [name, { valueMs: rounded(valueMs), lowerMs: rounded(lower), upperMs: rounded(upper) }];
      }),
    ),
  };
}

/** Five digits; null for what is beyond every number. */
export function rounded(value: number | null): number | null {
  return value === null || !Number.isFinite(value) ? null : Number(value.toPrecision(5));
}
