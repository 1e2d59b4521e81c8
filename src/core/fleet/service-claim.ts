import { coreSteps } from '../units/next-steps/core-steps.ts';
import { nextStep } from '../units/next-steps/next-step.ts';
import { holdsFor, isWithin, type Grant, type Scope } from '../access/requester.ts';
import { includesRole } from '../access/role.ts';
import { formatScope } from '../access/scope-words.ts';
import { PlimsollError } from '../units/errors.ts';

/** Whose a service in an environment is: of every credential of this scope, also of one that is issued again. */
export interface ServiceClaim {
  readonly service: string;
  readonly environment: string;
  readonly scope: Scope;
  /** Who released first, or transferred it. */
  readonly by: string;
  readonly atMs: number;
}

/**
 * Whether the holder of these grants may release a service that is claimed, and write as it.
 *
 * | claimed for | a grant that covers the service | may |
 * |---|---|---|
 * | any scope | `operate`, of any scope | yes: nobody who operates a service is locked out of it |
 * | service=digits | `release` for service=digits | yes |
 * | service=digits | `release` for service=digits environment=prod, which is narrower | yes |
 * | service=digits | `release` for environment=prod | no: another claimant |
 * | service=digits | `release` for anyone, which is wider | no |
 * | anyone | any `release` | yes |
 * | any scope | `view` or `measure` | no |
 *
 * One grant must do it alone: two that each hold half of it do not add up.
 */
export function isClaimant(claim: ServiceClaim, grants: readonly Grant[]): boolean {
  return (
    holdsFor(grants, 'operate', claim) ||
    grants.some((grant) => holdsFor([grant], 'release', claim) && isWithin(grant, claim.scope))
  );
}

/**
 * The scope that a first release claims its service for: the widest of the grants that may release it, and the one for a
 * service before the one for an environment. Null where none may: then nothing is claimed.
 */
export function claimScope(
  grants: readonly Grant[],
  service: { readonly service: string; readonly environment: string },
): Scope | null {
  const width = ({ environment, service: name }: Scope): number =>
    (environment === null ? 2 : 0) + (name === null ? 1 : 0);
  const [widest] = grants
    .filter((grant) => includesRole(grant.role, 'release') && isWithin(service, grant))
    .toSorted((a, b) => width(b) - width(a));
  return widest === undefined ? null : { service: widest.service, environment: widest.environment };
}

export function serviceClaimed({ service, environment, scope, by, atMs }: ServiceClaim, asks: string): PlimsollError {
  return new PlimsollError({
    code: 'service-claimed',
    category: 'conflict',
    message: `${service} in ${environment} belongs to tokens of ${formatScope(scope)}: ${by} claimed it on ${new Date(atMs).toISOString()}, and ${asks} holds no such token`,
    next: nextStep(coreSteps, 'service-claimed', { service, environment }),
    details: { service, environment, scope, by, atMs },
  });
}
