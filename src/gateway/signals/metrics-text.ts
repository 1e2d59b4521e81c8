import type { GatewaySignals } from './gateway-signals.ts';
import type { Replica } from '../routes/replica.ts';

/** Upper bounds of the latency histogram, in milliseconds. */
const boundsMs = [1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000];

export interface MetricsFacts {
  readonly queueDepth: number;
  readonly heldBytes: number;
  readonly connections: number;
  readonly generation: number;
  readonly controlPlaneConnected: boolean;
  readonly residentBytes: number;
}

/** Prometheus text format 0.0.4 (https://prometheus.io/docs/instrumenting/exposition_formats/). */
export function gatewayMetrics(signals: GatewaySignals, replicas: Iterable<Replica>, facts: MetricsFacts): string {
  const lines: string[] = [];
  const metric = (name: string, type: string, help: string, samples: readonly string[]): void => {
    lines.push(`# HELP plimsoll_gateway_${name} ${help}`, `# TYPE plimsoll_gateway_${name} ${type}`);
    lines.push(...samples.map((sample) => `plimsoll_gateway_${name}${sample}`));
  };
  const counter = (name: string, help: string, value: number): void => metric(name, 'counter', help, [` ${value}`]);
  const gauge = (name: string, help: string, value: number): void => metric(name, 'gauge', help, [` ${value}`]);

  counter('arrivals_total', 'Requests that came in.', signals.arrivals);
  counter('answered_total', 'Requests that a replica answered.', signals.answered);
  counter('failed_total', 'Answers of 5xx, broken connections and missed deadlines.', signals.failed);
  counter('retried_total', 'Attempts made again on another replica.', signals.retried);
  counter('abandoned_total', 'Clients that left before their answer was over.', signals.abandoned);
  counter('captured_total', 'Exchanges offered to capture.', signals.captured);
  counter('sticky_fallbacks_total', 'Sticky requests that another split answered.', signals.stickyFallbacks);
  counter('shadow_compared_total', 'Answers of the shadow compared.', signals.shadowCompared);
  counter('shadow_agreed_total', 'Of these, the ones that agreed.', signals.shadowAgreed);
  const skipped = Object.entries(signals.shadowSkipped).map(([reason, count]) => `{reason="${reason}"} ${count}`);
  metric('shadow_skipped_total', 'counter', 'Requests of the share that were not compared.', skipped);
  const refused = Object.entries(signals.refused).map(([code, count]) => `{reason="${code}"} ${count}`);
  metric('refused_total', 'counter', 'Requests that the gateway answered by itself.', refused);
  gauge('queue_depth', 'Requests that wait for a replica.', facts.queueDepth);
  gauge('held_body_bytes', 'Memory that held bodies take.', facts.heldBytes);
  gauge('connections', 'Open client connections.', facts.connections);
  gauge('routing_generation', 'Newest routing generation applied.', facts.generation);
  gauge('control_plane_connected', '1 while the routing stream is open.', facts.controlPlaneConnected ? 1 : 0);
  gauge('resident_memory_bytes', 'Resident memory of this process.', facts.residentBytes);

  const releases = signals.releases.map((signal) => {
    return { signal, labels: `release="${signal.release}",model_version="${signal.modelVersion}"` };
  });
  const perRelease = (pick: (signal: (typeof releases)[number]['signal']) => number): readonly string[] =>
    releases.map(({ signal, labels }) => `{${labels}} ${pick(signal)}`);
  metric(
    'release_requests_total',
    'counter',
    'Requests that ended at a release.',
    perRelease((s) => s.requests),
  );
  metric(
    'release_errors_total',
    'counter',
    'Of these, the ones that failed.',
    perRelease((s) => s.errors),
  );
  metric(
    'release_in_flight',
    'gauge',
    'Requests at the replicas of a release now.',
    perRelease((s) => s.inFlight),
  );
  metric(
    'request_duration_seconds',
    'histogram',
    "From a request's arrival to the end of its answer.",
    releases.flatMap(({ signal, labels }) => {
      const counts = signal.latency.cumulative(boundsMs);
      return [
        ...counts.map((count, index) => `_bucket{${labels},le="${(boundsMs[index] ?? 0) / 1000}"} ${count}`),
        `_bucket{${labels},le="+Inf"} ${signal.latency.count}`,
        `_sum{${labels}} ${(signal.latency.sumMs / 1000).toFixed(6)}`,
        `_count{${labels}} ${signal.latency.count}`,
      ];
    }),
  );
  const inFlight = [...replicas].map((replica) => `{replica="${escapeLabel(replica.replicaId)}"} ${replica.inFlight}`);
  metric('replica_in_flight', 'gauge', 'Requests at a replica now.', inFlight);
  return `${lines.join('\n')}\n`;
}

function escapeLabel(value: string): string {
  return value.replace(/[\\"]/g, '\\$&').replace(/\n/g, '\\n');
}
