import { containerMetricNames, containerMetricsPath } from '../../core/diagnosis/container/container-metrics.ts';
import { readContainer } from '../../core/diagnosis/container/read-container.ts';
import { suspectCauses } from '../../core/diagnosis/order/suspect-causes.ts';
import { makeAbsentNode } from '../../core/diagnosis/readings/absent-node.ts';
import { measureWindow } from '../../core/diagnosis/readings/measure-window.ts';
import type { NodeSnapshot, WatchedProcess } from '../../core/diagnosis/readings/node-snapshot.ts';
import type { GeneratorReadings } from '../../core/diagnosis/readings/read-requests.ts';
import type { Observation } from '../../core/diagnosis/report/diagnosis-record.ts';
import {
  phaseMetricNames,
  readGatewayCounters,
  readServerCounters,
} from '../../core/diagnosis/waterfall/phase-metrics.ts';
import type { ServiceSnapshot } from '../../core/diagnosis/waterfall/service-snapshot.ts';
import { drawWaterfall, measureService } from '../../core/diagnosis/waterfall/waterfall.ts';
import type { MetricSample } from '../../core/scaling/engine-metrics/reading.ts';
import type { NodeReadings } from '../../ports/nodes/node-readings.ts';
import type { MetricsAnswer, MetricsSource } from '../../ports/serving/metrics-source.ts';
import type { ProvingPorts } from '../ports.ts';

/** Every name that a look reads from gateways and replicas. */
export const diagnosisMetricNames: readonly string[] = [...phaseMetricNames, ...containerMetricNames];

/** What is looked at beside the node itself. */
export interface ObservedService {
  readonly service: string;
  readonly environment: string;
  /** Address of each gateway for clients. */
  readonly gateways: readonly { readonly gatewayId: string; readonly address: string }[];
  readonly replicas: readonly ObservedServer[];
}

export interface ObservedServer {
  readonly replicaId: string;
  readonly endpoint: string | null;
  /** Null where its process is not on this node. */
  readonly pid: number | null;
  /** UUIDs of its accelerators; null where they are not known. */
  readonly devices: readonly string[] | null;
}

export interface ObservePorts extends Pick<ProvingPorts, 'clock' | 'signal'> {
  /** Of this node. */
  readonly node: NodeReadings;
  /** Of nodes that this program is not on: accelerators alone. Left out: nothing is known of them. */
  readonly elsewhere?: NodeReadings;
  /** Reads the names of `diagnosisMetricNames` at an address with a path, or at `/metrics`. */
  readonly metrics: Pick<MetricsSource, 'read'>;
}

type LookPorts = Omit<ObservePorts, 'clock'> & { readonly clock: Pick<ObservePorts['clock'], 'monotonicMs'> };

/** One look at the node and at the service. */
export interface Look {
  readonly node: NodeSnapshot;
  /** Null where no service is looked at. */
  readonly service: ServiceSnapshot | null;
}

/**
 * Looks twice at the node and at the service, `windowMs` apart, and says which causes the growth between points at. A source that
 * cannot be read makes its readings unknown. @param generator null where clients make the load
 */
export async function observe(
  ports: ObservePorts,
  service: ObservedService | null,
  windowMs: number,
  generator: ObservedGenerator | null = null,
): Promise<Observation> {
  const before = await takeLook(ports, service, generator?.pid);
  await ports.clock.sleep(windowMs, ports.signal);
  return compareLooks(before, await takeLook(ports, service, generator?.pid), generator?.readings() ?? null);
}

/** What makes the load. */
export interface ObservedGenerator {
  readonly pid: number;
  /** Asked at the end of the window. */
  readings(): GeneratorReadings;
}

