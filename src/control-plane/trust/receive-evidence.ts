import { kindsOf, kindTable } from '../../core/evidence/kinds/table.ts';
import type { LockedEnvironment } from '../../core/evidence/lock/lock.ts';
import { digestOfMeasured, digestOfSending, type EvidenceSighting } from '../../core/evidence/sighting.ts';
import type { EvidencePlace } from '../../core/trust/evidence-statement.ts';
import type { TrustFacts } from '../../core/trust/judge-trust.ts';
import type { StoreWriter } from '../../ports/records/store.ts';
import type { OperationsSource } from '../operations/operations-source.ts';

interface Received extends EvidencePlace {
  /** Who sends it, as it was authenticated. */
  readonly by: string;
  readonly nowMs: number;
}

type Sighting = Pick<EvidenceSighting, 'kind' | 'digest'>;

/**
 * Records who sent which evidence, and countersigns what nobody had sent before. Evidence that somebody else sent first
 * keeps that sender, and has this one beside.
 */
export async function receiveEvidence(
  { countersign }: Pick<OperationsSource, 'countersign'>,
  tx: StoreWriter,
  { service, environment, by, nowMs, locked }: Received & { readonly locked: LockedEnvironment },
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
  for (const { kind, digest } of sent.filter((one) => !before.has(one.digest))) {
    const facts = { service, environment, kind, digest, sender: by, receivedAtMs: nowMs };
    const receipt = countersign?.(facts);
    await tx.appendEvent({
      ...{ service, environment, by, atMs: nowMs },
      kind: 'evidence.received',
      summary: `${kind} evidence was received from ${by}`,
      data: { kind, digest, sender: by, ...(receipt === undefined ? {} : { receipt }) },
    });
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
