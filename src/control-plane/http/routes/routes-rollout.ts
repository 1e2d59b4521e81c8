import * as z from 'zod';
import { digestSchema } from '../../../schemas/http/release/http-artifact.ts';
import { httpErrorSchema } from '../../../schemas/http/http-control-plane.ts';
import { evidenceKindSchema, evidenceStateSchema, waiverSchema } from '../../../schemas/http/http-evidence.ts';
import {
  axisSchema,
  barSchema,
  cancelAskSchema,
  releaseAnswerSchema,
  releaseAskSchema,
  releaseRequestSchema,
  releaseSchema,
  removalAnswerSchema,
  removalRequestSchema,
  rollbackAnswerSchema,
  rollbackRequestSchema,
  approvalAnswerSchema,
  approvalRequestSchema,
  waiveRequestSchema,
} from '../../../schemas/http/release/http-release.ts';
import { serviceViewSchema } from '../../../schemas/http/http-view.ts';
import { askedBy, operationsOf, scopeOf } from '../asked.ts';
import type { HttpParts, Server } from '../http-parts.ts';

const errors = { '4xx': httpErrorSchema, '5xx': httpErrorSchema };
const scopeSchema = z.object({ service: z.string().exactOptional(), environment: z.string().exactOptional() });

export function rolloutRoutes(server: Server, parts: HttpParts): void {
  readingRoutes(server, parts);

  server.post(
    '/v1/releases',
    {
      config: { access: 'release', scope: 'request' },
      schema: {
        tags: ['rollout'],
        summary:
          'Release a bundle that was sent: judged here by bars, golden set, evidence and signature, then numbered. 202 while its model is still fetched; 200 where no number was made',
        body: releaseRequestSchema,
        response: { 200: releaseAnswerSchema, 201: releaseAnswerSchema, 202: releaseAnswerSchema, ...errors },
      },
    },
    async (request, reply) => {
      const answer = await operationsOf(parts, request).release(request.body);
      return reply.status(answerStatus[answer.outcome]).send(answer);
    },
  );
  askRoutes(server, parts);
  server.post(
    '/v1/rollbacks',
    {
      config: { access: 'operate', scope: 'request' },
      schema: {
        tags: ['rollout'],
        summary: 'Return one axis to where it was; the digest that is left is barred',
        body: rollbackRequestSchema,
        response: { 201: rollbackAnswerSchema, ...errors },
      },
    },
    async (request, reply) => reply.status(201).send(await operationsOf(parts, request).rollback(request.body)),
  );
  server.post(
    '/v1/services/remove',
    {
      config: { access: 'operate', scope: 'request' },
      schema: {
        tags: ['rollout'],
        summary:
          'Remove a service: its traffic is taken away, its replicas drain and stop, its records stay. Asked again, it says how far that is',
        body: removalRequestSchema,
        response: { 200: removalAnswerSchema, ...errors },
      },
    },
    async (request) =>
      operationsOf(parts, request).removeService({
        ...scopeOf(parts, { ...askedBy(request), ...request.body }),
        reason: request.body.reason ?? 'no reason was given',
      }),
  );
  server.delete(
    '/v1/bars/:axis/:digest',
    {
      config: { access: 'operate', scope: 'request' },
      schema: {
        tags: ['rollout'],
        summary: 'Lift the bar on a digest; its first hexadecimal digits are enough',
        params: z.object({ axis: axisSchema, digest: z.union([digestSchema, z.string().min(4).max(71)]) }),
        querystring: scopeSchema.extend({ reason: z.string().min(1).max(2_000) }),
        response: { 200: barSchema, ...errors },
      },
    },
    async (request) =>
      operationsOf(parts, request).liftBar({ ...request.query, ...request.params, ...scopeOf(parts, request.query) }),
  );
  server.post(
    '/v1/waivers',
    {
      config: { access: 'operate', scope: 'request' },
      schema: {
        tags: ['evidence'],
        summary:
          'Waive one kind of evidence until a date, on the record; what was measured and fails only with `failing: true`',
        body: waiveRequestSchema,
        response: { 204: z.null(), ...errors },
      },
    },
    async (request, reply) => {
      await operationsOf(parts, request).waive(request.body);
      return reply.status(204).send(null);
    },
  );
  server.post(
    '/v1/approvals',
    {
      config: { access: 'release', scope: 'request' },
      schema: {
        tags: ['rollout'],
        summary: 'Approve a bundle, where the policy of the environment asks for somebody else than the releaser',
        body: approvalRequestSchema,
        response: { 201: approvalAnswerSchema, ...errors },
      },
    },
    async (request, reply) => reply.status(201).send(await operationsOf(parts, request).approveRelease(request.body)),
  );
  server.delete(
    '/v1/waivers/:kind',
    {
      config: { access: 'operate', scope: 'request' },
      schema: {
        tags: ['evidence'],
        summary:
          'Take back every waiver of one kind of evidence, on the record; the answer is those that were in force',
        params: z.object({ kind: evidenceKindSchema }),
        querystring: scopeSchema.extend({ reason: z.string().min(1).max(2_000) }),
        response: { 200: z.array(waiverSchema), ...errors },
      },
    },
    async (request) => [
      ...(await operationsOf(parts, request).withdrawWaivers({
        ...request.query,
        ...request.params,
        ...scopeOf(parts, request.query),
      })),
    ],
  );
}

