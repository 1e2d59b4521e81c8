import { suspectCauses, type Suspicions } from '../../core/diagnosis/order/suspect-causes.ts';
import { measureWindow } from '../../core/diagnosis/readings/measure-window.ts';
import type { WatchedProcess } from '../../core/diagnosis/readings/node-snapshot.ts';
import type { GeneratorReadings } from '../../core/diagnosis/readings/read-requests.ts';
import type { WindowReadings } from '../../core/diagnosis/readings/window-readings.ts';
import { readGatewayCounters, readServerCounters } from '../../core/diagnosis/waterfall/phase-metrics.ts';
import type { ServiceSnapshot } from '../../core/diagnosis/waterfall/service-snapshot.ts';
import { drawWaterfall, measureService, type Waterfall } from '../../core/diagnosis/waterfall/waterfall.ts';
import type { MetricSample } from '../../core/scaling/engine-metrics/reading.ts';
import type { NodeReadings } from '../../ports/nodes/node-readings.ts';
import type { MetricsAnswer, MetricsSource } from '../../ports/serving/metrics-source.ts';
import type { ProvingPorts } from '../ports.ts';

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

export interface Observation {
  readonly window: WindowReadings;
  /** Null where no service is looked at. */
  readonly waterfall: Waterfall | null;
  readonly suspicions: Suspicions;
}

export interface ObservePorts extends Pick<ProvingPorts, 'clock' | 'signal'> {
  readonly node: NodeReadings;
  /** Reads the names of `phaseMetricNames` at an address with a path, or at `/metrics`. */
  readonly metrics: Pick<MetricsSource, 'read'>;
}

/**
 * Looks twice at the node and at the service, `windowMs` apart, and says which causes the growth between points at. A source that
 * cannot be read makes its readings unknown. @param generator of a load that this program makes; asked at the end.
 */
export async function observe(
  ports: ObservePorts,
  service: ObservedService | null,
  windowMs: number,
  generator: (() => GeneratorReadings) | null = null,
): Promise<Observation> {
  const watched = (service?.replicas ?? []).flatMap(({ pid }): readonly WatchedProcess[] =>
    pid === null ? [] : [{ role: 'replica', pid }],
  );
  const look = async () => {
    const [node, snapshot] = await Promise.all([
      ports.node.read(watched, devicesOf(service), ports.signal),
      service === null ? null : readService(ports, service),
    ]);
    return { node, snapshot };
  };
  const before = await look();
  await ports.clock.sleep(windowMs, ports.signal);
  const after = await look();
  const measured =
    before.snapshot === null || after.snapshot === null ? null : measureService(before.snapshot, after.snapshot);
  const waterfall = measured === null ? null : drawWaterfall(measured);
  const window = measureWindow(before.node, after.node, {
    service: measured,
    waterfall,
    generator: generator?.() ?? null,
  });
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
  { clock, metrics, signal }: Pick<ObservePorts, 'clock' | 'metrics' | 'signal'>,
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
