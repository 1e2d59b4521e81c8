import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize, sep } from 'node:path';
import { parseArgs } from 'node:util';
import type { AcknowledgeDriftRequest } from '../../src/schemas/http/http-drift.ts';
import type { FleetChange } from '../../src/schemas/view/fleet-view.ts';
import type { ServiceView } from '../../src/schemas/view/view.ts';
import { linkFrom } from '../../src/control-plane/http/page-links.ts';
import type { PoolMatrix } from '../../src/core/hardware/pool-matrix.ts';
import { digitsOf, scoreOf } from './fake-answers.ts';
import { FakeCost } from './fake-cost.ts';
import { fakeDiagnosis } from './fake-diagnosis.ts';
import type { FakeDrift } from './fake-drift.ts';
import { FakeFleet, fleetOfOne } from './fake-fleet.ts';
import { fakeLineage } from './fake-models.ts';
import { fakePlan } from './fake-plan.ts';
import { fakePools } from './fake-pools.ts';
import { pastDay } from './fake-signals.ts';
import { FakeWorld, type Scenario, scenarios } from './fake-world.ts';

/** The policy that the page is made for; the browser reports each violation, and a test counts them. */
export const contentSecurityPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

const distFolder = join(import.meta.dirname, '..', 'dist');
const maxBodyBytes = 2_000_000;

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

interface FakeOptions {
  readonly scenario: Scenario;
  /** 0 for any free one. */
  readonly port: number;
  /** Answers `/v1/try` with a refusal, to see it in words. */
  readonly refuseTries?: boolean;
  /** A page that nobody signed in. */
  readonly readOnly?: boolean;
  /** A page whose credential is for one service. */
  readonly seesOneService?: boolean;
  /** Answers orders to a rollout with a refusal. */
  readonly refuseOrders?: boolean;
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

function writeEvent(stream: ServerResponse, event: string, data: unknown): void {
  stream.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
}

async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return (server.address() as AddressInfo).port;
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly world: FakeWorld;
  readonly fleet: FakeFleet | null;
  readonly cost: FakeCost;
  readonly asked: string[];
  readonly streams: Set<ServerResponse>;
  readonly fleetStreams: Set<ServerResponse>;
  readonly options: FakeOptions;
  readonly announce: () => void;
}

async function answer(exchange: Exchange): Promise<void> {
  const { request, response, world } = exchange;
  const url = new URL(request.url ?? '/', 'http://localhost');
  response.setHeader('x-content-type-options', 'nosniff');
  if (url.pathname.startsWith('/v1/')) exchange.asked.push(url.pathname + url.search);
  if (/^\/v1\/(?!fleet|session|cost)/.test(url.pathname) && !namesSubject(url)) {
    return sendJson(response, 400, { error: { message: `${url.pathname} names no service and environment` } });
  }
  if (request.method === 'POST' && url.pathname === '/v1/try') return tryOut(exchange);
  if (request.method === 'POST' && url.pathname.startsWith('/v1/rollout/')) return steer(exchange, url.pathname);
  if (world.drift.isServed && /^\/v1\/(?:drift|labels)/.test(url.pathname))
    return answerDrift(exchange, world.drift, url);
  if (url.pathname.startsWith('/v1/models/') && world.models !== null) {
    const { versions, aliases, history } = world.models;
    return sendJson(response, 200, { versions, aliases, history });
  }
  switch (url.pathname) {
    case '/v1/session':
      return sendJson(
        response,
        200,
        exchange.options.readOnly === true ? { name: null, roles: [] } : { name: 'vera', roles: ['operate'] },
      );
    case '/v1/fleet/stream':
      return openFleetStream(exchange);
    case '/v1/view':
      return sendJson(response, 200, viewFor(exchange, url));
    case '/v1/events':
      return sendJson(response, 200, eventsFor(world, url.searchParams));
    case '/v1/rollout':
      return sendJson(response, 200, world.rollout?.answer() ?? { rollout: null, release: null, samples: [] });
    case '/v1/scaling':
      return sendJson(response, 200, {
        scaling: world.scaling?.view() ?? null,
        decisions: world.scaling?.decisions ?? [],
      });
    case '/v1/diagnosis':
      return sendJson(response, 200, fakeDiagnosis(world.scenario, Date.now()));
    case '/v1/capacity/plan':
      return sendJson(response, 200, fakePlan(world.scenario, url.searchParams.get('growth'), Date.now()));
    case '/v1/models':
      return sendJson(response, 200, world.models?.names ?? []);
    case '/v1/lineage':
      return world.models === null
        ? sendJson(response, 404, { error: { message: 'there is no such model' } })
        : sendJson(response, 200, fakeLineage(world.models, world.releases));
    case '/v1/signals':
      return sendJson(response, 200, world.samples.slice(-Number(url.searchParams.get('last') ?? 120)));
    case '/v1/signals/history':
      return sendJson(response, 200, pastDay(Date.now()));
    case '/v1/pools':
      return sendJson(response, 200, poolsOf(world.scenario));
    case '/v1/cost':
      return answerCost(exchange, url);
    case '/v1/stream':
      return openStream(exchange, url);
    default:
      return sendFile(url.pathname, response);
  }
}

function eventsFor(world: FakeWorld, query: URLSearchParams): FakeWorld['events'] {
  const kinds = query.get('kindPrefix') ?? '';
  return world.events.filter(({ kind }) => kind.startsWith(kinds)).slice(-Number(query.get('last') ?? 200));
}

