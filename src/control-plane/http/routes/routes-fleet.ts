import type { FastifyRequest } from 'fastify';
import { decideAccess } from '../../../core/access/requester.ts';
import { httpErrorSchema } from '../../../schemas/http/http-control-plane.ts';
import { fleetViewSchema } from '../../../schemas/http/http-fleet.ts';
import type { FleetView } from '../../../schemas/view/fleet-view.ts';
import { requesterOf, stillHolds } from '../asked.ts';
import type { HttpParts, Server } from '../http-parts.ts';

const errors = { '4xx': httpErrorSchema, '5xx': httpErrorSchema };

/** The list of services, of which everyone sees what they may read. */
export function fleetRoutes(server: Server, parts: HttpParts): void {
  server.get(
    '/v1/fleet',
    {
      config: { access: 'view', scope: 'request' },
      schema: {
        tags: ['view'],
        summary: 'Every service that the requester may read: its health, what is live, and what is under way',
        response: { 200: fleetViewSchema, ...errors },
      },
    },
    (request) => visibleFleet(parts, request),
  );
  server.get(
    '/v1/fleet/stream',
    {
      config: { access: 'view', scope: 'fleet' },
      schema: {
        tags: ['view'],
        summary:
          'Server-sent events `fleet`, the whole list at once, and `fleet-change`; for who may read every service',
      },
    },
    (request, reply) => {
      const first = [{ event: 'fleet', data: parts.fleet() }];
      parts.fleetStreams.open(reply, first, request.keyId ?? request.ip, stillHolds(parts, request));
    },
  );
}

function visibleFleet(parts: HttpParts, request: FastifyRequest): FleetView {
  const requester = requesterOf(request);
  const fleet = parts.fleet();
  return { ...fleet, services: fleet.services.filter((scope) => decideAccess(requester, 'view', scope).allowed) };
}
