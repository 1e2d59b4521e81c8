import type { FastifyRequest } from 'fastify';
import * as z from 'zod';
import { PlimsollError } from '../../../../core/units/errors.ts';
import { gatewayReportsAnswerSchema, gatewayReportsSchema } from '../../../../schemas/gateway/gateway-fleet.ts';
import {
  countsRecordedHeader,
  gatewayReportSchema,
  type GatewayReport,
} from '../../../../schemas/gateway/gateway-report.ts';
import { replayKeyHeader } from '../../../../schemas/gateway/golden-replay.ts';
import { httpErrorSchema } from '../../../../schemas/http/http-control-plane.ts';
import {
  segmentAnswerSchema,
  segmentBytesAtMost,
  segmentContentType,
  segmentQuerySchema,
} from '../../../../schemas/monitoring/sample-segment.ts';
import { readSegment } from '../../../monitoring/read-segment.ts';
import { budgetOwnerOf, stillHolds } from '../../asked.ts';
import type { HttpParts, Server } from '../../http-parts.ts';

const errors = { '4xx': httpErrorSchema, '5xx': httpErrorSchema };
const gatewayParams = z.object({ id: z.string().min(1).max(100) });
const scopeSchema = z.object({ service: z.string().exactOptional(), environment: z.string().exactOptional() });
/** A gateway of hundreds of services says some kilobytes of each. */
const reportsBytesAtMost = 16 * 1024 * 1024;

export function gatewayRoutes(server: Server, parts: HttpParts): void {
  server.get(
    '/v1/gateways/:id/routing',
    {
      config: { access: 'gateway' },
      schema: {
        tags: ['gateway'],
        summary: 'Server-sent events `routing`: the newest generation at once, then each further one',
        params: gatewayParams,
        querystring: scopeSchema,
      },
    },
    (request, reply) => {
      const of = parts.ofGateway(request.params.id, request.query);
      const table = of.routing();
      const first = table === null ? [] : [{ event: 'routing', data: table, id: table.generation }];
      of.routingStreams.open(reply, first, budgetOwnerOf(request), stillHolds(parts, request));
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
        querystring: scopeSchema,
        body: gatewayReportSchema,
        response: { 204: z.null(), ...errors },
      },
    },
    async (request, reply) => {
      requireOwnReport(request.params.id, request.body);
      const of = parts.ofGateway(request.params.id, request.query);
      const recorded = of.gatewayReported(request.body, hostOf(request), budgetOwnerOf(request));
      void reply.header(replayKeyHeader, of.replayKey).header(countsRecordedHeader, String(recorded));
      return reply.status(204).send(null);
    },
  );
  samplesRoute(server, parts);
  fleetRoutes(server, parts);
}

/** The body is taken as it comes: each of its records is checked by itself. */
function samplesRoute(server: Server, parts: HttpParts): void {
  void server.register((scope: Server, _options, done) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(segmentContentType, { parseAs: 'buffer' }, (_request, body, parsed) => {
      parsed(null, body);
    });
    scope.post(
      '/v1/gateways/:id/samples',
      {
        config: { access: 'gateway' },
        bodyLimit: segmentBytesAtMost,
        schema: {
          tags: ['gateway'],
          summary: 'A segment of captured requests (application/vnd.plimsoll.segment), until it is acknowledged',
          params: gatewayParams,
          querystring: segmentQuerySchema,
          response: { 200: segmentAnswerSchema, ...errors },
        },
      },
      async (request) => {
        const { spool: spoolId, sequence, ...asked } = request.query;
        const of = parts.ofGateway(request.params.id, asked);
        const samples = readSegment(Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0));
        const segment = { gatewayId: request.params.id, spoolId, sequence, samples };
        return { acknowledged: await of.takeSamples(segment) };
      },
    );
    done();
  });
}

function fleetRoutes(server: Server, parts: HttpParts): void {
  server.get(
    '/v1/gateways/:id/fleet',
    {
      config: { access: 'gateway', scope: 'fleet' },
      schema: {
        tags: ['gateway'],
        summary:
          'Server-sent events `services`, at once and when one is added or goes, and `routing`, the newest table of each and each further one',
        params: gatewayParams,
      },
    },
    (request, reply) => {
      const first = [
        { event: 'services', data: parts.gatewayServices() },
        ...parts.routingTables().map((data) => ({ event: 'routing', data })),
      ];
      parts.gatewayStreams.open(reply, first, budgetOwnerOf(request), stillHolds(parts, request));
    },
  );
  server.post(
    '/v1/gateways/:id/reports',
    {
      config: { access: 'gateway', scope: 'fleet' },
      bodyLimit: reportsBytesAtMost,
      schema: {
        tags: ['gateway'],
        summary: 'What a gateway says of each of its services once a second',
        params: gatewayParams,
        body: gatewayReportsSchema,
        response: { 200: gatewayReportsAnswerSchema, ...errors },
      },
    },
    (request) => {
      for (const { report } of request.body.reports) requireOwnReport(request.params.id, report);
      return parts.gatewaysReported(request.body, hostOf(request), budgetOwnerOf(request));
    },
  );
}

const hostOf = ({ raw }: FastifyRequest): string | null => raw.socket.remoteAddress ?? null;

/** @throws PlimsollError `gateway-id-mismatch` (input). */
function requireOwnReport(id: string, { gatewayId }: GatewayReport): void {
  if (gatewayId === id) return;
  throw new PlimsollError({
    code: 'gateway-id-mismatch',
    category: 'input',
    message: `the path names gateway ${id}, the report ${gatewayId}`,
  });
}
