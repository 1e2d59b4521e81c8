import {
  artifactClaimed,
  decideUse,
  type ArtifactClaim,
  type ArtifactName,
  type ArtifactUse,
  type UseDecision,
} from '../../core/fleet/artifact-claim.ts';
import { claimScope, isClaimant, serviceClaimed } from '../../core/fleet/service-claim.ts';
import type { PlimsollError } from '../../core/units/errors.ts';
import type { StoreReader, StoreWriter } from '../../ports/records/store.ts';
import type { OperationsSource } from '../operations/operations-source.ts';
import { makeArtifactClaimedEvent, makeServiceClaimedEvent } from './ownership-events.ts';

/** Who acts, as which service. */
export type Claimant = Pick<OperationsSource, 'service' | 'by' | 'grants' | 'clock'>;

/** Why the claimant may not act as the service there (`service-claimed`, conflict); null where it may. */
async function findServiceRefusal(
  reader: Pick<StoreReader, 'serviceClaim'>,
  { service, by, grants }: Claimant,
  environment: string,
): Promise<PlimsollError | null> {
  const claim = await reader.serviceClaim(service, environment);
  return claim === null || isClaimant(claim, grants) ? null : serviceClaimed(claim, by);
}

/** @throws PlimsollError `service-claimed` (conflict). */
export async function requireClaimant(
  reader: Pick<StoreReader, 'serviceClaim'>,
  claimant: Claimant,
  environment: string,
): Promise<void> {
  const refusal = await findServiceRefusal(reader, claimant, environment);
  if (refusal !== null) throw refusal;
}

/** Records whose the service is, where nobody has claimed it yet. */
async function claimService(
  tx: StoreWriter,
  { service, by, grants, clock }: Claimant,
  environment: string,
): Promise<void> {
  if ((await tx.serviceClaim(service, environment)) !== null) return;
  const scope = claimScope(grants, { service, environment });
  if (scope === null) return;
  const claim = { service, environment, scope, by, atMs: clock.nowMs() };
  await tx.setServiceClaim(claim);
  await tx.appendEvent({ service, environment, by, atMs: claim.atMs, ...makeServiceClaimedEvent(claim) });
}

/** @throws PlimsollError `model-claimed`, `data-claimed` (conflict) for an artifact of others. */
export async function requireUse(
  reader: Pick<StoreReader, 'artifactClaims'>,
  { service }: Pick<Claimant, 'service'>,
  artifact: ArtifactName,
  use: ArtifactUse,
): Promise<void> {
  const decision = await readUse(reader, service, artifact, use);
  if (decision.kind === 'refused') throw artifactClaimed(artifact, service, decision);
}

/** As `requireUse`; the service owns from now on what nobody owned. */
export async function claimArtifact(
  tx: StoreWriter,
  { service, by, clock }: Claimant,
  artifact: ArtifactName,
  use: ArtifactUse,
): Promise<void> {
  const decision = await readUse(tx, service, artifact, use);
  if (decision.kind === 'refused') throw artifactClaimed(artifact, service, decision);
  if (decision.kind === 'allowed') return;
  const { environment, kind, name } = artifact;
  const atMs = clock.nowMs();
  const claim: ArtifactClaim = { environment, kind, name, service, standing: 'owner', by, atMs };
  await tx.setArtifactClaim(claim);
  await tx.appendEvent({ service, environment, by, atMs, ...makeArtifactClaimedEvent(claim) });
}

async function readUse(
  reader: Pick<StoreReader, 'artifactClaims'>,
  service: string,
  { environment, kind, name }: ArtifactName,
  use: ArtifactUse,
): Promise<UseDecision> {
  return decideUse(await reader.artifactClaims(environment, kind, name), service, use);
}

/** What a release uses: its model, and the data of its golden set. What an evaluation read is not used by the release. */
export interface UsedArtifacts {
  readonly environment: string;
  readonly model: string;
  readonly golden: string | null;
}

/** Why the claimant may not release these (conflict); null where it may. */
export async function findReleaseRefusal(
  reader: StoreReader,
  claimant: Claimant,
  used: UsedArtifacts,
): Promise<PlimsollError | null> {
  const refusal = await findServiceRefusal(reader, claimant, used.environment);
  if (refusal !== null) return refusal;
  for (const artifact of await namesOf(reader, used)) {
    const decision = await readUse(reader, claimant.service, artifact, 'release');
    if (decision.kind === 'refused') return artifactClaimed(artifact, claimant.service, decision);
  }
  return null;
}

/** Records in the transaction of a release whose the service is, and what it uses, where nobody has claimed it before. */
export async function claimReleased(tx: StoreWriter, claimant: Claimant, used: UsedArtifacts): Promise<void> {
  await claimService(tx, claimant, used.environment);
  for (const artifact of await namesOf(tx, used)) await claimArtifact(tx, claimant, artifact, 'release');
}

/** Data that are not registered come with the bundle: they are nobody's here. */
async function namesOf(
  reader: Pick<StoreReader, 'dataVersions'>,
  { environment, model, golden }: UsedArtifacts,
): Promise<readonly ArtifactName[]> {
  const isRegistered = golden !== null && (await reader.dataVersions(environment, golden)).length > 0;
  return [
    { environment, kind: 'model', name: model },
    ...(isRegistered ? [{ environment, kind: 'data' as const, name: golden }] : []),
  ];
}
