import { Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import * as z from 'zod';
import { controlPlaneSteps } from '../../../../core/units/next-steps/control-plane-steps.ts';
import { nextStep } from '../../../../core/units/next-steps/next-step.ts';
import type { Digest } from '../../../../core/units/digest.ts';
import { PlimsollError } from '../../../../core/units/errors.ts';
import type { ReplicaFiles } from '../../../../ports/serving/replica-files.ts';
import { digestSchema } from '../../../../schemas/http/release/http-artifact.ts';
import { httpErrorSchema } from '../../../../schemas/http/http-control-plane.ts';
import { replicaFileListSchema, replicaTokenHeader } from '../../../../schemas/replica/replica-files.ts';
import type { Server } from '../../http-parts.ts';

const errors = { '4xx': httpErrorSchema, '5xx': httpErrorSchema };
/** The token of the replica decides, and not a role. */
const config = { access: 'anyone' } as const;
const atOnceAtMost = 32;

/** For replicas on other machines, which hold no files before they start. */
export function replicaFileRoutes(server: Server, files: ReplicaFiles): void {
  let open = 0;
  server.get(
    '/v1/replica-files',
    {
      config,
      schema: {
        tags: ['replicas'],
        summary: 'The files of code and model of the replica whose token comes along',
        response: { 200: replicaFileListSchema, ...errors },
      },
    },
    async (request) => {
      const { code, model } = await files.list(tokenOf(request), AbortSignal.timeout(listWithinMs));
      return { code: [...code], model: [...model] };
    },
  );
  server.get(
    '/v1/replica-files/:digest',
    {
      config,
      schema: {
        tags: ['replicas'],
        summary: 'One of these files, from a byte on, as application/octet-stream',
        params: z.object({ digest: digestSchema as z.ZodType<Digest> }),
        querystring: z.object({ from: z.coerce.number().int().nonnegative().default(0) }),
      },
    },
    async (request, reply) => {
      const token = tokenOf(request);
      // Who proves nothing takes no place of those who do.
      await files.list(token, AbortSignal.timeout(listWithinMs));
      if (open >= atOnceAtMost) throw busy();
      const gone = new AbortController();
      let isOpen = true;
      open += 1;
      reply.raw.once('close', () => {
        gone.abort();
        if (isOpen) open -= 1;
        isOpen = false;
      });
      const bytes = await files.open(token, request.params.digest, request.query.from, gone.signal);
      return reply.type('application/octet-stream').send(Readable.from(bytes));
    },
  );
}

const listWithinMs = 20_000;

function tokenOf({ headers }: FastifyRequest): string {
  const token = headers[replicaTokenHeader];
  if (typeof token === 'string' && token !== '') return token;
  throw new PlimsollError({
    code: 'replica-token',
    category: 'unauthorized',
    message: `the header ${replicaTokenHeader} is missing`,
    next: nextStep(controlPlaneSteps, 'replica-token'),
  });
}

function busy(): PlimsollError {
  return new PlimsollError({
    code: 'files-busy',
    category: 'overloaded',
    message: `${atOnceAtMost} replicas are fetching files already`,
    next: 'ask again in a few seconds',
  });
}
