import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import type { RoutingTable } from '../../core/rollout/routing/routing.ts';
import { FleetGateway, type FleetGatewayParts } from '../../gateway/fleet/fleet-gateway.ts';
import type { FrontSettings } from '../../gateway/settings.ts';
import {
  gatewayReportsAnswerSchema,
  gatewayReportsSchema,
  type GatewayReports,
  type GatewayReportsAnswer,
  type GatewayServices,
} from '../../schemas/gateway/gateway-fleet.ts';
import type { GatewayReport } from '../../schemas/gateway/gateway-report.ts';
import { makeRigParts, makeTable, rigSettings, SkippingClock, type GatewayRigParts } from './gateway-rig.ts';

export interface FleetGatewayRig {
  readonly gateway: FleetGateway;
  readonly clock: SkippingClock;
  readonly url: string;
  readonly port: number;
  readonly log: string[];
  stop(): Promise<void>;
}

/** A list of services of the environment `default`, each called by its own name. */
export function makeList(...services: readonly string[]): GatewayServices {
  return { services: services.map((service) => ({ service, environment: 'default', names: [service] })) };
}

export function tableOf(service: string, endpoint: string, more: Partial<RoutingTable> = {}): RoutingTable {
  return makeTable([{ endpoints: [endpoint] }], { service, ...more });
}

/** A gateway of the services whose tables these are. */
export async function startFleetGateway(
  tables: readonly RoutingTable[],
  settings: Partial<FrontSettings> = {},
  { home = null, ...parts }: GatewayRigParts & Pick<FleetGatewayParts, 'home'> = {},
): Promise<FleetGatewayRig> {
  const clock = new SkippingClock();
  const made = makeRigParts(clock, parts);
  const gateway = new FleetGateway({ ...made, home, settings: { ...rigSettings, ...settings } });
  gateway.follow(makeList(...tables.map(({ service }) => service)), true);
  for (const table of tables) gateway.offer(table);
  const url = await gateway.listen();
  return { gateway, clock, url, port: Number(new URL(url).port), log: made.lines, stop: () => gateway.drain() };
}

export interface FleetPlane {
  readonly port: number;
  readonly posted: GatewayReports[];
  readonly streams: Set<ServerResponse>;
  /** The newest report of a service. */
  latest(service: string): GatewayReport | undefined;
  /** To every gateway that is connected, and later to each that connects. */
  tell(list: GatewayServices | null, ...tables: readonly RoutingTable[]): void;
  /** To those that are connected alone. */
  send(event: 'services' | 'routing', data: unknown): void;
  stop(): Promise<void>;
}

/** A control plane as far as a gateway of many services sees it. @param answer what it says to reports; of all, recorded. */
export async function startFleetPlane(
  port = 0,
  answer: (reports: GatewayReports) => GatewayReportsAnswer = recordAll,
): Promise<FleetPlane> {
  const streams = new Set<ServerResponse>();
  const posted: GatewayReports[] = [];
  let told: string[] = [];
  const server = createServer((req, res) => {
    if (req.method === 'GET' && req.url === '/v1/gateways/gateway-1/fleet') {
      res.writeHead(200, { 'content-type': 'text/event-stream' });
      res.write(`: hello\n\n${told.join('')}`);
      streams.add(res);
      res.on('close', () => streams.delete(res));
    } else if (req.method === 'POST' && req.url === '/v1/gateways/gateway-1/reports') {
      void json(req).then((body) => {
        const reports = gatewayReportsSchema.parse(body);
        posted.push(reports);
        res.setHeader('content-type', 'application/json');
        res.end(JSON.stringify(gatewayReportsAnswerSchema.parse(answer(reports))));
      });
    } else res.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const send = (text: string): void => streams.forEach((res) => void res.write(text));
  return {
    port: (server.address() as AddressInfo).port,
    posted,
    streams,
    latest: (service) => posted.flatMap(({ reports }) => reports).findLast((each) => each.service === service)?.report,
    tell(list, ...tables) {
      told = [
        ...(list === null ? [] : [eventOf('services', list)]),
        ...tables.map((table) => eventOf('routing', table)),
      ];
      send(told.join(''));
    },
    send: (event, data) => send(eventOf(event, data)),
    stop() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function eventOf(event: string, data: unknown): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

function recordAll({ reports }: GatewayReports): GatewayReportsAnswer {
  return {
    recorded: reports.map(({ service, environment, report }) => {
      return { service, environment, sequence: report.counts?.at(-1)?.sequence ?? 0 };
    }),
  };
}
