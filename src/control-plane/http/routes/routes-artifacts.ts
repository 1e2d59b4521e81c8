import * as z from 'zod';
import { controlPlaneSteps } from '../../../core/units/next-steps/control-plane-steps.ts';
import { nextStep } from '../../../core/units/next-steps/next-step.ts';
import { PlimsollError } from '../../../core/units/errors.ts';
import {
  addedDataVersionSchema,
  addedModelVersionSchema,
  dataVersionSchema,
  artifactNameSchema,
  nameSchema,
  newAliasMoveSchema,
  newDataVersionSchema,
  newModelVersionSchema,
  registrySyncSchema,
} from '../../../schemas/http/release/http-artifact.ts';
import { httpErrorSchema } from '../../../schemas/http/http-control-plane.ts';
import { lineageGraphSchema, modelWithHistorySchema } from '../../../schemas/http/release/http-lineage.ts';
import { lineageGraph } from '../../../core/registry/lineage-graph.ts';
import type { FastifyRequest } from 'fastify';
import type { HttpParts, Server } from '../http-parts.ts';
import { requireRole } from '../access/authorize.ts';
import { askedBy, operationsOf, requesterOf, scopeOf } from '../asked.ts';

const errors = { '4xx': httpErrorSchema, '5xx': httpErrorSchema };
const byName = z.object({ name: artifactNameSchema });
const scope = z.object({ service: nameSchema.exactOptional(), environment: nameSchema.exactOptional() });
/** Whose a new version or a moved alias is. */
const byService = z.object({ service: nameSchema.exactOptional() });

export function artifactRoutes(server: Server, parts: HttpParts): void {
  modelRoutes(server, parts);
  dataRoutes(server, parts);
  lineageRoute(server, parts);
}

function modelRoutes(server: Server, parts: HttpParts): void {
  const { store } = parts;
  server.get(
    '/v1/models',
    {
      config: { access: 'view', scope: 'request' },
      schema: {
        tags: ['artifacts'],
        summary: 'Names of models',
        querystring: scope,
        response: { 200: z.array(z.string()), ...errors },
      },
    },
    async (request) => [...(await store.modelNames(environmentRead(parts, request)))],
  );
  server.get(
    '/v1/models/:name',
    {
      config: { access: 'view', scope: 'request' },
      schema: {
        tags: ['artifacts'],
        summary: 'Versions, aliases and history of aliases of a model',
        params: byName,
        querystring: scope,
        response: {
          200: modelWithHistorySchema,
          ...errors,
        },
      },
    },
    async (request) => {
      const environment = environmentRead(parts, request);
      const versions = await store.modelVersions(environment, request.params.name);
      if (versions.length === 0) throw unknown('model', request.params.name);
      return {
        versions: [...versions],
        aliases: await store.aliases(environment, request.params.name),
        history: [...(await store.aliasHistory(environment, request.params.name))],
        claims: [...(await store.artifactClaims(environment, 'model', request.params.name))],
      };
    },
  );
  server.post(
    '/v1/models',
    {
      config: { access: 'release', scope: 'request' },
      schema: {
        tags: ['artifacts'],
        summary: 'Add a version of a model whose files are stored as blobs already',
        querystring: byService,
        body: newModelVersionSchema,
        response: { 201: addedModelVersionSchema, ...errors },
      },
    },
    async (request, reply) => reply.status(201).send(await operationsOf(parts, request).addModelVersion(request.body)),
  );
  server.post(
    '/v1/models/syncs',
    {
      config: { access: 'release', scope: 'request' },
      schema: {
        tags: ['artifacts'],
        summary: 'Record what became of a version or an alias that is shared with a registry elsewhere',
        querystring: byService,
        body: registrySyncSchema,
        response: { 204: z.null(), ...errors },
      },
    },
    async (request, reply) => {
      await operationsOf(parts, request).recordRegistrySync(request.body);
      return reply.status(204).send(null);
    },
  );
  server.post(
    '/v1/models/aliases',
    {
      config: { access: 'release', scope: 'request' },
      schema: {
        tags: ['artifacts'],
        summary: 'Move an alias; refused when it is not where `from` says',
        querystring: byService,
        body: newAliasMoveSchema,
        response: { 204: z.null(), ...errors },
      },
    },
    async (request, reply) => {
      await operationsOf(parts, request).moveAlias(request.body);
      return reply.status(204).send(null);
    },
  );
}

function lineageRoute(server: Server, parts: HttpParts): void {
  const { store } = parts;
  server.get(
    '/v1/lineage',
    {
      config: { access: 'view', scope: 'request' },
      schema: {
        tags: ['artifacts'],
        summary: 'Where the versions of a model came from, and which releases used them',
        querystring: z.object({
          service: nameSchema.exactOptional(),
          environment: nameSchema.exactOptional(),
          model: artifactNameSchema,
          version: z.coerce.number().int().positive().exactOptional(),
        }),
        response: { 200: lineageGraphSchema, ...errors },
      },
    },
    async (request) => {
      const { model, version } = request.query;
      const environment = environmentRead(parts, request);
      const versions = await store.modelVersions(environment, model);
      if (versions.length === 0) throw unknown('model', model);
      const names = await store.dataNames(environment);
      return lineageGraph({
        versions,
        only: version ?? null,
        aliases: await store.aliases(environment, model),
        data: (await Promise.all(names.map((name) => store.dataVersions(environment, name)))).flat(),
        releases: await store.releases(scopeOf(parts, request.query).service, environment),
      });
    },
  );
}

function dataRoutes(server: Server, parts: HttpParts): void {
  const { store } = parts;
  server.get(
    '/v1/data',
    {
      config: { access: 'view', scope: 'request' },
      schema: {
        tags: ['artifacts'],
        summary: 'Names of data',
        querystring: scope,
        response: { 200: z.array(z.string()), ...errors },
      },
    },
    async (request) => [...(await store.dataNames(environmentRead(parts, request)))],
  );
  server.get(
    '/v1/data/:name',
    {
      config: { access: 'view', scope: 'request' },
      schema: {
        tags: ['artifacts'],
        summary: 'Versions of data',
        params: byName,
        querystring: scope,
        response: { 200: z.array(dataVersionSchema), ...errors },
      },
    },
    async (request) => {
      const environment = environmentRead(parts, request);
      const versions = await store.dataVersions(environment, request.params.name);
      if (versions.length === 0) throw unknown('data', request.params.name);
      return [...versions];
    },
  );
  server.post(
    '/v1/data',
    {
      config: { access: 'release', scope: 'request' },
      schema: {
        tags: ['artifacts'],
        summary: 'Add a version of data whose files are stored as blobs already',
        querystring: byService,
        body: newDataVersionSchema,
        response: { 201: addedDataVersionSchema, ...errors },
      },
    },
    async (request, reply) => reply.status(201).send(await operationsOf(parts, request).addDataVersion(request.body)),
  );
}

/** The environment whose artifacts are read. @throws PlimsollError `forbidden` where the requester may not read it. */
function environmentRead(parts: HttpParts, request: FastifyRequest): string {
  const asked = askedBy(request);
  const { service } = parts.scopeOf(asked);
  const environment = asked.environment ?? scopeOf(parts, asked).environment;
  requireRole(requesterOf(request), 'view', { service, environment });
  return environment;
}

function unknown(what: 'model' | 'data', name: string): PlimsollError {
  return new PlimsollError({
    code: `unknown-${what}`,
    category: 'not-found',
    message: `there is no ${what} ${name}`,
    next: nextStep(controlPlaneSteps, 'unknown-model+unknown-data', { kind: what }),
  });
}
