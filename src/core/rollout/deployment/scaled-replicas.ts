import type { ScaledReplica } from '../../scaling/policy.ts';
import type { Release } from '../release.ts';
import { isOver, mayServe, replicasOf } from '../routing/routable.ts';
import type { RolloutState } from './rollout-state.ts';

/**
 * The replicas of a release as a policy sees them, those that are over left out. Ready is one that may serve: until it
 * is admitted it is starting, and one that is given up is draining from then on.
 */
export function scaledReplicas(
  state: RolloutState,
  release: Release,
  shed: ReadonlySet<string>,
): readonly ScaledReplica[] {
  return replicasOf(state, release)
    .filter((replica) => !isOver(replica))
    .map((replica) => {
      const leaves = replica.state === 'draining' || shed.has(replica.replicaId);
      const serves = mayServe(state, replica);
      return {
        replicaId: replica.replicaId,
        state: leaves ? 'draining' : serves ? 'ready' : replica.state === 'pending' ? 'pending' : 'starting',
        orderedAtMs: replica.startedAtMs,
        readyAtMs: serves ? replica.readyAtMs : null,
      };
    });
}
