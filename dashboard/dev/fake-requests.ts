import type { IncomingMessage, ServerResponse } from 'node:http';
import type { PoolMatrix } from '../../src/core/hardware/pool-matrix.ts';
import type { AcknowledgeDriftRequest } from '../../src/schemas/http/monitoring/http-drift.ts';
import type { ServiceView } from '../../src/schemas/view/view.ts';
import { digitsOf, scoreOf } from './fake-answers.ts';
import type { FakeCost } from './fake-cost.ts';
import { fakeDiagnosis } from './fake-diagnosis.ts';
import type { FakeDrift } from './fake-drift.ts';
import { type FakeFleet, fleetOfOne } from './fake-fleet.ts';
import { keepOpen, readBody, sendFile, sendJson, writeEvent } from './fake-http.ts';
import { fakeLineage } from './fake-models.ts';
import { fakePlan } from './fake-plan.ts';
import { fakePools } from './fake-pools.ts';
import { pastDay } from './fake-signals.ts';
import type { FakeWorld, Scenario } from './fake-world.ts';

/** What a test asks the answers to be. */
export interface AnswerOptions {
  /** Answers `/v1/try` with a refusal, to see it in words. */
  readonly refuseTries?: boolean;
  /** The file of the model tells no signature; its server tells this one. */
  readonly tells?: ServiceView['signature'];
  /** A page that nobody signed in. */
  readonly readOnly?: boolean;
  /** A page whose credential is for one service. */
  readonly seesOneService?: boolean;
  /** Answers orders to a rollout with a refusal. */
  readonly refuseOrders?: boolean;
}

/** One request of the page, with all that an answer is made of. */
interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly world: FakeWorld;
  readonly fleet: FakeFleet | null;
  readonly cost: FakeCost;
  readonly asked: string[];
  readonly streams: Set<ServerResponse>;
  readonly fleetStreams: Set<ServerResponse>;
  readonly options: AnswerOptions;
  readonly announce: () => void;
}

/** Answers as the control plane would: data, a stream, or a file of the page. */
export async function answer(exchange: Exchange): Promise<void> {
  const { request, response, world } = exchange;
  const url = new URL(request.url ?? '/', 'http://localhost');
  response.setHeader('x-content-type-options', 'nosniff');
  if (url.pathname.startsWith('/v1/')) exchange.asked.push(url.pathname + url.search);
  if (/^\/v1\/(?!fleet|session|cost)/.test(url.pathname) && !namesSubject(url)) {
    return sendJson(response, 400, { error: { message: `${url.pathname} names no service and environment` } });
  }
  if (request.method === 'POST' && url.pathname === '/v1/try') return tryOut(exchange);
  if (url.pathname === '/v1/try') return sendJson(response, 200, { signature: exchange.options.tells ?? null });
  if (request.method === 'POST' && url.pathname.startsWith('/v1/rollout/')) return steer(exchange, url.pathname);
  if (world.drift.isServed && /^\/v1\/(?:drift|labels)/.test(url.pathname))
    return answerDrift(exchange, world.drift, url);
  if (url.pathname.startsWith('/v1/models/') && world.models !== null) {
    const { versions, aliases, history } = world.models;
    return sendJson(response, 200, { versions, aliases, history });
  }
  switch (url.pathname) {
    case '/v1/session/providers':
      return sendJson(response, 200, { providers: [] });
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
function viewFor({ world, fleet, options }: Exchange, { searchParams }: URL): ServiceView {
  const ofFile = options.tells === undefined ? {} : { signature: null };
  const view = { ...world.view(Date.now()), ...ofFile };
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
