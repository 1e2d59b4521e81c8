import type { GatewayReport } from '../../schemas/gateway/gateway-report.ts';
import type { SignalSample } from '../../schemas/view/view.ts';

/** What one gateway did between two of its reports. */
export interface GatewayRates {
  readonly requestsPerSecond: number;
  readonly errorsPerSecond: number;
  readonly queueDepth: number;
  readonly inFlight: number;
  /** One entry for each release that answered in the interval. */
  readonly latencies: readonly { readonly requests: number; readonly p50Ms: number; readonly p99Ms: number }[];
}

/** Counters are cumulative since a gateway's start: one that was started again counts from zero. */
export function ratesBetween(before: GatewayReport | null, now: GatewayReport): GatewayRates {
  const base = before !== null && before.startedAtMs === now.startedAtMs ? before : null;
  const fromMs = base?.atMs ?? now.startedAtMs;
  const seconds = Math.max(0.1, (now.atMs - fromMs) / 1000);
  const errors = (report: GatewayReport): number => report.failed + report.rejected;
  return {
    requestsPerSecond: Math.max(0, now.arrivals - (base?.arrivals ?? 0)) / seconds,
    errorsPerSecond: Math.max(0, errors(now) - (base === null ? 0 : errors(base))) / seconds,
    queueDepth: now.queueDepth,
    inFlight: now.inFlight,
    latencies: now.releases.flatMap((release) => {
      if (release.latencyP50Ms === null || release.latencyP99Ms === null) return [];
      const earlier = base?.releases.find((candidate) => candidate.release === release.release);
      const requests = Math.max(1, release.requests - (earlier?.requests ?? 0));
      return [{ requests, p50Ms: release.latencyP50Ms, p99Ms: release.latencyP99Ms }];
    }),
  };
}

/**
 * All gateways as one: rates and depths add up. Quantiles do not: the p50 shown is the mean of the p50s weighted by
 * requests, the p99 the largest, so that it is never better than any of them. Both are exact with one gateway and one
 * release.
 */
export function sumRates(rates: readonly GatewayRates[], batchFillShare: number | null, atMs: number): SignalSample {
  // Where no gateway reports nothing is known, and that is not zero.
  const sum = (of: (one: GatewayRates) => number): number | null =>
    rates.length === 0 ? null : rates.reduce((total, one) => total + of(one), 0);
  const latencies = rates.flatMap((one) => one.latencies);
  const requests = latencies.reduce((total, latency) => total + latency.requests, 0);
  return {
    atMs,
    requestsPerSecond: sum((one) => one.requestsPerSecond),
    errorsPerSecond: sum((one) => one.errorsPerSecond),
    queueDepth: sum((one) => one.queueDepth),
    inFlight: sum((one) => one.inFlight),
    latencyP50Ms:
      requests === 0
        ? null
        : latencies.reduce((total, latency) => total + latency.p50Ms * latency.requests, 0) / requests,
    latencyP99Ms: requests === 0 ? null : Math.max(...latencies.map((latency) => latency.p99Ms)),
    batchFillShare,
  };
}