const answerStatus = { released: 201, live: 200, renewed: 200, fetching: 202, requested: 202 } as const;

function askRoutes(server: Server, parts: HttpParts): void {
  const params = z.object({ id: z.string().min(1).max(100) });
  server.get(
    '/v1/asks/:id',
    {
      config: { access: 'view', scope: 'request' },
      schema: {
        tags: ['rollout'],
        summary: 'A request for a release, and what became of it',
        params,
        querystring: scopeSchema,
        response: { 200: releaseAskSchema, ...errors },
      },
    },
    async (request) =>
      operationsOf(parts, request).releaseAsk({
        ...request.query,
        ...request.params,
        ...scopeOf(parts, request.query),
      }),
  );
  server.post(
    '/v1/asks/:id/cancel',
    {
      config: { access: 'release', scope: 'request' },
      schema: {
        tags: ['rollout'],
        summary: 'Take back a request for a release that is not decided yet',
        params,
        body: cancelAskSchema,
        response: { 200: releaseAskSchema, ...errors },
      },
    },
    async (request) => operationsOf(parts, request).cancelAsk({ ...request.body, ...request.params }),
  );
}

function readingRoutes(server: Server, parts: HttpParts): void {
  server.get(
    '/v1/view',
    {
      config: { access: 'view', scope: 'request' },
      schema: {
        tags: ['view'],
        summary: 'Everything that the page and `plimsoll status` show of the service',
        querystring: scopeSchema,
        response: { 200: serviceViewSchema, ...errors },
      },
    },
    async (request) => {
      const { service, environment } = scopeOf(parts, request.query);
      return operationsOf(parts, request).view(service, environment);
    },
  );
  server.get(
    '/v1/releases',
    {
      config: { access: 'view', scope: 'request' },
      schema: {
        tags: ['rollout'],
        summary: 'Every release, oldest first',
        querystring: scopeSchema,
        response: { 200: z.array(releaseSchema), ...errors },
      },
    },
    async (request) => {
      const { service, environment } = scopeOf(parts, request.query);
      return [...(await operationsOf(parts, request).releases(service, environment))];
    },
  );
  server.get(
    '/v1/evidence',
    {
      config: { access: 'view', scope: 'request' },
      schema: {
        tags: ['evidence'],
        summary: 'The evidence table as of now',
        querystring: scopeSchema,
        response: { 200: z.array(evidenceStateSchema), ...errors },
      },
    },
    async (request) => {
      const { service, environment } = scopeOf(parts, request.query);
      return [...(await operationsOf(parts, request).evidence(service, environment))];
    },
  );
}
