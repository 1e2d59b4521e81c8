import { measureGrowth } from '../readings/counter.ts';
import {
  addReadings,
  combineReadings,
  isRead,
  makeReading,
  makeUnknown,
  mapReading,
  type Reading,
} from '../readings/reading.ts';
import {
  gatewayPhases,
  phaseTable,
  requestPhases,
  serverPhases,
  type GatewayPhase,
  type RequestPhase,
  type ServerPhase,
} from './request-phase.ts';
import type { GatewayCounters, ServerCounters, ServiceSnapshot } from './service-snapshot.ts';

/** Mean times of a request over a window, milliseconds. */
export interface Waterfall {
  readonly requests: Reading;
  /** From arrival to the end of the answer; where no gateway tells it, the sum of what the server tells. */
  readonly totalMs: Reading;
  readonly rows: readonly WaterfallRow[];
  /** What no phase explains; unknown where the total is. Never negative. */
  readonly notAccountedMs: Reading;
}

export interface WaterfallRow {
  readonly phase: RequestPhase;
  readonly waitsFor: string;
  readonly ms: Reading;
}

/** Growth of all counters of a window, added over gateways and over servers. */
export interface ServiceWindow {
  readonly windowMs: number;
  /** Requests go straight to the replica. */
  readonly isDirect: boolean;
  readonly gateway: Omit<GatewayCounters, 'gatewayId'>;
  readonly server: Omit<ServerCounters, 'replicaId'>;
  /** Servers that were there at both looks. */
  readonly servers: number;
}

/** What each counter grew by between two looks. Gateways and servers that were not there at both looks do not count. */
export function measureService(before: ServiceSnapshot, after: ServiceSnapshot): ServiceWindow {
  const gateways = pair(before.gateways ?? [], after.gateways ?? [], ({ gatewayId }) => gatewayId);
  const servers = pair(before.servers, after.servers, ({ replicaId }) => replicaId);
  const noGateway = after.gateways === null ? 'requests go straight to the replica' : 'no gateway told its times';
  const ofGateways = (what: string, read: (one: GatewayCounters) => Reading): Reading =>
    addReadings(
      gateways.map(([from, to]) => measureGrowth(read(from), read(to), what)),
      noGateway,
    );
  const ofServers = (what: string, read: (one: ServerCounters) => Reading): Reading =>
    addReadings(
      servers.map(([from, to]) => measureGrowth(read(from), read(to), what)),
      'no replica told its times',
    );
  return {
    windowMs: after.atMs - before.atMs,
    isDirect: after.gateways === null,
    servers: servers.length,
    gateway: {
      requests: ofGateways('the count of answers', ({ requests }) => requests),
      totalMs: ofGateways('the time of requests', ({ totalMs }) => totalMs),
      replicaMs: ofGateways('the time at replicas', ({ replicaMs }) => replicaMs),
      phasesMs: fillPhases(gatewayPhases, (phase) =>
        ofGateways(`the time of ${phase}`, ({ phasesMs }) => phasesMs[phase]),
      ),
    },
    server: {
      requests: ofServers('the count of requests', ({ requests }) => requests),
      phasesMs: fillPhases(serverPhases, (phase) =>
        ofServers(`the time of ${phase}`, ({ phasesMs }) => phasesMs[phase]),
      ),
      engineMs: ofServers('the time of the engine', ({ engineMs }) => engineMs),
      batches: ofServers('the count of batches', ({ batches }) => batches),
      rows: ofServers('the count of rows', ({ rows }) => rows),
      rowsAtMost: addReadings(
        servers.map(([, to]) => to.rowsAtMost),
        'no replica told its limit of rows',
      ),
    },
  };
}

/** The mean request of a window, phase by phase. */
export function drawWaterfall({ gateway, server }: ServiceWindow): Waterfall {
  const inGateway = (sum: Reading): Reading => meanOf(sum, gateway.requests);
  const inServer = (sum: Reading): Reading => meanOf(sum, server.requests);
  const served = addReadings(
    serverPhases.map((phase) => inServer(server.phasesMs[phase])).filter(isRead),
    'the replica tells no times of its phases',
  );
  const timeOf = (phase: RequestPhase): Reading => {
    if (phase === 'transfer') return transferOf(inGateway(gateway.replicaMs), served);
    return isServerPhase(phase) ? inServer(server.phasesMs[phase]) : inGateway(gateway.phasesMs[phase]);
  };
  const rows = requestPhases.map((phase) => ({ phase, waitsFor: phaseTable[phase].waitsFor, ms: timeOf(phase) }));
  const told = inGateway(gateway.totalMs);
  const totalMs = isRead(told) || !isRead(served) ? told : served;
  const accounted = rows.reduce((sum, { ms }) => sum + (isRead(ms) ? ms.value : 0), 0);
  return {
    requests: isRead(gateway.requests) ? gateway.requests : server.requests,
    totalMs,
    rows,
    notAccountedMs: mapReading(totalMs, (ms) => Math.max(0, ms - accounted)),
  };
}

/** The time of one phase. */
export const timeOfPhase = ({ rows }: Waterfall, phase: RequestPhase): Reading =>
  rows.find((row) => row.phase === phase)?.ms ?? makeUnknown(`there is no phase ${phase}`);

/** Clocks of two processes and requests at the edges of the window differ by this much without meaning anything. */
const slackShare = 0.02;

/** What of the wait for a replica the replica does not explain. */
function transferOf(replicaMs: Reading, servedMs: Reading): Reading {
  const rest = combineReadings(replicaMs, servedMs, (whole, part) => whole - part);
  if (!isRead(rest) || !isRead(replicaMs) || rest.value >= 0) return rest;
  if (-rest.value <= slackShare * replicaMs.value) return makeReading(0);
  return makeUnknown('the replica tells more time than the gateway waited: it also answers requests of others');
}

function meanOf(sum: Reading, count: Reading): Reading {
  if (isRead(count) && count.value <= 0) return makeUnknown('no request ended in this time');
  return combineReadings(sum, count, (a, b) => a / b);
}

const isServerPhase = (phase: RequestPhase): phase is ServerPhase => phaseTable[phase].by === 'server';

function fillPhases<Phase extends GatewayPhase | ServerPhase>(
  phases: readonly Phase[],
  read: (phase: Phase) => Reading,
): Readonly<Record<Phase, Reading>> {
  return Object.fromEntries(phases.map((phase) => [phase, read(phase)])) as Record<Phase, Reading>;
}

function pair<T>(
  before: readonly T[],
  after: readonly T[],
  keyOf: (one: T) => string,
): readonly (readonly [before: T, after: T])[] {
  const earlier = new Map(before.map((one) => [keyOf(one), one]));
  return after.flatMap((to) => {
    const from = earlier.get(keyOf(to));
    return from === undefined ? [] : [[from, to] as const];
  });
}
