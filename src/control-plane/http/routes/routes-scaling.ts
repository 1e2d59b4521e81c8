import * as z from 'zod';
import { httpErrorSchema } from '../../../schemas/http/http-control-plane.ts';
import {
  scalingAnswerSchema,
  scalingDecisionsAtMost,
  scalingRecordAnswerSchema,
} from '../../../schemas/http/http-scaling.ts';
import type { HttpParts, Server } from '../http-parts.ts';
import { operationsOf, scopeOf } from '../asked.ts';

const errors = { '4xx': httpErrorSchema, '5xx': httpErrorSchema };
const scopeSchema = z.object({ service: z.string().exactOptional(), environment: z.string().exactOptional() });
const lastSchema = z.coerce.number().int().positive().max(scalingDecisionsAtMost).default(scalingDecisionsAtMost);

export function scalingRoutes(server: Server, parts: HttpParts): void {
  server.get(
    '/v1/scaling',
    {
      config: { access: 'view', scope: 'request' },
      schema: {
        tags: ['scaling'],
        summary: 'What scaling stands at, and its newest decisions with their reasons, oldest first',
        querystring: scopeSchema.extend({ last: lastSchema }),
        response: { 200: scalingAnswerSchema, ...errors },
      },
    },
    async (request) => operationsOf(parts, request).scaling({ ...request.query, ...scopeOf(parts, request.query) }),
  );
  server.get(
    '/v1/scaling/:seq',
    {
      config: { access: 'view', scope: 'request' },
      schema: {
        tags: ['scaling'],
        summary: 'All that one decision was made from, whole enough to decide it again',
        params: z.object({ seq: z.coerce.number().int().positive() }),
        querystring: scopeSchema,
        response: { 200: scalingRecordAnswerSchema, ...errors },
      },
    },
    async (request) =>
      operationsOf(parts, request).scalingDecision({ ...request.params, ...scopeOf(parts, request.query) }),
  );
}
