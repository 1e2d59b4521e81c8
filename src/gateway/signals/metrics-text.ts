import type { CaptureCounts } from '../capture/capture-sink.ts';
import { clientLimitNames } from '../../core/access/shares/client-limits.ts';
import type { ClientTally } from '../clients/client-tally.ts';
import type { Clients } from '../clients/clients.ts';
import type { GatewaySignals } from './gateway-signals.ts';
import type { Replica } from '../routes/replica.ts';
import type { PhaseTally } from './phase-tally.ts';
import type { ReleaseSignals } from './release-signals.ts';

/** Upper bounds of the latency histogram, in milliseconds. */
const boundsMs = [1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000];

/** A name and its value. */
type Label = readonly [name: string, value: string | number];

/** What the metrics say of one service. */
export interface ServiceMetrics {
  /** That name the service; none in a gateway of a single one. */
  readonly labels: readonly Label[];
  readonly signals: GatewaySignals;
  readonly capture: CaptureCounts;
  readonly replicas: Iterable<Replica>;
  readonly queueDepth: number;
  readonly heldBytes: number;
  readonly openCount: number;
  readonly generation: number;
  readonly clients: Clients;
}

/** What they say of the process. */
export interface ProcessMetrics {
  readonly connections: number;
  readonly controlPlaneConnected: boolean;
  readonly residentBytes: number;
}

type Sample = readonly [labels: readonly Label[], value: number | string, suffix?: string];
type SamplesOf = (service: ServiceMetrics) => readonly Sample[];

interface Metric {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly samplesOf: SamplesOf;
}

const counter = (name: string, help: string, samplesOf: SamplesOf): Metric => ({
  name,
  type: 'counter',
  help,
  samplesOf,
});
const gauge = (name: string, help: string, samplesOf: SamplesOf): Metric => ({ name, type: 'gauge', help, samplesOf });
const one = (value: number): readonly Sample[] => [[[], value]];
const byReason = (counts: Readonly<Record<string, number>>): readonly Sample[] =>
  Object.entries(counts).map(([reason, count]) => [[['reason', reason]], count]);
const byRelease =
  (pick: (signals: ReleaseSignals) => number): SamplesOf =>
  ({ signals }) =>
    signals.releases.map((release) => [labelsOf(release), pick(release)]);

const byClient = (clients: Clients, pick: (tally: ClientTally) => readonly Sample[]): readonly Sample[] =>
  Array.from(clients.tallies.all, ([name, tally]) =>
    pick(tally).map(([labels, value]): Sample => [[['client', name], ...labels], value]),
  ).flat();