async function steer(exchange: Exchange, path: string): Promise<void> {
  const { request, response, world, options, announce } = exchange;
  const { reason = '' } = JSON.parse(await readBody(request)) as { reason?: string };
  if (options.refuseOrders === true) {
    return sendJson(response, 403, { error: refusedOrder });
  }
  const { error, summary } = world.steer(path.slice('/v1/rollout/'.length), reason, Date.now());
  if (error !== undefined) {
    return sendJson(response, 409, { error: { code: 'refused', message: error, next: 'plimsoll status' } });
  }
  announce();
  sendJson(response, 200, { release: world.rollout?.release ?? 0, summary });
}

async function answerDrift({ request, response, options }: Exchange, drift: FakeDrift, url: URL): Promise<void> {
  const nowMs = Date.now();
  switch (url.pathname) {
    case '/v1/drift':
      return sendJson(response, 200, drift.answer(nowMs));
    case '/v1/drift/history':
      return sendJson(response, 200, drift.history(nowMs));
    case '/v1/drift/samples':
      return sendJson(response, 200, drift.samples(nowMs, Number(url.searchParams.get('last') ?? 20)));
    case '/v1/labels':
      return sendJson(response, 200, drift.labels());
  }
  const asked = JSON.parse(await readBody(request)) as AcknowledgeDriftRequest;
  if (options.refuseOrders === true) return sendJson(response, 403, { error: refusedOrder });
  sendJson(response, 200, drift.acknowledge(asked, nowMs));
}

const refusedOrder = {
  code: 'forbidden',
  message: 'vera may view; this needs the role operate for digits in default',
  next: 'use a token with the role operate',
};

const poolsOf = (scenario: Scenario): readonly PoolMatrix[] =>
  scenario === 'tabular' || scenario === 'empty' ? [] : fakePools(scenario === 'crowded', Date.now());

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(value));
}

const namesSubject = ({ searchParams }: URL): boolean =>
  searchParams.getAll('service').length === 1 && searchParams.getAll('environment').length === 1;

/** A credential for one service does not read the account of all. */
function answerCost({ response, cost, options }: Exchange, { searchParams }: URL): void {
  if (options.seesOneService === true && !searchParams.has('service')) {
    return sendJson(response, 403, { error: { ...refusedOrder, message: 'vera may view digits in default alone' } });
  }
  sendJson(response, 200, cost.answer(searchParams, Date.now()));
}

/** Of a fleet every service is the same but for its name. */
function viewFor({ world, fleet }: Exchange, { searchParams }: URL): ServiceView {
  const view = world.view(Date.now());
  if (fleet === null) return view;
  return { ...view, service: searchParams.get('service') ?? '', environment: searchParams.get('environment') ?? '' };
}

function openStream(exchange: Exchange, url: URL): void {
  keepOpen(exchange.response, exchange.streams);
  writeEvent(exchange.response, 'view', viewFor(exchange, url));
}

function openFleetStream({ response, world, fleet, fleetStreams }: Exchange): void {
  keepOpen(response, fleetStreams);
  writeEvent(response, 'fleet', fleet?.view(Date.now()) ?? fleetOfOne(world.view(Date.now())));
}

function keepOpen(response: ServerResponse, streams: Set<ServerResponse>): void {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' });
  response.write(': plimsoll\n\n');
  streams.add(response);
  response.on('close', () => streams.delete(response));
}

async function sendFile(path: string, response: ServerResponse): Promise<void> {
  const isPage = path === '/' || path === '/services' || path === '/cost' || /^\/services\/[^/]+\/[^/]+$/.test(path);
  const file = normalize(join(distFolder, isPage ? 'index.html' : decodeURIComponent(path)));
  if (!file.startsWith(distFolder + sep)) return sendJson(response, 404, { error: { message: 'not found' } });
  const found = await readFile(file).catch(() => null);
  const bytes = isPage && found !== null ? linkFrom(found.toString(), path) : found;
  if (bytes === null) return sendJson(response, 404, { error: { message: 'not found' } });
  response.writeHead(200, {
    'content-type': types[extname(file)] ?? 'application/octet-stream',
    'content-security-policy': contentSecurityPolicy,
    'cache-control': 'no-cache',
  });
  response.end(bytes);
}

async function tryOut({ request, response, world, options }: Exchange): Promise<void> {
  const startedMs = performance.now();
  const body = await readBody(request);
  const live = world.releases.find((release) => release.number === world.deployment?.live);
  const replica = world.replicas.find((candidate) => candidate.release === live?.number && candidate.admitted);
  if (options.refuseTries === true || live === undefined) {
    const error = {
      code: 'rate-limited',
      message: 'this endpoint is for trying the service by hand',
      next: 'send load to the gateway itself',
    };
    return sendJson(response, 429, { error });
  }
  const outputs = world.scenario === 'tabular' ? scoreOf() : digitsOf(body);
  sendJson(response, 200, {
    status: 200,
    release: live.number,
    replica: replica?.replicaId ?? world.replicas[0]?.replicaId ?? null,
    modelVersion: live.model.version,
    latencyMs: performance.now() - startedMs,
    body: { model_name: 'digits', model_version: String(live.model.version), outputs },
  });
}

async function readBody(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) {
    text += String(chunk);
    if (text.length > maxBodyBytes) throw new RangeError('the body is too large');
  }
  return text;
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
