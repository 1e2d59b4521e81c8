import type { CiIdentity } from './identity.ts';
import { includesRole, type Role } from './role.ts';

/** One role, for one service and environment or for every one (null). */
export interface Grant {
  readonly role: Role;
  readonly service: string | null;
  readonly environment: string | null;
}

/** Of whoever works on the store itself, without a control plane in between. */
export const localOperator: readonly Grant[] = [{ role: 'operate', service: null, environment: null }];

/** Who asks, and what they may do. */
export interface Requester {
  /** Recorded as `by`. */
  readonly name: string;
  readonly grants: readonly Grant[];
  /** No credential came with the request: nothing may be written, whatever the grants say. */
  readonly anonymous: boolean;
  /** The job of CI that asks, as its identity provider names it; absent for everybody else. */
  readonly job?: CiIdentity;
}

/** What a request is about; null where it is about every service or every environment. */
export interface Scope {
  readonly service: string | null;
  readonly environment: string | null;
}

export type AccessDecision = { readonly allowed: true } | { readonly allowed: false; readonly reason: string };

/**
 * Decides whether the requester holds the needed role for the scope.
 *
 * | grant is for | scope names it | scope names another | scope names none |
 * |---|---|---|---|
 * | every service | allowed | allowed | allowed |
 * | one service | allowed | refused | refused |
 *
 * The same holds for environments. One grant must cover all three: role, service and environment.
 */
export function decideAccess(requester: Requester, needed: Role, scope: Scope): AccessDecision {
  if (holdsFor(requester.grants, needed, scope)) return { allowed: true };
  return {
    allowed: false,
    reason: `${requester.name} may ${grantsText(requester.grants)}; this needs the role ${needed}${scopeText(scope)}`,
  };
}

/** Whether one of the grants holds the needed role for all of the scope. */
export function holdsFor(grants: readonly Grant[], needed: Role, scope: Scope): boolean {
  return grants.some((grant) => includesRole(grant.role, needed) && isWithin(scope, grant));
}

/** Whether a scope is equal to another one, or narrower. */
export function isWithin(scope: Scope, wider: Scope): boolean {
  const covers = (held: string | null, asked: string | null): boolean => held === null || held === asked;
  return covers(wider.service, scope.service) && covers(wider.environment, scope.environment);
}

/** Whether the requester holds the needed role for anything at all. */
export function holdsRole(requester: Requester, needed: Role): boolean {
  return requester.grants.some(({ role }) => includesRole(role, needed));
}

/** Whether the requester holds the needed role for any service of an environment. */
export function holdsRoleIn(requester: Requester, needed: Role, environment: string): boolean {
  return requester.grants.some(
    (grant) => includesRole(grant.role, needed) && (grant.environment === null || grant.environment === environment),
  );
}

function grantsText(grants: readonly Grant[]): string {
  if (grants.length === 0) return 'do nothing here';
  return grants.map((grant) => `${grant.role}${scopeText(grant)}`).join(', ');
}

function scopeText({ service, environment }: Scope): string {
  return `${service === null ? '' : ` for ${service}`}${environment === null ? '' : ` in ${environment}`}`;
}
