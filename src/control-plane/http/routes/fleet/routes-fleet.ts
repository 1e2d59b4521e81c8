import { decideAccess, type Requester } from '../../../../core/access/requester.ts';
import { httpErrorSchema } from '../../../../schemas/http/http-control-plane.ts';
import { fleetViewSchema } from '../../../../schemas/http/fleet/http-fleet.ts';
import type { FleetChange, FleetEntry, FleetView } from '../../../../schemas/view/fleet-view.ts';
import { budgetOwnerOf, requesterOf, stillHolds } from '../../asked.ts';
import type { HttpParts, Server } from '../../http-parts.ts';

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
    (request) => showFleet(parts.fleet(), readableBy(requesterOf(request))),
  );
  server.get(
    '/v1/fleet/stream',
    {
      config: { access: 'view', scope: 'request' },
      schema: {
        tags: ['view'],
        summary:
          'Server-sent events `fleet`, the whole list at once, and `fleet-change`, of what the requester may read',
      },
    },
    (request, reply) => {
      const mayRead = readableBy(requesterOf(request));
      parts.fleetStreams.open(
        reply,
        [{ event: 'fleet', data: parts.fleet() }],
        budgetOwnerOf(request),
        stillHolds(parts, request),
        ({ event, data }) => ({ event, data: showFleet(data as FleetView | FleetChange, mayRead) }),
      );
    },
  );
}

type MayRead = (scope: Pick<FleetEntry, 'service' | 'environment'>) => boolean;

const readableBy =
  (requester: Requester): MayRead =>
  (scope) =>
    decideAccess(requester, 'view', scope).allowed;

function showFleet<News extends FleetView | FleetChange>(news: News, mayRead: MayRead): News {
  return 'services' in news
    ? { ...news, services: news.services.filter(mayRead), ...readableSpares(news, mayRead) }
    : {
        ...news,
        changed: news.changed.filter(mayRead),
        gone: news.gone.filter(mayRead),
        ...readableSpares(news, mayRead),
      };
}

/** Groups of spares with a service that the reader may see, and of their services these alone. */
function readableSpares({ spares }: Pick<FleetView, 'spares'>, mayRead: MayRead): Pick<FleetView, 'spares'> {
  if (spares === undefined) return {};
  const readable = spares.map((group) => ({
    ...group,
    services: group.services.filter((service) => mayRead({ service, environment: group.environment })),
  }));
  return { spares: readable.filter(({ services }) => services.length > 0) };
}
