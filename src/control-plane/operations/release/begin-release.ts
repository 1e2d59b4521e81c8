import type { NewEvent } from '../../../core/records/event.ts';
import { beginRelease, type BeginningWorld } from '../../../core/rollout/begin-release.ts';
import type { Release } from '../../../core/rollout/release.ts';
import { staleEvidenceOf } from '../../../core/rollout/stale-evidence.ts';
import type { StoreWriter } from '../../../ports/records/store.ts';
import { requireHeld } from '../remove-service.ts';

/**
 * Numbers a release and records all that its beginning changes, in the caller's transaction.
 *
 * @param note changes each event before it is recorded.
 */
export async function recordRelease(
  tx: StoreWriter,
  release: Omit<Release, 'number'>,
  { left = null, undrilled = false }: Partial<Pick<BeginningWorld, 'left' | 'undrilled'>>,
  note: (event: NewEvent) => NewEvent = (event) => event,
): Promise<Release> {
  const { service, environment } = release;
  await requireHeld(tx, service, environment);
  const recorded = await tx.addRelease(await withRenewedEvidence(tx, release));
  const deployment = await tx.deployment(service, environment);
  const canary = await tx.canary(service, environment);
  const staleEvidence = await readStaleEvidence(tx, recorded);
  const begun = beginRelease(recorded, { deployment, canary, left, undrilled, staleEvidence });
  if (begun.bar !== null) await tx.addBar(begun.bar);
  if (begun.endsStep) await tx.endCanary(service, environment);
  await tx.setDeployment(begun.deployment, deployment?.revision ?? null);
  for (const event of begun.events) await tx.appendEvent(note(event));
  return recorded;
}

/** A rollback goes back to what a release went out on some time ago; it is not held up, and says what holds no more. */
async function readStaleEvidence(
  tx: StoreWriter,
  { service, environment, cause, createdAtMs }: Release,
): Promise<readonly string[]> {
  if (cause.kind !== 'rollback') return [];
  const to = await tx.release(service, environment, cause.to);
  return to === null ? [] : staleEvidenceOf(to, await tx.invalidations(service, environment), createdAtMs);
}

/** What was measured again since the target of a rollback went out is what the rollback goes by. */
async function withRenewedEvidence(
  tx: StoreWriter,
  release: Omit<Release, 'number'>,
): Promise<Omit<Release, 'number'>> {
  const { service, environment, cause, bundles } = release;
  if (cause.kind !== 'rollback' || bundles === undefined) return release;
  const evidence = (await tx.releaseEvidence(service, environment)).get(cause.to);
  return evidence === undefined ? release : { ...release, bundles: { ...bundles, evidence } };
}
