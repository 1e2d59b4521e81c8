import type { GatewayReport } from '../../schemas/gateway/gateway-report.ts';

/** A report of gateway `g1` with nothing under way; the counters of scaling stand at 0 where they are not said. */
export function aGatewayReport(
  atMs: number,
  scaling: Partial<NonNullable<GatewayReport['scaling']>> = {},
  over: Partial<GatewayReport> = {},
): GatewayReport {
  return {
    gatewayId: 'g1',
    address: 'http://127.0.0.1:8080',
    pid: 7,
    startedAtMs: 1,
    acknowledgedGeneration: 0,
    atMs,
    residentBytes: 1,
    queueDepth: 0,
    inFlight: 0,
    arrivals: 0,
    answered: 0,
    rejected: 0,
    failed: 0,
    retried: 0,
    releases: [],
    replicas: [],
    scaling: { oldestWaitMs: 0, arrivals: 0, completions: 0, timed: 0, serviceMs: 0, ...scaling },
    ...over,
  };
}
