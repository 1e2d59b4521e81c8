import * as z from 'zod';
import { nameSchema } from '../../../../schemas/http/release/http-artifact.ts';
import { httpErrorSchema } from '../../../../schemas/http/http-control-plane.ts';
import {
  artifactClaimSchema,
  serviceClaimSchema,
  shareRequestSchema,
  transferRequestSchema,
} from '../../../../schemas/http/fleet/http-ownership.ts';
import { operationsOf } from '../../asked.ts';
import type { HttpParts, Server } from '../../http-parts.ts';

const errors = { '4xx': httpErrorSchema, '5xx': httpErrorSchema };

/** Whose services, models and data are. */
export function ownershipRoutes(server: Server, parts: HttpParts): void {
  server.post(
    '/v1/artifacts/shares',
    {
      config: { access: 'release', scope: 'request' },
      schema: {
        tags: ['artifacts'],
        summary: 'Let another service release a model or data of this one, or no more; answers who may do what with it',
        querystring: z.object({ service: nameSchema.exactOptional() }),
        body: shareRequestSchema,
        response: { 200: z.array(artifactClaimSchema), ...errors },
      },
    },
    async (request) => [...(await operationsOf(parts, request).shareArtifact(request.body))],
  );
  server.post(
    '/v1/services/transfers',
    {
      config: { access: 'operate', scope: 'request' },
      schema: {
        tags: ['access'],
        summary: 'Say of which tokens a service is from now on',
        body: transferRequestSchema,
        response: { 200: serviceClaimSchema, ...errors },
      },
    },
    (request) => operationsOf(parts, request).transferService(request.body),
  );
}
