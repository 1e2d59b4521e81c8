import { coreSteps } from '../units/next-steps/core-steps.ts';
import { nextStep } from '../units/next-steps/next-step.ts';
import { PlimsollError } from '../units/errors.ts';

export const artifactKinds = ['model', 'data'] as const;
export type ArtifactKind = (typeof artifactKinds)[number];

export interface ArtifactName {
  readonly environment: string;
  readonly kind: ArtifactKind;
  readonly name: string;
}

/** What a service may do with a model or with data of an environment. */
export interface ArtifactClaim extends ArtifactName {
  readonly service: string;
  /**
   * | standing | may |
   * |---|---|
   * | owner | add versions, move aliases, release, share |
   * | shared | release what is there |
   */
  readonly standing: 'owner' | 'shared';
  readonly by: string;
  readonly atMs: number;
}

/** Lets the service `with` release an artifact. */
export interface ShareRequest extends ArtifactName {
  readonly with: string;
  /** Takes it away again. */
  readonly stop?: boolean;
}

/** `write` adds a version or moves an alias; `release` releases what is there. Reading is free in an environment. */
export type ArtifactUse = 'write' | 'release';

export type UseDecision =
  | { readonly kind: 'allowed' }
  /** Nobody owns it yet: whoever uses it first does from now on. */
  | { readonly kind: 'claims' }
  | { readonly kind: 'refused'; readonly owners: readonly string[]; readonly isShared: boolean };

/**
 * Decides whether a service may use an artifact.
 *
 * | owned by | standing of the service | release | write |
 * |---|---|---|---|
 * | nobody | any or none | claims | claims |
 * | it, also beside others | owner | allowed | allowed |
 * | others | shared | allowed | refused |
 * | others | none | refused | refused |
 *
 * @param claims all those of the artifact.
 */
export function decideUse(claims: readonly ArtifactClaim[], service: string, use: ArtifactUse): UseDecision {
  const owners = ownersOf(claims);
  if (owners.length === 0) return { kind: 'claims' };
  if (owners.includes(service)) return { kind: 'allowed' };
  const isShared = claims.some((claim) => claim.service === service);
  return isShared && use === 'release' ? { kind: 'allowed' } : { kind: 'refused', owners, isShared };
}

/** Several where releases of several services used it before services owned what they use. */
export function ownersOf(claims: readonly ArtifactClaim[]): readonly string[] {
  return claims.flatMap(({ service, standing }) => (standing === 'owner' ? [service] : []));
}

export function sharedWith(claims: readonly ArtifactClaim[]): readonly string[] {
  return claims.flatMap(({ service, standing }) => (standing === 'shared' ? [service] : []));
}

/** `model-claimed`, `data-claimed` (conflict). */
export function artifactClaimed(
  { environment, kind, name }: ArtifactName,
  service: string,
  { owners, isShared }: Omit<Extract<UseDecision, { kind: 'refused' }>, 'kind'>,
): PlimsollError {
  const owner = owners.join(' and ');
  const shared = `${owner} shares ${kind} ${name} of ${environment} with ${service}, which may release it and not change it`;
  return new PlimsollError({
    code: `${kind}-claimed`,
    category: 'conflict',
    message: isShared ? shared : `${kind} ${name} of ${environment} belongs to ${owner}, and not to ${service}`,
    next: isShared
      ? `have ${owner} do it, or use another name`
      : nextStep(coreSteps, 'model-claimed+data-claimed', { kind, name, service }),
    details: { environment, kind, name, service, owners },
  });
}
