import * as z from 'zod';
import {
  arrivalsAnswerSchema,
  capacityPlanAnswerSchema,
  planDaysAtMost,
  plannedReleases,
  planNodesDownAtMost,
} from '../../../schemas/http/fleet/http-capacity-plan.ts';
import { httpErrorSchema } from '../../../schemas/http/http-control-plane.ts';
import { operationsOf, scopeOf } from '../asked.ts';
import type { HttpParts, Server } from '../http-parts.ts';

const errors = { '4xx': httpErrorSchema, '5xx': httpErrorSchema };
const scopeSchema = z.object({ service: z.string().exactOptional(), environment: z.string().exactOptional() });

export function capacityPlanRoutes(server: Server, parts: HttpParts): void {
  server.get(
    '/v1/arrivals',
    {
      config: { access: 'view', scope: 'request' },
      schema: {
        tags: ['scaling'],
        summary: 'Mean rates of the recorded days, the newest without a gap, oldest first',
        querystring: scopeSchema,
        response: { 200: arrivalsAnswerSchema, ...errors },
      },
    },
    async (request) => operationsOf(parts, request).arrivals(scopeOf(parts, request.query)),
  );
  server.get(
    '/v1/capacity/plan',
    {
      config: { access: 'view', scope: 'request' },
      schema: {
        tags: ['scaling'],
        summary:
          'Replicas, devices and money of the weeks to come with their intervals, and the day when the pool is full; or what is missing for it',
        querystring: scopeSchema.extend({
          growth: z.string().max(60).exactOptional(),
          days: z.coerce.number().int().positive().max(planDaysAtMost).exactOptional(),
          release: z.enum(plannedReleases).exactOptional(),
          nodesDown: z.coerce.number().int().nonnegative().max(planNodesDownAtMost).exactOptional(),
        }),
        response: { 200: capacityPlanAnswerSchema, ...errors },
      },
    },
    async (request) =>
      operationsOf(parts, request).capacityPlan({ ...request.query, ...scopeOf(parts, request.query) }),
  );
}
