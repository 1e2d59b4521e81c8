import { invalidatedByWatch } from './freshness.ts';
import type { EvidenceState } from './lock/lock.ts';

/**
 * The table of this checkout, with what the watch of a running control plane adds: invalidations and waivers. What is
 * stale over there for another reason speaks of another contract or lock than this one, and is left out.
 */
export function withWatchedEvidence(
  here: readonly EvidenceState[],
  watched: readonly EvidenceState[],
): readonly EvidenceState[] {
  return here.map((state) => {
    const seen = watched.find(({ kind }) => kind === state.kind);
    if (seen === undefined || state.freshness === 'not-asked') return state;
    const waiver = state.waiver ?? seen.waiver;
    const waived = waiver === undefined ? state : { ...state, waiver };
    const reasons = seen.reasons.filter((reason) => reason.startsWith(invalidatedByWatch));
    if (state.freshness === 'missing' || reasons.length === 0) return waived;
    const known = state.freshness === 'stale' ? state.reasons.filter((reason) => !reasons.includes(reason)) : [];
    const renew = seen.renew ?? state.renew;
    return {
      ...waived,
      freshness: 'stale',
      verdict: 'unknown',
      reasons: [...reasons, ...known],
      ...(renew === undefined ? {} : { renew }),
    };
  });
}
