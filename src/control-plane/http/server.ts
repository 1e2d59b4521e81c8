import fastify, { LogController, type FastifyBaseLogger, type FastifyError, type FastifyRequest } from 'fastify';
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Scope } from '../../core/access/requester.ts';
import { asPlimsollError, PlimsollError } from '../../core/units/errors.ts';
import { requireNearVersion, versionHeader } from '../../core/access/version-gap.ts';
import { authenticate, isReading } from './access/authenticate.ts';
import { authorize } from './access/authorize.ts';
import { signInRoutes } from './access/sign-in/routes-sign-in.ts';
import { sessionRoutes } from './access/routes-session.ts';
import { requireGatewayCertificate } from './access/gateway-certificates.ts';
import { requireSameOrigin } from './access/same-origin.ts';
import { askedBy, originOf } from './asked.ts';
import { boundBodies } from './bounded-bodies.ts';
import { sendError, sendNotFound } from './http-errors.ts';
import type { HttpParts, Server } from './http-parts.ts';
import { OpenAnswers } from './open-answers.ts';
import { contentSecurityPolicy, pageRoutes } from './page.ts';
import { describeRoutes } from './reference.ts';
import { costRoutes } from './routes/routes-cost.ts';
import { environmentRoutes } from './routes/routes-environments.ts';
import { fleetRoutes } from './routes/fleet/routes-fleet.ts';
import { gatewayRoutes } from './routes/fleet/routes-gateways.ts';
import { kubernetesMetricsRoutes } from './routes/routes-kubernetes-metrics.ts';
import { bundleRoutes } from './routes/routes-bundles.ts';
import { artifactRoutes } from './routes/routes-artifacts.ts';
import { notifyRoutes } from './routes/monitoring/routes-notify.ts';
import { ownershipRoutes } from './routes/fleet/routes-ownership.ts';
import { labelRoutes } from './routes/monitoring/routes-labels.ts';
import { replicaFileRoutes } from './routes/fleet/routes-replica-files.ts';
import { rolloutRoutes } from './routes/routes-rollout.ts';
import { isolationRoutes } from './routes/fleet/routes-isolation.ts';
import { diagnosisRoutes } from '../diagnosis/routes-diagnosis.ts';
import { driftRoutes } from './routes/monitoring/routes-drift.ts';
import { capacityPlanRoutes } from './routes/routes-capacity-plan.ts';
import { scalingRoutes } from './routes/routes-scaling.ts';
import { stepRoutes } from './routes/routes-steps.ts';
import { tryRoutes } from './routes/routes-try.ts';
import { watchRoutes } from './routes/monitoring/routes-watch.ts';

const bodyBytesAtMost = 4 * 1024 * 1024;

/** How long a client may take over a head, and over a whole request; a connection that says nothing sends no head. */
export const slowClients = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 30_000,
  connectionsCheckingInterval: 1_000,
};

/** Without it fastify loads compilers of its own, which take 2 MB; those of zod, set below, are the only ones used. */
const compilersFactory = { buildValidator: noCompiler, buildSerializer: noCompiler };

/** The HTTP interface, not listening yet. */
export async function makeServer(parts: HttpParts, log: FastifyBaseLogger): Promise<Server> {
  const server = fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: bodyBytesAtMost,
    ...slowClients,
    http: slowClients,
    connectionTimeout: 0,
    routerOptions: { maxParamLength: 200 },
    forceCloseConnections: true,
    schemaController: { compilersFactory },
  }).withTypeProvider<ZodTypeProvider>();
  server.setValidatorCompiler(validatorCompiler);
  server.setSerializerCompiler(serializerCompiler);
  server.setErrorHandler((thrown: FastifyError, request, reply) => {
    const isOwn = thrown instanceof PlimsollError;
    sendError(isOwn ? parts.access.failedLogins.limit(thrown, originOf(request)) : thrown, request, reply);
  });
  server.setNotFoundHandler(sendNotFound);
  server.removeContentTypeParser('text/plain');
  boundBodies(server);
  protect(server, parts);
  await describeRoutes(server, parts);
  rolloutRoutes(server, parts);
  stepRoutes(server, parts);
  labelRoutes(server, parts);
  notifyRoutes(server, parts);
  scalingRoutes(server, parts);
  capacityPlanRoutes(server, parts);
  diagnosisRoutes(server, parts);
  driftRoutes(server, parts);
  isolationRoutes(server, parts);
  kubernetesMetricsRoutes(server, parts);
  artifactRoutes(server, parts);
  ownershipRoutes(server, parts);
  if (parts.bundles !== undefined) bundleRoutes(server, parts.bundles);
  if (parts.replicaFiles !== undefined) replicaFileRoutes(server, parts.replicaFiles);
  watchRoutes(server, parts);
  fleetRoutes(server, parts);
  environmentRoutes(server, parts);
  costRoutes(server, parts);
  gatewayRoutes(server, parts);
  tryRoutes(server, parts);
  sessionRoutes(server, parts);
  signInRoutes(server, parts);
  pageRoutes(server, parts);
  return server;
}

