import { binomialCdf, binomialTail } from '../statistics/binomial.ts';
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
  const at = (level: number): number | null => sorted[Math.max(Math.ceil(level * sorted.length) - 1, 0)] ?? null;
  const limits = Object.entries(levels).map(([name, level]) => [
    name,
    Object.fromEntries(confidences.map((share) => [confidenceText(share), limitsOf(sorted, level, share)])),
  ]);
  return {
    p50Ms: at(levels['latency-p50']),
    p90Ms: at(levels['latency-p90']),
    p99Ms: at(levels['latency-p99']),
    maxMs: sorted.at(-1) ?? null,
    limits: Object.fromEntries(limits) as NonNullable<Times['limits']>,
  };
}

/** The l-th time is below the quantile unless fewer than l times are: P(Bin(n, q) >= l); likewise from above. */
function limitsOf(sorted: Float64Array, level: number, confidenceShare: number) {
  const n = sorted.length;
  const enough = (share: number): boolean => share >= confidenceShare;
  let lower = Math.floor(level * n);
  while (lower > 0 && !enough(binomialTail(lower, n, level))) lower -= 1;
  let upper = Math.max(lower, 1);
  while (upper <= n && !enough(binomialCdf(upper - 1, n, level))) upper += 1;
  return { lower: sorted[lower - 1] ?? null, upper: sorted[upper - 1] ?? null };
}

/** The quantile of a `latency-...` metric. */
export function latencyOf({ p50Ms, p90Ms, p99Ms }: LatencyMeasurement, metric: string): number | null {
  return { 'latency-p50': p50Ms, 'latency-p90': p90Ms, 'latency-p99': p99Ms }[metric] ?? null;
}