/** Of each service, in this order. */
const serviceMetrics: readonly Metric[] = [
  counter('arrivals_total', 'Requests that came in.', ({ signals }) => one(signals.arrivals)),
  counter('answered_total', 'Requests that a replica answered.', ({ signals }) => one(signals.answered)),
  counter('failed_total', 'Answers of 5xx, broken connections and missed deadlines.', ({ signals }) =>
    one(signals.failed),
  ),
  counter('retried_total', 'Attempts made again on another replica.', ({ signals }) => one(signals.retried)),
  counter('abandoned_total', 'Clients that left before their answer was over.', ({ signals }) =>
    one(signals.abandoned),
  ),
  counter('captured_total', 'Requests captured, with their answers.', ({ capture }) => one(capture.captured)),
  counter(
    'capture_dropped_total',
    'Captured requests that were lost: a full spool, or a disk that does not take them.',
    ({ capture }) => one(capture.dropped),
  ),
  counter('sticky_fallbacks_total', 'Sticky requests that another split answered.', ({ signals }) =>
    one(signals.stickyFallbacks),
  ),
  counter('shadow_compared_total', 'Answers of the shadow compared.', ({ signals }) => one(signals.shadowCompared)),
  counter('shadow_agreed_total', 'Of these, the ones that agreed.', ({ signals }) => one(signals.shadowAgreed)),
  counter('shadow_skipped_total', 'Requests of the share that were not compared.', ({ signals }) =>
    byReason(signals.shadowSkipped),
  ),
  counter('refused_total', 'Requests that the gateway answered by itself.', ({ signals }) => byReason(signals.refused)),
  counter('completed_total', 'Requests with a whole answer below 400.', ({ signals }) => one(signals.completions)),
  counter('work_arrived_total', 'Work of requests that asked for a replica, by unit.', ({ signals: { work } }) => [
    [[['unit', 'bytes']], work.bytesArrived],
    [[['unit', 'rows']], work.rowsArrived],
  ]),
  counter(
    'work_completed_total',
    'Work of requests that were answered below 400, by unit.',
    ({ signals: { work } }) => [
      [[['unit', 'bytes']], work.bytesCompleted],
      [[['unit', 'rows']], work.rowsCompleted],
      [[['unit', 'tokens_in']], work.tokensIn],
      [[['unit', 'tokens_out']], work.tokensOut],
    ],
  ),
  counter('client_requests_total', 'Requests inside the limits of their client, by class of clients.', ({ clients }) =>
    byClient(clients, ({ admitted }) => [[[], admitted]]),
  ),
  counter('client_limited_total', 'Requests beyond a limit of their client.', ({ clients }) =>
    byClient(clients, ({ limited }) => clientLimitNames.map((limit) => [[['limit', limit]], limited[limit]])),
  ),
  counter('client_pushed_out_total', 'Requests that the queue had no place for, by class of clients.', ({ clients }) =>
    byClient(clients, ({ pushedOut }) => [[[], pushedOut]]),
  ),
  gauge('clients_known', 'Clients that are known one by one.', ({ clients }) => one(clients.knownCount)),
  counter('phased_requests_total', 'Answered requests whose time is in the phases.', ({ signals: { phases } }) =>
    one(phases.requests),
  ),
  counter('request_seconds_total', 'Time of these, from arrival to the end of the answer.', ({ signals: { phases } }) =>
    one(phases.totalMs / 1000),
  ),
  counter('request_phase_seconds_total', 'The same by phase; replica is all between sending and answer.', (service) =>
    phaseSamples(service.signals.phases),
  ),
  gauge('queue_depth', 'Requests that wait for a replica.', ({ queueDepth }) => one(queueDepth)),
  gauge('open_requests', 'Requests that are not over.', ({ openCount }) => one(openCount)),
  gauge('held_body_bytes', 'Memory that held bodies take.', ({ heldBytes }) => one(heldBytes)),
  gauge('routing_generation', 'Newest routing generation applied.', ({ generation }) => one(generation)),
  counter(
    'release_requests_total',
    'Requests that ended at a release.',
    byRelease(({ requests }) => requests),
  ),
  counter(
    'release_errors_total',
    'Of these, the ones that failed.',
    byRelease(({ errors }) => errors),
  ),
  gauge(
    'release_in_flight',
    'Requests at the replicas of a release now.',
    byRelease(({ inFlight }) => inFlight),
  ),
  {
    name: 'request_duration_seconds',
    type: 'histogram',
    help: "From a request's arrival to the end of its answer.",
    samplesOf: ({ signals }) => signals.releases.flatMap(durations),
  },
  counter('golden_replay_requests_total', 'Requests of golden replays, which are in no other count.', ({ replicas }) =>
    Array.from(replicas, ({ replicaId, golden }) => [[['replica', replicaId]], golden.requests]),
  ),
  counter('golden_replay_seconds_total', 'How long replicas had them.', ({ replicas }) =>
    Array.from(replicas, ({ replicaId, golden }) => [[['replica', replicaId]], golden.ms / 1000]),
  ),
  gauge('replica_in_flight', 'Requests at a replica now.', ({ replicas }) =>
    Array.from(replicas, ({ replicaId, inFlight }) => [[['replica', replicaId]], inFlight]),
  ),
];

