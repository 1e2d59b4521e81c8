import * as z from 'zod';
import { httpErrorSchema } from '../../../../schemas/http/http-control-plane.ts';
import {
  askedLabelsSchema,
  askLabelsRequestSchema,
  labelsAnswerSchema,
  labelsRequestSchema,
  labelsStatusSchema,
} from '../../../../schemas/http/monitoring/http-labels.ts';
import type { HttpParts, Server } from '../../http-parts.ts';
import { operationsOf, scopeOf } from '../../asked.ts';

const scopeSchema = z.object({ service: z.string().exactOptional(), environment: z.string().exactOptional() });
const errors = { '4xx': httpErrorSchema, '5xx': httpErrorSchema };

/** The truth about answers, which comes late. */
export function labelRoutes(server: Server, parts: HttpParts): void {
  server.post(
    '/v1/labels',
    {
      config: { access: 'measure' },
      schema: {
        tags: ['labels'],
        summary: 'Which answers were right, or what they should have been: at most 10,000, each request id once',
        querystring: scopeSchema,
        body: labelsRequestSchema,
        response: { 200: labelsAnswerSchema, ...errors },
      },
    },
    async (request) => {
      const answer = await operationsOf(parts, request).addLabels({
        ...request.body,
        ...scopeOf(parts, request.query),
      });
      return { ...answer };
    },
  );
  server.post(
    '/v1/labels/ask',
    {
      config: { access: 'measure' },
      schema: {
        tags: ['labels'],
        summary: 'Chooses captured requests to be labelled, and records the choice; the same id again gives the same',
        querystring: scopeSchema,
        body: askLabelsRequestSchema,
        response: { 200: askedLabelsSchema, ...errors },
      },
    },
    async (request) => operationsOf(parts, request).askLabels({ ...request.body, ...scopeOf(parts, request.query) }),
  );
  server.get(
    '/v1/labels',
    {
      config: { access: 'view', scope: 'request' },
      schema: {
        tags: ['labels'],
        summary: 'How many labels came and how late, and the live risk with its limits against what was evaluated',
        querystring: scopeSchema,
        response: { 200: labelsStatusSchema, ...errors },
      },
    },
    async (request) => operationsOf(parts, request).labels(scopeOf(parts, request.query)),
  );
}
