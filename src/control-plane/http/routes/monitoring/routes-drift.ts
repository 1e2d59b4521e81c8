import * as z from 'zod';
import { driftSamplesAtMost } from '../../../../core/monitoring/samples/drift-sample.ts';
import { driftWindowsAtMost } from '../../../../ports/records/drift-records.ts';
import { httpErrorSchema } from '../../../../schemas/http/http-control-plane.ts';
import {
  acknowledgeDriftSchema,
  driftAnswerSchema,
  driftHistoryAnswerSchema,
  driftSamplesAnswerSchema,
} from '../../../../schemas/http/monitoring/http-drift.ts';
import { explainDriftAnswerSchema, explainedWindowsAtMost } from '../../../../schemas/http/monitoring/http-explain.ts';
import { operationsOf, scopeOf } from '../../asked.ts';
import type { HttpParts, Server } from '../../http-parts.ts';

const errors = { '4xx': httpErrorSchema, '5xx': httpErrorSchema };
const scopeSchema = z.object({ service: z.string().exactOptional(), environment: z.string().exactOptional() });
const lastWindowsSchema = z.coerce.number().int().positive().max(driftWindowsAtMost).exactOptional();
const lastSchema = z.coerce.number().int().positive().max(driftSamplesAtMost).default(20);

const explainSchema = scopeSchema.extend({
  name: z.string().min(1).max(1_000).exactOptional(),
  last: z.coerce.number().int().positive().max(explainedWindowsAtMost).default(20),
});

export function driftRoutes(server: Server, parts: HttpParts): void {
  server.get(
    '/v1/drift',
    {
      config: { access: 'view', scope: 'request' },
      schema: {
        tags: ['drift'],
        summary: 'How the watch of live answers stands: what runs, the budget of false alarms, and open alarms',
        querystring: scopeSchema,
        response: { 200: driftAnswerSchema, ...errors },
      },
    },
    async (request) => operationsOf(parts, request).drift(scopeOf(parts, request.query)),
  );
  server.get(
    '/v1/drift/history',
    {
      config: { access: 'view', scope: 'request' },
      schema: {
        tags: ['drift'],
        summary: 'Each feature over the newest windows beside its reference, worst first, and the evidence over time',
        querystring: scopeSchema.extend({ last: lastWindowsSchema }),
        response: { 200: driftHistoryAnswerSchema, ...errors },
      },
    },
    async (request) =>
      operationsOf(parts, request).driftHistory({ ...request.query, ...scopeOf(parts, request.query) }),
  );
  server.get(
    '/v1/drift/samples',
    {
      config: { access: 'operate', scope: 'request' },
      schema: {
        tags: ['drift'],
        summary: 'The newest captured requests as rows of features, newest last',
        querystring: scopeSchema.extend({ last: lastSchema }),
        response: { 200: driftSamplesAnswerSchema, ...errors },
      },
    },
    async (request) =>
      operationsOf(parts, request).driftSamples({ ...request.query, ...scopeOf(parts, request.query) }),
  );
  server.get(
    '/v1/drift/explain',
    {
      config: { access: 'view', scope: 'request' },
      schema: {
        tags: ['drift'],
        summary: 'How the evidence of series came about: replayed window by window, and compared with the live state',
        querystring: explainSchema,
        response: { 200: explainDriftAnswerSchema, ...errors },
      },
    },
    async (request) =>
      operationsOf(parts, request).explainDrift({ ...request.query, ...scopeOf(parts, request.query) }),
  );
  server.post(
    '/v1/drift/acknowledge',
    {
      config: { access: 'operate', scope: 'request' },
      schema: {
        tags: ['drift'],
        summary: 'Acknowledges an alarm, or all; with `newReference` the history begins anew',
        body: acknowledgeDriftSchema,
        response: { 200: driftAnswerSchema, ...errors },
      },
    },
    async (request) => operationsOf(parts, request).acknowledgeDrift(request.body),
  );
}
