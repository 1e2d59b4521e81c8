import { invalidatedByWatch } from './freshness.ts';
import type { EvidenceState } from './lock/lock.ts';
import { chooseWaiver } from './lock/waiver.ts';

/**
 * The table of this checkout, with what the watch of a running control plane adds: invalidations, waivers, and what is
 * judged while a release is live. What is
 * stale over there for another reason speaks of another contract or lock than this one, and is left out.
 */
export function withWatchedEvidence(
  here: readonly EvidenceState[],
  watched: readonly EvidenceState[],
): readonly EvidenceState[] {
  return here.map((state) => {
    const seen = watched.find(({ kind }) => kind === state.kind);
    if (seen === undefined || state.freshness === 'not-asked') return state;
    if (state.judgedLive === true) return seen.judgedLive === true ? seen : state;
    const standing = invalidated(state, seen);
    const waiver = chooseWaiver(
      [state.waiver, seen.waiver].filter((each) => each !== undefined),
      standing,
    );
    return waiver === null ? standing : { ...standing, waiver };
  });
}

function invalidated(state: EvidenceState, seen: EvidenceState): EvidenceState {
  const reasons = seen.reasons.filter((reason) => reason.startsWith(invalidatedByWatch));
  if (state.freshness === 'missing' || reasons.length === 0) return state;
  const known = state.freshness === 'stale' ? state.reasons.filter((reason) => !reasons.includes(reason)) : [];
  const renew = seen.renew ?? state.renew;
  return {
    ...state,
    freshness: 'stale',
    verdict: 'unknown',
    reasons: [...reasons, ...known],
    ...(renew === undefined ? {} : { renew }),
  };
}