function noCompiler(): never {
  throw new RangeError('schemas of routes are compiled by zod');
}

/** A service that is not held is no reason to tell nothing. */
function scopeToTell(parts: HttpParts, request: FastifyRequest): Scope {
  try {
    return parts.scopeOf(askedBy(request));
  } catch {
    return { service: null, environment: null };
  }
}

/** Reading without a credential is what every browser does first: only writes, and credentials that are wrong, are noted. */
function noteRefused(parts: HttpParts, request: FastifyRequest, { category, code }: PlimsollError): void {
  if (category !== 'unauthorized' || (isReading(request) && !isWrong(code))) return;
  const { service, environment } = scopeToTell(parts, request);
  const by = request.requester?.name ?? 'anonymous';
  const what = `${request.method} ${request.routeOptions.url ?? 'an unknown path'}`;
  parts.attempts?.note({ by, origin: originOf(request), what, code, service, environment });
}

const wrongTokens: ReadonlySet<string> = new Set(['token-unknown', 'token-expired']);
const isWrong = (code: string): boolean => wrongTokens.has(code) || code.startsWith('client-certificate-');
/** The log says it too: the store may be away, and then no event does. */
function noteBreakGlass(parts: HttpParts, request: FastifyRequest, by: string): void {
  const { service, environment } = scopeToTell(parts, request);
  const what = `${request.method} ${request.routeOptions.url ?? 'an unknown path'}`;
  const use = { by, origin: originOf(request), what };
  request.log.warn(use, 'a break-glass token was used');
  parts.access.failedLogins.usedBreakGlass();
  parts.breakGlass?.note({ ...use, code: 'break-glass', service, environment });
}

function protect(server: Server, parts: HttpParts): void {
  server.decorateRequest('requester', null);
  server.decorateRequest('keyId', null);
  server.decorateRequest('credentialHolds', null);
  server.addHook('onRequest', async (request, reply) => {
    const isLocal = parts.isLocal(request.raw);
    requireSameOrigin(request, isLocal);
    try {
      const { requester, keyId, stillHolds, isBreakGlass } = await authenticate(request, parts.access);
      request.requester = requester;
      request.keyId = keyId;
      request.credentialHolds = stillHolds ?? null;
      if (isBreakGlass === true) noteBreakGlass(parts, request, requester.name);
      authorize(request, requester, parts.scopeOf(askedBy(request)), isLocal);
      requireGatewayCertificate(request, reply, parts);
    } catch (thrown) {
      noteRefused(parts, request, asPlimsollError(thrown));
      throw thrown;
    }
    const version = request.headers[versionHeader];
    if (typeof version === 'string' && !isReading(request)) requireNearVersion(version, parts.plimsollVersion);
  });
  const openAnswers = new OpenAnswers();
  server.addHook('onSend', async (_request, reply, payload) => {
    const isError = reply.statusCode >= 400;
    if (!isError && typeof payload === 'string') openAnswers.take(Buffer.byteLength(payload), reply.raw);
  });
  server.addHook('onSend', async (_request, reply) => {
    if (!reply.hasHeader('content-security-policy')) {
      void reply.header('content-security-policy', contentSecurityPolicy);
    }
    void reply.headers({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
    });
    if (!reply.hasHeader('cache-control')) void reply.header('cache-control', 'no-store');
  });
}
