import { quantileLimits, quantileOf } from '../../statistics/limits/quantile-limits.ts';
import { confidenceText, type LatencyMeasurement } from '../measure/measurements.ts';

const levels = { 'latency-p50': 0.5, 'latency-p90': 0.9, 'latency-p99': 0.99 } as const;
type Times = Pick<LatencyMeasurement, 'p50Ms' | 'p90Ms' | 'p99Ms' | 'maxMs' | 'limits'>;

/**
 * Quantiles of the times of single requests with their one-sided limits by order statistics. Requests are taken as
 * independent: neighbours under load are not quite, so that the limits are a little narrow there.
 */
export function measureLatency(timesMs: Float64Array, confidences: readonly number[]): Times {
  const sorted = timesMs.filter((timeMs) => Number.isFinite(timeMs)).sort();
  const at = (level: number): number | null => quantileOf(sorted, level);
  const limits = Object.entries(levels).map(([name, level]) => [
    name,
    Object.fromEntries(confidences.map((share) => [confidenceText(share), quantileLimits(sorted, level, share)])),
  ]);
  return {
    p50Ms: at(levels['latency-p50']),
    p90Ms: at(levels['latency-p90']),
    p99Ms: at(levels['latency-p99']),
    maxMs: sorted.at(-1) ?? null,
    limits: Object.fromEntries(limits) as NonNullable<Times['limits']>,
  };
}

/** The quantile of a `latency-...` metric. */
export function latencyOf({ p50Ms, p90Ms, p99Ms }: LatencyMeasurement, metric: string): number | null {
  return { 'latency-p50': p50Ms, 'latency-p90': p90Ms, 'latency-p99': p99Ms }[metric] ?? null;
}
