import type { Digest } from '../../units/digest.ts';
import type { Protocol } from '../../contract/contract.ts';
import { isolationOf } from '../isolation/isolation.ts';
import type { Release } from '../release.ts';
import { findRelease } from '../routing/routable.ts';
import type { RolloutState } from './rollout-state.ts';

/** A golden set that a replica has yet to reproduce. */
export interface NeededReplay {
  readonly replicaId: string;
  readonly endpoint: string;
  /** Name that the model has in the protocol's paths. */
  readonly model: string;
  readonly release: number;
  readonly protocol: Protocol;
  /** Null for a release without a golden set: nothing to replay. */
  readonly golden: Digest | null;
  /** True when requests already go to the release: a mismatch then says that its evidence no longer holds. */
  readonly live: boolean;
}

/**
 * Ready replicas whose golden set is still owed. A replica that no release has admitted yet owes the one of the live
 * release first, where that is its own; one that serves already owes the one of an incoming release of the same pair.
 */
export function neededReplays(state: RolloutState): readonly NeededReplay[] {
  const live = findRelease(state, state.deployment?.live ?? null);
  const incoming = findRelease(state, state.deployment?.incoming ?? null);
  const previous = findRelease(state, state.deployment?.previous?.release ?? null);
  return state.replicas.flatMap((replica) => {
    if (replica.state !== 'ready' || replica.endpoint === null) return [];
    const { stage } = isolationOf(state, replica.replicaId) ?? { stage: null };
    if (stage === 'isolated' || stage === 'leaving') return [];
    const golden = state.admissions.get(replica.replicaId);
    const owed = (release: Release | null): boolean =>
      release !== null &&
      release.pair === replica.pair &&
      (golden === undefined || (release === incoming && release.golden !== null && release.golden.blob !== golden));
    const release = [live, incoming, previous].find(owed);
    if (release === undefined || release === null) return [];
    return [
      {
        replicaId: replica.replicaId,
        endpoint: replica.endpoint,
        model: release.model.name,
        release: release.number,
        protocol: release.code.section.protocol,
        golden: release.golden?.blob ?? null,
        live: release === live,
      },
    ];
  });
}
