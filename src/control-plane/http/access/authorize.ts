import { controlPlaneSteps } from '../../../core/units/next-steps/control-plane-steps.ts';
import { coreSteps } from '../../../core/units/next-steps/core-steps.ts';
import { nextStep } from '../../../core/units/next-steps/next-step.ts';
import type { FastifyRequest } from 'fastify';
import { decideAccess, holdsRole, type Requester, type Scope } from '../../../core/access/requester.ts';
import type { Role } from '../../../core/access/role.ts';
import { PlimsollError } from '../../../core/units/errors.ts';
import { isReading } from './authenticate.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Who may come in; `anyone` needs no credential, not even for a write. Without it: view to read, operate to write. */
    access?: Role | 'anyone';
    /** For requests of this machine, where it is less: what starts a control plane must see that it serves. */
    onThisMachine?: 'anyone';
    /**
     * What the role must be held for: the service and environment that the address names (the only ones, where it names
     * none); with `request`, what the request names, which the guarded operations check; with `fleet`, every service.
     */
    scope?: 'request' | 'fleet';
  }
}

/** @throws PlimsollError `no-credential` or `forbidden` (unauthorized). */
export function authorize(request: FastifyRequest, requester: Requester, scope: Scope, isLocal: boolean): void {
  const { config } = request.routeOptions;
  const needed = config.access ?? (isReading(request) ? 'view' : 'operate');
  if (needed === 'anyone' || (isLocal && config.onThisMachine === 'anyone')) return;
  if (requester.anonymous && !(isReading(request) && holdsRole(requester, needed))) throw noCredential(request, needed);
  if (config.scope === 'request' && holdsRole(requester, needed)) return;
  requireRole(requester, needed, config.scope === 'fleet' ? { service: null, environment: null } : scope);
}

/** @throws PlimsollError `forbidden` (unauthorized), which names what the requester may do and what is needed. */
export function requireRole(requester: Requester, needed: Role, scope: Scope): void {
  const decision = decideAccess(requester, needed, scope);
  if (decision.allowed) return;
  throw new PlimsollError({
    code: 'forbidden',
    category: 'unauthorized',
    message: decision.reason,
    next: nextStep(controlPlaneSteps, 'forbidden', { needed }),
  });
}

function noCredential(request: FastifyRequest, needed: Role): PlimsollError {
  return new PlimsollError({
    code: 'no-credential',
    category: 'unauthorized',
    message: `${request.method} ${request.routeOptions.url ?? 'this path'} needs a credential with the role ${needed}`,
    // Only browsers send it: whoever sits there signs the page in.
    next:
      request.headers['sec-fetch-site'] === undefined
        ? nextStep(coreSteps, 'no-credential', { role: needed })
        : nextStep(coreSteps, 'no-credential/page'),
  });
}
