import { lowerRank, upperRank } from '../statistics/order-limits.ts';
import { confidenceText, type LatencyMeasurement } from './measurements.ts';

const levels = { 'latency-p50': 0.5, 'latency-p90': 0.9, 'latency-p99': 0.99 } as const;
type Times = Pick<LatencyMeasurement, 'p50Ms' | 'p90Ms' | 'p99Ms' | 'maxMs' | 'limits'>;

/**
 * Quantiles of the times of single requests with their one-sided limits by order statistics, which hold for any
 * distribution (David and Nagaraja 2003, 7.1). Requests are taken as independent: neighbours under load are not quite, so
 * that the limits are a little narrow there.
 */
export function measureLatency(timesMs: Float64Array, confidences: readonly number[]): Times {
  const sorted = timesMs.filter((timeMs) => Number.isFinite(timeMs)).sort();
  const quantile = (level: number): number | null => at(sorted, Math.max(Math.ceil(level * sorted.length), 1));
  const limits = Object.entries(levels).map(([name, level]) => [
    name,
    Object.fromEntries(confidences.map((share) => [confidenceText(share), limitsOf(sorted, level, share)])),
  ]);
  return {
    p50Ms: quantile(levels['latency-p50']),
    p90Ms: quantile(levels['latency-p90']),
    p99Ms: quantile(levels['latency-p99']),
    maxMs: sorted.at(-1) ?? null,
    limits: Object.fromEntries(limits) as NonNullable<Times['limits']>,
  };
}

function limitsOf(sorted: Float64Array, level: number, confidenceShare: number) {
  const lower = lowerRank(sorted.length, level, confidenceShare);
  const upper = upperRank(sorted.length, level, confidenceShare);
  return { lower: at(sorted, lower), upper: at(sorted, upper) };
}

const at = (sorted: Float64Array, rank: number | null): number | null =>
  rank === null ? null : (sorted[rank - 1] ?? null);

/** The quantile of a `latency-...` metric. */
export function latencyOf({ p50Ms, p90Ms, p99Ms }: LatencyMeasurement, metric: string): number | null {
  return { 'latency-p50': p50Ms, 'latency-p90': p90Ms, 'latency-p99': p99Ms }[metric] ?? null;
}
