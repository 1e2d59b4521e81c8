import { httpErrorSchema } from '../../../../schemas/http/http-control-plane.ts';
import { isolateReplicaSchema, isolationAnswerSchema } from '../../../../schemas/http/release/http-isolation.ts';
import { operationsOf } from '../../asked.ts';
import type { HttpParts, Server } from '../../http-parts.ts';

export function isolationRoutes(server: Server, parts: HttpParts): void {
  server.post(
    '/v1/replicas/isolation',
    {
      config: { access: 'operate', scope: 'request' },
      schema: {
        tags: ['drift'],
        summary: 'Keeps a replica from traffic for diagnosis, gives it back, or stops it',
        body: isolateReplicaSchema,
        response: { 200: isolationAnswerSchema, '4xx': httpErrorSchema, '5xx': httpErrorSchema },
      },
    },
    async (request) => operationsOf(parts, request).isolateReplica(request.body),
  );
}
