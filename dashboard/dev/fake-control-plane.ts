import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseArgs } from 'node:util';
import type { FleetChange } from '../../src/schemas/view/fleet-view.ts';
import { FakeCost } from './fake-cost.ts';
import { FakeFleet } from './fake-fleet.ts';
import { writeEvent } from './fake-http.ts';
import { type AnswerOptions, answer } from './fake-requests.ts';
import { FakeWorld, type Scenario, scenarios } from './fake-world.ts';

export interface FakeControlPlane {
  readonly url: string;
  readonly port: number;
  readonly world: FakeWorld;
  /** Null where there is one service. */
  readonly fleet: FakeFleet | null;
  /** Paths and queries that were asked for, files left out. */
  readonly asked: readonly string[];
  /** How many streams of each kind pages hold open. */
  openStreams(): { readonly fleet: number; readonly service: number };
  /** Sends a change of the fleet to every page that shows it. */
  announceFleet(change: FleetChange): void;
  /** Sends the view to every page, after a test changed the world. */
  announce(): void;
  /** Lets nothing happen, and is there all the same: what the page shows stays. */
  pause(): void;
  /** Ends a pause. */
  resume(): void;
  close(): Promise<void>;
}

interface FakeOptions extends AnswerOptions {
  readonly scenario: Scenario;
  /** 0 for any free one. */
  readonly port: number;
}

/** Serves the built page and made-up data in the same form as the control plane. For development and tests only. */
export async function startFakeControlPlane(options: FakeOptions): Promise<FakeControlPlane> {
  const world = new FakeWorld(options.scenario, Date.now());
  const fleet = makeFleet(options.scenario);
  const cost = makeCost(options.scenario, world, fleet);
  const streams = new Set<ServerResponse>();
  const fleetStreams = new Set<ServerResponse>();
  const asked: string[] = [];
  const send = (event: string, data: unknown): void => {
    for (const stream of streams) writeEvent(stream, event, data);
  };
  const announceFleet = (change: FleetChange): void => {
    for (const stream of fleetStreams) writeEvent(stream, 'fleet-change', change);
  };
  const announce = (): void => send('view', world.view(Date.now()));
  world.onEvent = (event) => send('event', event);
  const server = createServer((request, response) => {
    void answer({ request, response, world, fleet, cost, asked, streams, fleetStreams, options, announce }).catch(
      (error: unknown) => {
        response.writeHead(500, { 'content-type': 'text/plain' }).end(String(error));
      },
    );
  });
  const ping = (): void => {
    for (const stream of [...streams, ...fleetStreams]) stream.write(': plimsoll\n\n');
  };
  const tick = (): void => {
    const changed = world.tick(Date.now());
    send('signals', world.samples.at(-1));
    send('health', world.view(Date.now()).health);
    if (changed) announce();
    if (fleet !== null) announceFleet(fleet.change(5, Date.now()));
  };
  let goOn = tick;
  const timer = setInterval(() => goOn(), 1000);
  const port = await listen(server, options.port);
  return {
    url: `http://127.0.0.1:${port}/`,
    port,
    world,
    fleet,
    asked,
    openStreams: () => ({ fleet: fleetStreams.size, service: streams.size }),
    announceFleet,
    announce,
    pause: () => {
      goOn = ping;
    },
    resume: () => {
      goOn = tick;
    },
    close: async () => {
      clearInterval(timer);
      for (const stream of [...streams, ...fleetStreams]) stream.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Null for a control plane of one service. */
function makeFleet(scenario: Scenario): FakeFleet | null {
  if (scenario === 'fleet') return new FakeFleet(200, Date.now());
  return scenario === 'no-service' ? new FakeFleet(0, Date.now()) : null;
}

/** A fleet has accelerators and prices; one service has cores, and time alone. */
function makeCost(scenario: Scenario, world: FakeWorld, fleet: FakeFleet | null): FakeCost {
  const { service, environment } = world.view(Date.now());
  const isEmpty = scenario === 'empty' || scenario === 'no-service';
  const holders = isEmpty ? [] : (fleet?.entries.slice(0, 40) ?? [{ service, environment }]);
  const isFleet = fleet !== null;
  return new FakeCost({ holders, hasPrices: isFleet, hasCores: isFleet, hasErrors: isFleet }, Date.now());
}

async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return (server.address() as AddressInfo).port;
}

/** `node dashboard/dev/fake-control-plane.ts --scenario steady --port 7070` */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { scenario: { type: 'string', default: 'steady' }, port: { type: 'string', default: '7070' } },
  });
  const scenario = scenarios.find((name) => name === values.scenario);
  if (scenario === undefined) throw new Error(`--scenario is one of ${scenarios.join(', ')}`);
  const fake = await startFakeControlPlane({ scenario, port: Number(values.port) });
  process.stdout.write(`${fake.url} (${scenario}); made-up data\n`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void fake.close());
}

if (import.meta.main) await main();
