import { controlPlaneSteps } from '../../core/units/next-steps/control-plane-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { holdsFor, isWithin } from '../../core/access/requester.ts';
import { formatScope } from '../../core/access/scope-words.ts';
import { artifactClaimed, ownersOf, type ArtifactClaim, type ShareRequest } from '../../core/fleet/artifact-claim.ts';
import type { ServiceClaim } from '../../core/fleet/service-claim.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { Operations } from '../../ports/records/operations.ts';
import type { StoreReader, StoreWriter } from '../../ports/records/store.ts';
import { write, type OperationsSource } from '../operations/operations-source.ts';
import { claimArtifact, requireClaimant } from './claims.ts';
import { makeArtifactSharedEvent, makeServiceTransferredEvent } from './ownership-events.ts';

export function ownershipOperations(source: OperationsSource): Pick<Operations, 'shareArtifact' | 'transferService'> {
  return {
    shareArtifact: (request) => write(source, request.environment, (tx) => share(source, tx, request)),
    transferService: (request) => write(source, request.environment, (tx) => transfer(source, tx, request)),
  };
}

async function share(
  source: OperationsSource,
  tx: StoreWriter,
  request: ShareRequest,
): Promise<readonly ArtifactClaim[]> {
  const { by, clock } = source;
  const { environment, kind, name, with: service, stop = false } = request;
  await requireClaimant(tx, source, environment);
  await requireArtifact(tx, request);
  const before = await tx.artifactClaims(environment, kind, name);
  if (ownersOf(before).length === 0) await claimArtifact(tx, source, request, 'write');
  else requireOwner(source, request, before);
  const standing = before.find((claim) => claim.service === service)?.standing ?? null;
  if (standing === 'owner' && stop) requireOperator(source, environment, service);
  const isChange = stop ? standing !== null : standing === null && service !== source.service;
  if (isChange) {
    const atMs = clock.nowMs();
    if (stop) await tx.removeArtifactClaim(request, service);
    else await tx.setArtifactClaim({ environment, kind, name, service, standing: 'shared', by, atMs });
    const event = makeArtifactSharedEvent({ kind, name, service }, stop ? null : 'shared');
    await tx.appendEvent({ service: source.service, environment, by, atMs, ...event });
  }
  return tx.artifactClaims(environment, kind, name);
}

/** An owner may, and whoever operates all of the owners. */
function requireOwner(
  { service, grants }: OperationsSource,
  request: ShareRequest,
  claims: readonly ArtifactClaim[],
): void {
  const owners = ownersOf(claims);
  const operates = (owner: string): boolean =>
    holdsFor(grants, 'operate', { service: owner, environment: request.environment });
  if (owners.includes(service) || owners.every(operates)) return;
  const isShared = claims.some((claim) => claim.service === service);
  throw artifactClaimed(request, service, { owners, isShared });
}

/** An owner loses what is its own only to somebody who operates it. */
function requireOperator({ by, grants }: OperationsSource, environment: string, service: string): void {
  if (holdsFor(grants, 'operate', { service, environment })) return;
  throw new PlimsollError({
    code: 'owner-stays',
    category: 'conflict',
    message: `${service} is an owner itself, and ${by} does not hold the role operate for ${service} in ${environment}`,
    next: `ask whoever may operate ${service}`,
  });
}

/** @throws PlimsollError `unknown-model`, `unknown-data` (not-found). */
async function requireArtifact(
  reader: Pick<StoreReader, 'modelVersions' | 'dataVersions'>,
  { environment, kind, name }: ShareRequest,
): Promise<void> {
  const versions = await (kind === 'model'
    ? reader.modelVersions(environment, name)
    : reader.dataVersions(environment, name));
  if (versions.length > 0) return;
  throw new PlimsollError({
    code: `unknown-${kind}`,
    category: 'not-found',
    message: `there is no ${kind} ${name} in ${environment}`,
    next: nextStep(controlPlaneSteps, 'unknown-model+unknown-data', { kind }),
  });
}

async function transfer(
  { by, clock }: OperationsSource,
  tx: StoreWriter,
  { service, environment, to }: Parameters<Operations['transferService']>[0],
): Promise<ServiceClaim> {
  if (!isWithin({ service, environment }, to)) throw scopeElsewhere(service, environment, formatScope(to));
  const before = await tx.serviceClaim(service, environment);
  const claim: ServiceClaim = { service, environment, scope: to, by, atMs: clock.nowMs() };
  await tx.setServiceClaim(claim);
  const event = makeServiceTransferredEvent(claim, before);
  await tx.appendEvent({ service, environment, by, atMs: claim.atMs, ...event });
  return claim;
}

function scopeElsewhere(service: string, environment: string, scope: string): PlimsollError {
  return new PlimsollError({
    code: 'scope-elsewhere',
    category: 'input',
    message: `tokens of ${scope} cannot release ${service} in ${environment}: nobody could release it any more`,
    next: `name a scope that holds it: --to service=${service}, or --to environment=${environment}, or --to anyone`,
  });
}
