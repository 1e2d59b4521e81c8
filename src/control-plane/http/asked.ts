import type { FastifyRequest } from 'fastify';
import type { Requester } from '../../core/access/requester.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { Operations } from '../../ports/records/operations.ts';
import type { AskedScope } from '../service/service-scope.ts';
import { watchOperations } from '../audit/watched-operations.ts';
import { holdsCertificate } from './access/gateway-certificates.ts';
import { guardOperations } from './access/guard-operations.ts';
import type { HttpParts } from './http-parts.ts';

/** Who asks, as the hook before every route found out. */
export function requesterOf(request: FastifyRequest): Requester {
  if (request.requester !== null) return request.requester;
  throw new PlimsollError({ code: 'unauthorized-route', category: 'bug', message: 'a route ran without a requester' });
}

/** The host that a request came from. */
export const originOf = (request: FastifyRequest): string => request.ip;

/** What budgets are kept by: the credential, and the address of whoever sends none; never a name that a request gives itself. */
export function budgetOwnerOf(request: FastifyRequest): string {
  if (request.keyId !== null) return `key ${request.keyId}`;
  const { name, anonymous } = requesterOf(request);
  return anonymous ? `address ${request.ip}` : `holder ${name}`;
}

/** The operations as the one who asks, as far as they may. */
export function operationsOf(parts: HttpParts, request: FastifyRequest): Operations {
  const requester = requesterOf(request);
  const { service } = parts.scopeOf(askedBy(request));
  const operations = parts.operationsFor(requester.name, requester.grants, service ?? undefined);
  const who = { by: requester.name, origin: originOf(request), job: requester.job };
  return watchOperations(guardOperations(operations, requester, service), who, (attempt) =>
    parts.attempts?.note(attempt),
  );
}

/** The service and environment that the address of a request names. */
export function askedBy({ query }: Pick<FastifyRequest, 'query'>): AskedScope {
  const { service, environment } = (query ?? {}) as Readonly<Record<string, unknown>>;
  return {
    ...(typeof service === 'string' ? { service } : {}),
    ...(typeof environment === 'string' ? { environment } : {}),
  };
}

/** Those names, each that is left out being that of the only service that fits. @throws PlimsollError as `HttpParts.find`. */
export function scopeOf(
  parts: HttpParts,
  asked: AskedScope,
): { readonly service: string; readonly environment: string } {
  // Both are named: whether it is held is for the operation to say.
  if (asked.service !== undefined && asked.environment !== undefined) {
    return { service: asked.service, environment: asked.environment };
  }
  const { service, environment } = parts.find(asked);
  return { service, environment };
}

/** Whether the credential that the stream was opened with would still be taken, and its certificate is valid; a stream without one goes on. */
export function stillHolds(parts: HttpParts, request: FastifyRequest): () => boolean {
  const { keyId, credentialHolds } = request;
  const isTaken = (): boolean => keyId === null || parts.access.credentials.findByKeyId(keyId) !== null;
  return () => isTaken() && (credentialHolds?.() ?? true) && holdsCertificate(request, parts);
}
