import { median } from '../median.ts';
import type { ApiAway } from './api-away.ts';
import type { FleetCost } from './fleet.ts';
import type { GatewayPairs } from './gateway-pairs.ts';
import type { Kills } from './kills.ts';
import type { ReleaseStart } from './release-start.ts';
import type { Rollbacks } from './rollbacks.ts';

export const partNames = [
  'start',
  'rollback',
  'control-plane-kills',
  'gateway-kills',
  'gateway',
  'api-away',
  'fleet',
] as const;
export type PartName = (typeof partNames)[number];

/** Those that were measured. */
export interface KubernetesParts {
  readonly start?: ReleaseStart;
  readonly rollback?: Rollbacks;
  readonly 'control-plane-kills'?: Kills;
  readonly 'gateway-kills'?: Kills;
  readonly gateway?: GatewayPairs;
  readonly 'api-away'?: ApiAway;
  readonly fleet?: FleetCost;
}

export interface KubernetesReport {
  readonly bench: 'kubernetes';
  readonly node: string;
  readonly parts: KubernetesParts;
  /** Of the aims of the parts that were measured. */
  readonly missed: readonly string[];
  readonly passes: boolean;
}

const aims = {
  apartShare: 0.05,
  firstAnswerMs: 1_000,
  requests: 5_000,
  gatewayRatio: 0.9,
  decisionP99Ms: 2_000,
  requestsPerSecond: 20,
  residentBytes: 400e6,
} as const;

export function judgeReport(parts: KubernetesParts): KubernetesReport {
  const { start, rollback, gateway, fleet } = parts;
  const planes = parts['control-plane-kills'];
  const gateways = parts['gateway-kills'];
  const away = parts['api-away'];
  const held: readonly (readonly [string, boolean | undefined])[] = [
    ['start: phases within 5% of the whole', start && start.apartShare <= aims.apartShare],
    ['rollback: first answer within 1 s', rollback && rollback.firstAnswerMs.most < aims.firstAnswerMs],
    ['rollback: no failed request', rollback && rollback.failures.length === 0 && rollback.requests >= aims.requests],
    ['control-plane-kills: no failed request', planes && planes.failures.length === 0],
    ['gateway-kills: no more than in flight', gateways && gateways.failedLater === 0],
    ['gateway: requests/s', gateway && gateway.speedRatio >= aims.gatewayRatio && gateway.inside.errors === 0],
    ['gateway: processor time', gateway && gateway.processorRatio >= aims.gatewayRatio],
    ['api-away: no failed request', away && away.failures.length === 0],
    ['api-away: the same pods', away && away.changedPods.length === 0],
    ['fleet: decisions within 2 s', fleet && fleet.decisionMs.p99 < aims.decisionP99Ms],
    ['fleet: requests to the API server', fleet && fleet.requestsPerSecond < aims.requestsPerSecond],
    ['fleet: memory', fleet && fleet.residentBytes < aims.residentBytes],
  ];
  const missed = held.filter(([, holds]) => holds === false).map(([name]) => name);
  return { bench: 'kubernetes', node: process.version, parts, missed, passes: missed.length === 0 };
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;

export function describeReport({ parts, missed }: KubernetesReport): readonly string[] {
  const { start, rollback, gateway, fleet } = parts;
  return [
    ...(start === undefined ? [] : describeStart(start)),
    ...(rollback === undefined ? [] : [describeRollbacks(rollback)]),
    ...(['control-plane-kills', 'gateway-kills'] as const).flatMap((name) => {
      const kills = parts[name];
      return kills === undefined ? [] : [describeKills(name, kills)];
    }),
    ...(gateway === undefined ? [] : [describeGateway(gateway)]),
    ...(parts['api-away'] === undefined ? [] : [describeAway(parts['api-away'])]),
    ...(fleet === undefined ? [] : describeFleet(fleet)),
    ...missed.map((aim) => `MISSED ${aim}`),
  ];
}

function describeStart({ imageBytes, wholeMs, podMadeMs, podMs, phases, admittedMs, apartShare }: ReleaseStart) {
  const megabytes = (imageBytes / 1e6).toFixed(0);
  const each = phases.map(({ phases: names, durationMs }) => `${names.join('+')} ${seconds(durationMs)}`).join(', ');
  return [
    `kubelet: release with a layer of ${megabytes} MB live after ${seconds(wholeMs)}: pod made ${seconds(podMadeMs)}, pod ${seconds(podMs)}, admitted ${seconds(admittedMs)}`,
    `  phases of the pod: ${each}; ${(apartShare * 100).toFixed(1)}% apart from it`,
  ];
}

const describeRollbacks = ({ rollbacks, requests, failures, firstAnswerMs }: Rollbacks): string =>
  `kubelet: ${rollbacks} rollbacks, first answer after ${seconds(firstAnswerMs.median)}, at most ${seconds(firstAnswerMs.most)}; ${failures.length} of ${requests} requests failed`;

const describeKills = (
  name: string,
  { kills, requests, inFlight, refusedConnections, failures, failedLater, failedOnLater, sentAfterMs, backMs }: Kills,
): string =>
  `kubelet: ${name} ${kills}: ${failures.length} of ${requests} requests failed, ${failedLater} of them sent after the kill: at most ${sentAfterMs.toFixed(0)} ms, or ${failedOnLater} on later connections (${inFlight} in flight at the kills); ${refusedConnections} connections refused; back after ${seconds(median(backMs))}`;

const describeGateway = ({ pairs, inside, outside, speedRatio, processorRatio }: GatewayPairs): string =>
  `kubelet: gateway in a pod to one outside, ${pairs} pairs: ${speedRatio.toFixed(2)} of its requests/s (${inside.requestsPerSecond.toFixed(0)} to ${outside.requestsPerSecond.toFixed(0)}), ${processorRatio.toFixed(2)} by processor time (${inside.processorMicroseconds.toFixed(0)} us to ${outside.processorMicroseconds.toFixed(0)} us a request)`;

const describeAway = ({ awaySeconds, requests, failures, changedPods }: ApiAway): string =>
  `kubelet: no API server for ${awaySeconds} s: ${failures.length} of ${requests} requests failed, ${changedPods.length} pods changed${changedPods.length === 0 ? '' : `: ${changedPods.join(', ')}`}`;

function describeFleet(fleet: FleetCost): readonly string[] {
  const { services, replicas, nodes, bringUpSeconds, requestsPerSecond, residentBytes, processorShare } = fleet;
  const { count, p50, p99, most } = fleet.decisionMs;
  return [
    `kwok: ${services} services x ${replicas} replicas on ${nodes} nodes, up after ${bringUpSeconds.toFixed(0)} s`,
    `  ${count} decisions at the API server after ${p50.toFixed(0)} ms, p99 ${p99.toFixed(0)} ms, at most ${most.toFixed(0)} ms`,
    `  ${requestsPerSecond.toFixed(2)} requests/s to the API server, ${(residentBytes / 1e6).toFixed(0)} MB, ${(processorShare * 100).toFixed(0)}% of a core`,
  ];
}
