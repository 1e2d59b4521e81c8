import type { FastifyRequest } from 'fastify';
import * as z from 'zod';
import { countsRecordedHeader, gatewayReportSchema } from '../../../schemas/gateway/gateway-report.ts';
import { controlPlaneIdentitySchema, healthSchema, httpErrorSchema } from '../../../schemas/http/http-control-plane.ts';
import {
  eventQuerySchema,
  eventsInAnswer,
  moreEventsHeader,
  storedEventSchema,
} from '../../../schemas/http/http-event.ts';
import { poolsSchema } from '../../../schemas/http/http-pools.ts';
import { signalSampleSchema, historyPointSchema } from '../../../schemas/http/http-view.ts';
import { PlimsollError } from '../../../core/units/errors.ts';
import type { HttpParts, Server } from '../http-parts.ts';
import { operationsOf } from './routes-rollout.ts';

const errors = { '4xx': httpErrorSchema, '5xx': httpErrorSchema };
const gatewayParams = z.object({ id: z.string().min(1).max(100) });
/** Seconds of signals that a stream begins with, and the events it makes good after a break. */
const signalsFirst = 120;
const eventsAgain = 1_000;

export function watchRoutes(server: Server, parts: HttpParts): void {
  server.get(
    '/v1/identity',
    {
      config: { access: 'view', onThisMachine: 'anyone' },
      schema: {
        tags: ['control plane'],
        summary: 'Which control plane this is',
        response: { 200: controlPlaneIdentitySchema, ...errors },
      },
    },
    () => parts.identity(),
  );
  server.get(
    '/v1/health',
    {
      config: { access: 'view', onThisMachine: 'anyone' },
      schema: {
        tags: ['control plane'],
        summary: 'Whether the service is healthy, and whether the control plane is: 503 only for the latter',
        response: { 200: healthSchema, 503: healthSchema, ...errors },
      },
    },
    async (_request, reply) => {
      const health = parts.health();
      // A probe that restarts a control plane would not make a failing service better.
      return reply.status(health.controlPlane ? 200 : 503).send({ ...health, problems: [...health.problems] });
    },
  );
  server.get('/metrics', { schema: { hide: true } }, async (_request, reply) =>
    reply.type('text/plain; version=0.0.4; charset=utf-8').send(await parts.metrics()),
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
        service: parts.service,
        environment: parts.environment,
        ...query,
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
        querystring: z.object({ last: z.coerce.number().int().positive().max(600).default(120) }),
        response: { 200: z.array(signalSampleSchema), ...errors },
      },
    },
    (request) => [...parts.latestSignals(request.query.last)],
  );
  server.get(
    '/v1/signals/history',
    {
      config: { access: 'view' },
      schema: {
        tags: ['view'],
        summary: 'The signals of the last hours: a point a minute for the last two, one in ten minutes before',
        querystring: z.object({ hours: z.coerce.number().positive().max(192).default(24) }),
        response: { 200: z.array(historyPointSchema), ...errors },
      },
    },
    async (request) => [...(await parts.history(request.query.hours))],
  );
  server.get(
    '/v1/pools',
    {
      config: { access: 'view' },
      schema: {
        tags: ['view'],
        summary: "The pools of the service's environments: nodes, services and devices, and what fits where",
        response: { 200: poolsSchema, ...errors },
      },
    },
    async () => [...(await parts.pools())],
  );
  streamRoute(server, parts);
  gatewayRoutes(server, parts);
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
      },
    },
    async (request, reply) => {
      const { service, environment } = parts;
      const operations = operationsOf(parts, request);
      const seen = Number(request.headers['last-event-id'] ?? NaN);
      const missed = Number.isSafeInteger(seen)
        ? await operations.events({ service, environment, afterSeq: seen, last: eventsAgain })
        : [];
      parts.pageStreams.open(
        reply,
        [
          { event: 'view', data: await operations.view(service, environment) },
          ...parts.latestSignals(signalsFirst).map((data) => ({ event: 'signals', data })),
          ...missed.map((data) => ({ event: 'event', data, id: data.seq })),
        ],
        request.keyId ?? request.ip,
        stillHolds(parts, request),
      );
    },
  );
}

/** Whether the credential that the stream was opened with is still known; a stream without one goes on. */
function stillHolds(parts: HttpParts, { keyId }: FastifyRequest): () => boolean {
  return () => keyId === null || parts.access.credentials.findByKeyId(keyId) !== null;
}

function gatewayRoutes(server: Server, parts: HttpParts): void {
  server.get(
    '/v1/gateways/:id/routing',
    {
      config: { access: 'gateway' },
      schema: {
        tags: ['gateway'],
        summary: 'Server-sent events `routing`: the newest generation at once, then each further one',
        params: gatewayParams,
      },
    },
    (request, reply) => {
      const table = parts.routing();
      const first = table === null ? [] : [{ event: 'routing', data: table, id: table.generation }];
      parts.routingStreams.open(reply, first, request.params.id, stillHolds(parts, request));
    },
  );
  server.post(
    '/v1/gateways/:id/report',
    {
      config: { access: 'gateway' },
      schema: {
        tags: ['gateway'],
        summary: 'What a gateway says once a second, and at once after it applied a generation',
        params: gatewayParams,
        body: gatewayReportSchema,
        response: { 204: z.null(), ...errors },
      },
    },
    async (request, reply) => {
      if (request.body.gatewayId !== request.params.id) {
        throw new PlimsollError({
          code: 'gateway-id-mismatch',
          category: 'input',
          message: `the path names gateway ${request.params.id}, the report ${request.body.gatewayId}`,
        });
      }
      const recorded = parts.gatewayReported(request.body);
      return reply.status(204).header(countsRecordedHeader, String(recorded)).send(null);
    },
  );
}
