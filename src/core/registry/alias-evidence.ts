import type { EvidenceKind, EvidenceState, LockedEnvironment } from '../evidence/lock/lock.ts';
import { digestOf } from '../units/digest.ts';
import type { AliasEvidence, ModelVersion } from './model-version.ts';

/**
 * What the move of an alias to `version` can rest on: every piece of evidence in the lock, if the lock pins these very bytes;
 * its verdict as it is judged now, and unknown where it is no longer fresh. None where the lock speaks of another model.
 */
export function aliasEvidence(
  version: Pick<ModelVersion, 'name' | 'digest'>,
  locked: LockedEnvironment | undefined,
  states: readonly EvidenceState[],
  kinds: readonly EvidenceKind[] | null,
): readonly AliasEvidence[] {
  if (locked?.model?.name !== version.name || locked.model.digest !== version.digest) return [];
  return states.flatMap(({ kind, freshness, verdict }) => {
    const evidence = locked.evidence[kind];
    if (evidence === undefined || (kinds !== null && !kinds.includes(kind))) return [];
    return [{ kind, digest: digestOf(evidence), verdict: freshness === 'fresh' ? verdict : ('unknown' as const) }];
  });
}
