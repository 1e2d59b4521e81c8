import {
  capacityConfidenceShare,
  levelOf,
  type MeasuredLoad,
  type MeasuredQuantile,
} from '../evidence/kinds/capacity/capacity-measurements.ts';
import type { StreamedAnswer } from './streams/streamed-answer.ts';
import { countTokens, isOfStreams, streamValues } from './streams/stream-values.ts';
import { quantileLimits, quantileOf } from '../statistics/limits/quantile-limits.ts';

/** Always measured, whatever the objective promises. */
export const shownQuantiles = ['p50', 'p90', 'p99'] as const;

/**
 * Summary of the times of single requests, milliseconds, `Infinity` for one that failed; null of none. Requests are taken as
 * independent: neighbours under load are not quite, so that the limits are a little narrow there. Numbers are rounded to
 * what a measurement can tell, so that what is stored is what was judged.
 *
 * @param streamed the answers among them that were streamed; null where none can be. Quantiles of token streams are left out then,
 *   which a judge takes for not measured.
 */
export function measureLoad(
  timesMs: readonly number[],
  durationMs: number,
  quantiles: readonly string[],
  streamed: readonly StreamedAnswer[] | null = null,
): MeasuredLoad | null {
  if (timesMs.length === 0 || !(durationMs > 0)) return null;
  const sorted = Float64Array.from(timesMs).sort();
  const answered = timesMs.filter((timeMs) => timeMs < Infinity);
  const failed = timesMs.length - answered.length;
  const names = [...new Set([...shownQuantiles, ...quantiles])].sort((a, b) => levelOf(a) - levelOf(b));
  const measured = names.flatMap((name) => {
    const values = isOfStreams(name) ? streamValues(name, streamed, failed) : sorted;
    return values === null ? [] : [[name, measureQuantile(values, levelOf(name))] as const];
  });
  return {
    requests: timesMs.length,
    failed,
    durationMs: rounded(durationMs) ?? durationMs,
    meanMs: answered.length === 0 ? null : rounded(answered.reduce((sum, timeMs) => sum + timeMs, 0) / answered.length),
    quantiles: Object.fromEntries(measured),
    ...(streamed === null ? {} : { tokens: countTokens(streamed) }),
  };
}

function measureQuantile(sorted: Float64Array, level: number): MeasuredQuantile {
  const { lower, upper } = quantileLimits(sorted, level, capacityConfidenceShare);
  return { valueMs: rounded(quantileOf(sorted, level)), lowerMs: rounded(lower), upperMs: rounded(upper) };
}

/** Five digits; null for what is beyond every number. */
export function rounded(value: number | null): number | null {
  return value === null || !Number.isFinite(value) ? null : Number(value.toPrecision(5));
}
