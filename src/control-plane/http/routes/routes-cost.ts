import { httpErrorSchema } from '../../../schemas/http/http-control-plane.ts';
import {
  costQuerySchema,
  costReportSchema,
  rebuildQuerySchema,
  rebuiltLedgerSchema,
} from '../../../schemas/http/cost/http-cost.ts';
import {
  costedHoursQuerySchema,
  costedHoursSchema,
  costExportQuerySchema,
  costExportSchema,
} from '../../../schemas/http/cost/http-cost-export.ts';
import { operationsOf } from '../asked.ts';
import type { HttpParts, Server } from '../http-parts.ts';

const errors = { '4xx': httpErrorSchema, '5xx': httpErrorSchema };

/** The account of all devices. Without a service it needs the role for every service. */
export function costRoutes(server: Server, parts: HttpParts): void {
  server.get(
    '/v1/cost',
    {
      config: { access: 'view', scope: 'request' },
      schema: {
        tags: ['cost'],
        summary:
          'Where device time went, by state, added up `by` service, team, pool and others; recorded hours and the open one',
        querystring: costQuerySchema,
        response: { 200: costReportSchema, ...errors },
      },
    },
    (request) => operationsOf(parts, request).cost(request.query),
  );
  server.get(
    '/v1/cost/rebuild',
    {
      config: { access: 'operate', scope: 'request' },
      schema: {
        tags: ['cost'],
        summary:
          'Derives recorded hours from their facts again, and says whether each digit is the same; writes nothing',
        querystring: rebuildQuerySchema,
        response: { 200: rebuiltLedgerSchema, ...errors },
      },
    },
    (request) => operationsOf(parts, request).rebuildCost(request.query),
  );
  server.get(
    '/v1/cost/export',
    {
      config: { access: 'view', scope: 'request' },
      schema: {
        tags: ['cost'],
        summary: 'Recorded hours of the fleet with their money as FOCUS 1.2 (CSV) or as OpenCost has them (JSON)',
        querystring: costExportQuerySchema,
        response: { 200: costExportSchema, ...errors },
      },
    },
    (request) => operationsOf(parts, request).exportCost(request.query),
  );
  server.get(
    '/v1/cost/hours',
    {
      config: { access: 'view', scope: 'request' },
      schema: {
        tags: ['cost'],
        summary: 'Money of recorded hours by device, for an invoice to be held against',
        querystring: costedHoursQuerySchema,
        response: { 200: costedHoursSchema, ...errors },
      },
    },
    (request) => operationsOf(parts, request).costedHours(request.query),
  );
}