/**
 * Prometheus text format 0.0.4 (https://prometheus.io/docs/instrumenting/exposition_formats/).
 * @param unplaced requests that were refused before they belonged to a service; of a gateway of many.
 */
export function gatewayMetrics(
  services: readonly ServiceMetrics[],
  process: ProcessMetrics,
  unplaced: Readonly<Record<string, number>> = {},
): string {
  const lines: string[] = [];
  const head = (name: string, type: string, help: string): void => {
    lines.push(`# HELP plimsoll_gateway_${name} ${help}`, `# TYPE plimsoll_gateway_${name} ${type}`);
  };
  for (const { name, type, help, samplesOf } of serviceMetrics) {
    head(name, type, help);
    for (const service of services) {
      // The home of a gateway of many has no labels: its refusals are one series with those of no service.
      if (name === 'refused_total' && service.labels.length === 0) continue;
      for (const sample of samplesOf(service)) lines.push(sampleLine(name, service.labels, sample));
    }
    if (name === 'refused_total') lines.push(...unplacedLines(services, unplaced));
  }
  const ofProcess = (name: string, help: string, value: number): void => {
    head(name, 'gauge', help);
    lines.push(`plimsoll_gateway_${name} ${value}`);
  };
  ofProcess('connections', 'Open client connections.', process.connections);
  ofProcess('control_plane_connected', '1 while the routing stream is open.', process.controlPlaneConnected ? 1 : 0);
  ofProcess('resident_memory_bytes', 'Resident memory of this process.', process.residentBytes);
  return `${lines.join('\n')}\n`;
}

/** Refusals without the name of a service: of the one that has no labels, and of requests that belonged to none. */
function unplacedLines(
  services: readonly ServiceMetrics[],
  unplaced: Readonly<Record<string, number>>,
): readonly string[] {
  const counts: Record<string, number> = { ...unplaced };
  for (const { labels, signals } of services) {
    if (labels.length > 0) continue;
    for (const [reason, count] of Object.entries(signals.refused)) counts[reason] = (counts[reason] ?? 0) + count;
  }
  return byReason(counts).map((sample) => sampleLine('refused_total', [], sample));
}

function phaseSamples(phases: PhaseTally): readonly Sample[] {
  const { admissionMs, queueMs, connectMs, replicaMs, answerMs } = phases;
  const sums = { admission: admissionMs, queue: queueMs, connect: connectMs, replica: replicaMs, answer: answerMs };
  return Object.entries(sums).map(([phase, ms]) => [[['phase', phase]], (ms / 1000).toFixed(6)]);
}

function labelsOf({ release, modelVersion }: ReleaseSignals): readonly Label[] {
  return [
    ['release', release],
    ['model_version', modelVersion],
  ];
}

function durations(release: ReleaseSignals): readonly Sample[] {
  const labels = labelsOf(release);
  const { latency } = release;
  return [
    ...latency
      .cumulative(boundsMs)
      .map((count, index): Sample => [[...labels, ['le', (boundsMs[index] ?? 0) / 1000]], count, '_bucket']),
    [[...labels, ['le', '+Inf']], latency.count, '_bucket'],
    [labels, (latency.sumMs / 1000).toFixed(6), '_sum'],
    [labels, latency.count, '_count'],
  ];
}

function sampleLine(name: string, ofService: readonly Label[], [own, value, suffix = '']: Sample): string {
  const labels = [...ofService, ...own].map(([label, text]) => `${label}="${escapeLabel(String(text))}"`).join(',');
  return `plimsoll_gateway_${name}${suffix}${labels === '' ? '' : `{${labels}}`} ${value}`;
}

function escapeLabel(value: string): string {
  return value.replace(/[\\"]/g, '\\$&').replace(/\n/g, '\\n');
}