/** Reads all counters once. Rejects with the signal's reason, and for nothing that cannot be read. */
export async function takeLook(
  ports: LookPorts,
  service: ObservedService | null,
  generatorPid?: number,
): Promise<Look> {
  const replicas = (service?.replicas ?? []).flatMap(({ pid }): readonly WatchedProcess[] =>
    pid === null ? [] : [{ role: 'replica', pid }],
  );
  const devices = devicesOf(service);
  const isElsewhere = service !== null && service.replicas.length > 0 && replicas.length === 0;
  const generators: readonly WatchedProcess[] =
    generatorPid === undefined ? [] : [{ role: 'generator', pid: generatorPid }];
  const [node, snapshot] = await Promise.all([
    isElsewhere
      ? readElsewhere(ports, service, devices)
      : ports.node.read([...replicas, ...generators], devices, ports.signal),
    service === null ? null : readService(ports, service),
  ]);
  return { node, service: snapshot };
}

/** Returns what one replica on another node tells of its container: of the first by name, so that each look is at the same one. */
async function readElsewhere(
  { clock, elsewhere, metrics, signal }: LookPorts,
  { replicas }: ObservedService,
  devices: readonly string[] | null,
): Promise<NodeSnapshot> {
  const chosen = chooseElsewhere(replicas);
  const endpoint = chosen?.endpoint ?? null;
  const url = endpoint !== null && URL.canParse(endpoint) ? new URL(containerMetricsPath, endpoint).href : null;
  const [outside, [answer]] = await Promise.all([
    elsewhere?.read([], devices, signal) ??
      makeAbsentNode(clock.monotonicMs(), 'the replica runs on another node', devices?.length === 0),
    metrics.read([{ replicaId: chosen?.replicaId ?? '', endpoint: url }], signal),
  ]);
  return readContainer(samplesOf(answer), outside);
}

/** Returns the replica whose container is looked at where none runs on this node. */
export const chooseElsewhere = <Replica extends Pick<ObservedServer, 'replicaId'>>(
  replicas: readonly Replica[],
): Replica | undefined => replicas.toSorted((a, b) => (a.replicaId < b.replicaId ? -1 : 1))[0];

/** Says which causes the growth between two looks points at. */
export function compareLooks(before: Look, after: Look, generator: GeneratorReadings | null): Observation {
  const service =
    before.service === null || after.service === null ? null : measureService(before.service, after.service);
  const waterfall = service === null ? null : drawWaterfall(service);
  const window = measureWindow(before.node, after.node, { service, waterfall, generator });
  return { window, waterfall, suspicions: suspectCauses(window) };
}

/** Null, which is all of the node, where no service is looked at or a replica's are not known. */
function devicesOf(service: ObservedService | null): readonly string[] | null {
  if (service === null || service.replicas.length === 0) return null;
  const known = service.replicas.map(({ devices }) => devices);
  return known.some((devices) => devices === null) ? null : [...new Set(known.flatMap((devices) => devices ?? []))];
}

/** Counters of gateways and replicas now. */
export async function readService(
  { clock, metrics, signal }: Pick<LookPorts, 'clock' | 'metrics' | 'signal'>,
  { gateways, replicas, ...scope }: ObservedService,
): Promise<ServiceSnapshot> {
  const targets = [
    ...gateways.map(({ gatewayId, address }) => ({ replicaId: gatewayId, endpoint: metricsOfGateway(address) })),
    ...replicas.map(({ replicaId, endpoint }) => ({ replicaId, endpoint })),
  ];
  const atMs = clock.monotonicMs();
  const answers = await metrics.read(targets, signal);
  const samplesAt = (at: number): readonly MetricSample[] | { readonly unknown: string } => samplesOf(answers[at]);
  return {
    atMs,
    gateways: gateways.map(({ gatewayId }, at) => readGatewayCounters(gatewayId, samplesAt(at), scope)),
    servers: replicas.map(({ replicaId }, at) => readServerCounters(replicaId, samplesAt(gateways.length + at))),
  };
}

/** One process tells of all its services, at its own root. */
const metricsOfGateway = (address: string): string | null =>
  URL.canParse(address) ? new URL('/plimsoll/metrics', address).href : null;

function samplesOf(answer: MetricsAnswer | undefined): readonly MetricSample[] | { readonly unknown: string } {
  if (answer === undefined) return { unknown: 'it was not asked' };
  return answer.kind === 'read' ? answer.reading.samples : { unknown: answer.message };
}
