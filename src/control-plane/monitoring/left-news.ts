import { invalidationBy } from '../../core/evidence/invalidation.ts';
import type { DriftState, LeftReference } from '../../core/monitoring/watch/drift-state.ts';
import type { Digest } from '../../core/units/digest.ts';
import type { StoreWriter } from '../../ports/records/store.ts';
import type { ServiceScope } from '../service/service-scope.ts';

/**
 * Records that the evaluation evidence of the live release is of other data than what comes now.
 * @param evidence that evidence, where it is known.
 */
export async function recordLeft(
  tx: StoreWriter,
  { service, environment }: ServiceScope,
  { reason, features, release }: LeftReference,
  atMs: number,
  evidence?: Digest,
): Promise<void> {
  const named = evidence === undefined ? {} : { evidence };
  const found = { environment, reason, remedy: 'plimsoll drift', atMs, ...named };
  await tx.addInvalidation(service, invalidationBy('drift.left-reference', found));
  const data = { release, reason, features };
  await tx.appendEvent({
    ...{ service, environment, by: 'watch', atMs, kind: 'drift.left-reference', data },
    summary: `The evaluation evidence of release ${release} no longer holds: ${reason}`,
  });
}

/** Whether what live data left is no longer what it is held against. */
export const isLeftGone = (before: DriftState, after: DriftState): boolean =>
  (before.left ?? null) !== null && (after.left ?? null) === null;

/** Nobody has to acknowledge what was said of a reference that is another now; whoever was alerted is told. */
export async function recordLeftGone(
  tx: StoreWriter,
  { service, environment }: ServiceScope,
  release: number,
  atMs: number,
): Promise<void> {
  const reason = `release ${release} is held against other data`;
  await tx.appendEvent({
    ...{ service, environment, by: 'watch', atMs, kind: 'drift.acknowledged' },
    summary: `Live data is no longer said to have left what was evaluated: ${reason}`,
    data: { what: 'distance', name: 'distance', reason, newReference: true },
  });
}
