import type { Deployment, Release } from '../../core/rollout/release.ts';
import { staleEvidenceOf } from '../../core/rollout/stale-evidence.ts';
import type { StoreWriter } from '../../ports/records/store.ts';

/** Makes a recorded release the incoming one; whatever was on its way in is put an end to. */
export async function beginRelease(
  tx: StoreWriter,
  release: Release,
  deployment: Deployment | null,
  summary: string,
): Promise<void> {
  const event = {
    service: release.service,
    environment: release.environment,
    by: release.createdBy,
    atMs: release.createdAtMs,
  };
  if (deployment !== null && deployment.incoming !== null) {
    await tx.appendEvent({
      ...event,
      kind: 'release.superseded',
      summary: `Release ${deployment.incoming} was put an end to while it came in: release ${release.number} takes its place`,
      data: { release: deployment.incoming, by: release.number },
    });
  }
  const canary = await tx.canary(release.service, release.environment);
  if (canary !== null) {
    await tx.endCanary(release.service, release.environment);
    await tx.appendEvent({
      ...event,
      kind: 'rollout.aborted',
      summary: `Release ${canary.release} was taken back from its step: release ${release.number} takes its place`,
      data: { release: canary.release, step: canary.step, by: release.number, judgement: canary.judgement },
    });
  }
  await tx.setDeployment(
    {
      service: release.service,
      environment: release.environment,
      live: deployment?.live ?? null,
      incoming: release.number,
      phase: 'starting',
      step: 0,
      previous: deployment?.previous ?? null,
      reason: `release ${release.number} comes in`,
      changedAtMs: release.createdAtMs,
    },
    deployment?.revision ?? null,
  );
  const stale = await staleEvidence(tx, release);
  await tx.appendEvent({
    ...event,
    kind: 'release.created',
    summary: stale.length === 0 ? summary : `${summary}; its evidence is stale: ${stale.join('; ')}`,
    data: {
      release: release.number,
      ...(stale.length === 0 ? {} : { staleEvidence: stale }),
      code: release.code.digest,
      model: { name: release.model.name, version: release.model.version, digest: release.model.digest },
      pair: release.pair,
      unprovenPair: release.unprovenPair,
      cause: release.cause,
      waivers: release.waivers,
    },
  });
}

/** A rollback goes back to what a release went out on some time ago; it is not held up, and says what holds no more. */
async function staleEvidence(
  tx: StoreWriter,
  { service, environment, cause, createdAtMs }: Release,
): Promise<readonly string[]> {
  if (cause.kind !== 'rollback') return [];
  const to = await tx.release(service, environment, cause.to);
  return to === null ? [] : staleEvidenceOf(to, await tx.invalidations(service, environment), createdAtMs);
}
