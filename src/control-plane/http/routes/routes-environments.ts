import * as z from 'zod';
import {
  environmentRecordSchema,
  environmentTermsSchema,
  termKeysSchema,
} from '../../../schemas/environment/environment-terms.ts';
import { nameSchema } from '../../../schemas/http/release/http-artifact.ts';
import { httpErrorSchema } from '../../../schemas/http/http-control-plane.ts';
import { operationsOf } from '../asked.ts';
import type { HttpParts, Server } from '../http-parts.ts';

const errors = { '4xx': httpErrorSchema, '5xx': httpErrorSchema };
const params = z.object({ environment: nameSchema });

/** What holds for every service of an environment: its platform, prices, pool, policy and spares. */
export function environmentRoutes(server: Server, parts: HttpParts): void {
  server.get(
    '/v1/environments',
    {
      config: { access: 'view', scope: 'request' },
      schema: {
        tags: ['environments'],
        summary: 'The record of each environment that the requester may read',
        response: { 200: z.array(environmentRecordSchema), ...errors },
      },
    },
    async (request) => [...(await operationsOf(parts, request).environmentRecords())],
  );
  server.put(
    '/v1/environments/:environment',
    {
      config: { access: 'operate', scope: 'request' },
      schema: {
        tags: ['environments'],
        summary:
          'Set the record of an environment, in the place of what was recorded; with `version` only from that one',
        params,
        body: z.strictObject({
          terms: environmentTermsSchema,
          version: z.number().int().nonnegative().exactOptional(),
        }),
        response: { 200: environmentRecordSchema, ...errors },
      },
    },
    (request) => operationsOf(parts, request).setEnvironmentRecord({ ...request.params, ...request.body }),
  );
  server.delete(
    '/v1/environments/:environment',
    {
      config: { access: 'operate', scope: 'request' },
      schema: {
        tags: ['environments'],
        summary: 'Take keys of the record back, `keys=prices,policy`; all of them without',
        params,
        querystring: z.object({ keys: termKeysSchema.exactOptional() }),
        response: { 200: environmentRecordSchema, ...errors },
      },
    },
    (request) =>
      operationsOf(parts, request).clearEnvironmentRecord({ ...request.params, keys: request.query.keys ?? [] }),
  );
}
