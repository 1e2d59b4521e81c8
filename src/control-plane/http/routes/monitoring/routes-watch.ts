import * as z from 'zod';
import { decideAccess, type Requester } from '../../../../core/access/requester.ts';
import {
  controlPlaneIdentitySchema,
  healthSchema,
  httpErrorSchema,
  type ControlPlaneIdentity,
} from '../../../../schemas/http/http-control-plane.ts';
import {
  eventQuerySchema,
  eventsInAnswer,
  moreEventsHeader,
  storedEventSchema,
} from '../../../../schemas/http/http-event.ts';
import { keepSamples } from '../../../../protocols/prometheus-text/keep-samples.ts';
import { poolsSchema } from '../../../../schemas/http/fleet/http-pools.ts';
import { signalSampleSchema, historyPointSchema } from '../../../../schemas/http/http-view.ts';
import type { HttpParts, Server } from '../../http-parts.ts';
import { budgetOwnerOf, operationsOf, requesterOf, scopeOf, stillHolds } from '../../asked.ts';

const errors = { '4xx': httpErrorSchema, '5xx': httpErrorSchema };
const scopeSchema = z.object({ service: z.string().exactOptional(), environment: z.string().exactOptional() });
/** Seconds of signals that a stream begins with, and the events it makes good after a break. */
const signalsFirst = 120;
const eventsAgain = 1_000;

export function watchRoutes(server: Server, parts: HttpParts): void {
  server.get(
    '/v1/identity',
    {
      config: { access: 'view', onThisMachine: 'anyone', scope: 'request' },
      schema: {
        tags: ['control plane'],
        summary: 'Which control plane this is, and which of its services the requester may read',
        response: { 200: controlPlaneIdentitySchema, ...errors },
      },
    },
    (request) => visibleIdentity(parts.identity(), requesterOf(request)),
  );
  server.get(
    '/v1/health',
    {
      config: { access: 'view', onThisMachine: 'anyone' },
      schema: {
        tags: ['control plane'],
        summary: 'Whether the service is healthy, and whether the control plane is: 503 only for the latter',
        querystring: scopeSchema,
        response: { 200: healthSchema, 503: healthSchema, ...errors },
      },
    },
    async (request, reply) => {
      const health = parts.health(request.query);
      // A probe that restarts a control plane would not make a failing service better.
      return reply.status(health.controlPlane ? 200 : 503).send({ ...health, problems: [...health.problems] });
    },
  );
  server.get(
    '/metrics',
    { config: { access: 'view', scope: 'request' }, schema: { hide: true } },
    async (request, reply) => {
      const text = (await parts.metrics()) + (await parts.access.failedLogins.metrics());
      return reply.type('text/plain; version=0.0.4; charset=utf-8').send(readableMetrics(text, requesterOf(request)));
    },
  );
  server.get(
    '/v1/events',
    {
      config: { access: 'view', scope: 'request' },
      schema: {
        tags: ['view'],
        summary:
          'Recorded events in order, 1,000 at most; `last` for the newest, `afterSeq` or `beforeSeq` for the next thousand',
        querystring: eventQuerySchema,
        response: { 200: z.array(storedEventSchema), ...errors },
      },
    },
    async (request, reply) => {
      const { query } = request;
      const asked = Math.min(query.last ?? Infinity, query.limit ?? Infinity);
      const events = await operationsOf(parts, request).events({
        ...query,
        ...(isOfNoService(query) ? {} : scopeOf(parts, query)),
        ...(query.last === undefined
          ? { limit: Math.min(asked, eventsInAnswer) }
          : { last: Math.min(asked, eventsInAnswer) }),
      });
      if (events.length === eventsInAnswer && asked > eventsInAnswer) void reply.header(moreEventsHeader, 'true');
      return [...events];
    },
  );
  server.get(
    '/v1/signals',
    {
      config: { access: 'view' },
      schema: {
        tags: ['view'],
        summary: 'The newest signals, one sample a second',
        querystring: scopeSchema.extend({ last: z.coerce.number().int().positive().max(600).default(120) }),
        response: { 200: z.array(signalSampleSchema), ...errors },
      },
    },
    (request) => [...parts.find(request.query).latestSignals(request.query.last)],
  );
  server.get(
    '/v1/signals/history',
    {
      config: { access: 'view' },
      schema: {
        tags: ['view'],
        summary: 'The signals of the last hours: a point a minute for the last two, one in ten minutes before',
        querystring: scopeSchema.extend({ hours: z.coerce.number().positive().max(192).default(24) }),
        response: { 200: z.array(historyPointSchema), ...errors },
      },
    },
    async (request) => [...(await parts.find(request.query).history(request.query.hours))],
  );
  server.get(
    '/v1/pools',
    {
      config: { access: 'view' },
      schema: {
        tags: ['view'],
        summary: "The pools of the service's environments: nodes, services and devices, and what fits where",
        querystring: scopeSchema,
        response: { 200: poolsSchema, ...errors },
      },
    },
    async (request) => [...(await parts.find(request.query).pools())],
  );
  streamRoute(server, parts);
}

/** Samples of what the requester may view; those without a service or an environment are of every one. */
function readableMetrics(text: string, requester: Requester): string {
  if (decideAccess(requester, 'view', { service: null, environment: null }).allowed) return text;
  return keepSamples(text, (labels) => {
    const [service, environment] = ['service', 'environment'].map((label) => labels.get(label) || null);
    return decideAccess(requester, 'view', { service: service ?? null, environment: environment ?? null }).allowed;
  });
}

/** Who was refused, and who used a break-glass token, is recorded beside all services: only whoever may read all of them sees it. */
function isOfNoService({ kindPrefix, service, environment }: z.infer<typeof eventQuerySchema>): boolean {
  return kindPrefix?.startsWith('access') === true && service === undefined && environment === undefined;
}

/** Who may read one service learns of no other; the only one is no secret. */
function visibleIdentity(identity: ControlPlaneIdentity, requester: Requester): ControlPlaneIdentity {
  const { services } = identity;
  if (services === undefined || services.length <= 1) return identity;
  const visible = services.filter((scope) => decideAccess(requester, 'view', scope).allowed);
  return { ...identity, ...(visible[0] ?? { service: '', environment: '' }), services: visible };
}

function streamRoute(server: Server, parts: HttpParts): void {
  server.get(
    '/v1/stream',
    {
      config: { access: 'view' },
      schema: {
        tags: ['view'],
        summary:
          'Server-sent events `view`, `health`, `signals` and `event`; `Last-Event-ID` makes good what was missed',
        querystring: scopeSchema,
      },
    },
    async (request, reply) => {
      const of = parts.find(request.query);
      const { service, environment } = of;
      const operations = operationsOf(parts, request);
      const seen = Number(request.headers['last-event-id'] ?? NaN);
      const missed = Number.isSafeInteger(seen)
        ? await operations.events({ service, environment, afterSeq: seen, last: eventsAgain })
        : [];
      const view = await of.pageStreams.readBetween('view', () => operations.view(service, environment));
      of.pageStreams.open(
        reply,
        [
          { event: 'view', data: view },
          ...of.latestSignals(signalsFirst).map((data) => ({ event: 'signals', data })),
          ...missed.map((data) => ({ event: 'event', data, id: data.seq })),
        ],
        budgetOwnerOf(request),
        stillHolds(parts, request),
      );
    },
  );
}
