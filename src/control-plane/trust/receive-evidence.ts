import { kindsOf, kindTable } from '../../core/evidence/kinds/table.ts';
import type { LockedEnvironment } from '../../core/evidence/lock/lock.ts';
import { digestOfMeasured, digestOfSending, type EvidenceSighting } from '../../core/evidence/sighting.ts';
import type { CiIdentity } from '../../core/access/identity.ts';
import { jobText, sightJob } from '../../core/trust/ci/ci-job.ts';
import type { EvidencePlace } from '../../core/trust/evidence-statement.ts';
import type { TrustFacts } from '../../core/trust/judge-trust.ts';
import type { StoreWriter } from '../../ports/records/store.ts';
import type { OperationsSource } from '../operations/operations-source.ts';

interface Received extends EvidencePlace {
  /** Who sends it, as it was authenticated. */
  readonly by: string;
  /** Of a CI job, what its identity provider says of it. */
  readonly job?: CiIdentity | undefined;
  readonly nowMs: number;
}

type Sighting = Pick<EvidenceSighting, 'kind' | 'digest'>;

/**
 * Records who sent which evidence, and countersigns what nobody had sent before. Evidence that somebody else sent first
 * keeps that sender, and has this one beside. So has the job of a CI system.
 */
export async function receiveEvidence(
  { countersign }: Pick<OperationsSource, 'countersign'>,
  tx: StoreWriter,
  { service, environment, by, job, nowMs, locked }: Received & { readonly locked: LockedEnvironment },
): Promise<void> {
  const before = new Map((await tx.evidenceSightings(service, environment)).map((one) => [one.digest, one.by]));
  const sent = kindsOf(kindTable).flatMap((kind): readonly Sighting[] => {
    const evidence = locked.evidence[kind];
    return evidence === undefined ? [] : [{ kind, digest: digestOfMeasured(evidence) }];
  });
  const again = sent
    .filter(({ digest }) => before.has(digest) && before.get(digest) !== by)
    .map(({ kind, digest }) => ({ kind, digest: digestOfSending(digest, by) }));
  await tx.seeEvidence(service, environment, [...sent, ...again], by, nowMs);
  if (job !== undefined) await receiveFromJob(tx, { service, environment, nowMs }, sent, job);
  for (const { kind, digest } of sent.filter((one) => !before.has(one.digest))) {
    const ofJob = job === undefined ? {} : { job };
    const facts = { service, environment, kind, digest, sender: by, ...ofJob, receivedAtMs: nowMs };
    const receipt = countersign?.(facts);
    await tx.appendEvent({
      ...{ service, environment, by, atMs: nowMs },
      kind: 'evidence.received',
      summary: `${kind} evidence was received from ${by}${job === undefined ? '' : `, ${jobText(job)}`}`,
      data: { kind, digest, sender: by, ...ofJob, ...(receipt === undefined ? {} : { receipt }) },
    });
  }
}

/** The record of a job names the evidence that it sent, so that there is one for each piece. */
async function receiveFromJob(
  tx: StoreWriter,
  { service, environment, nowMs }: Omit<Received, 'by'>,
  sent: readonly Sighting[],
  job: CiIdentity,
): Promise<void> {
  for (const { kind, digest } of sent) {
    const { digest: ofJob, by } = sightJob(digest, job);
    await tx.seeEvidence(service, environment, [{ kind, digest: ofJob }], by, nowMs);
  }
}

/**
 * Records when signatures were first received. Only what verifies is recorded: otherwise whoever knows the id of a key
 * could announce a signature early, and make it after the key was revoked.
 */
export async function receiveSignatures(
  tx: StoreWriter,
  { service, environment, by, nowMs, trust }: Received & { readonly trust: TrustFacts | undefined },
): Promise<void> {
  if (trust === undefined || 'problem' in trust) return;
  const good = kindsOf(kindTable).flatMap((kind) =>
    (trust.origins[kind]?.signatures ?? [])
      .filter(({ standing }) => standing === 'good')
      .map(({ digest }): Sighting => ({ kind, digest })),
  );
  if (good.length > 0) await tx.seeEvidence(service, environment, good, by, nowMs);
}
