import type { ScaledReplica } from '../../scaling/policy.ts';
import type { Release } from '../release.ts';
import { isOver, mayServe, replicasOf } from '../routing/routable.ts';
import type { RolloutState } from './rollout-state.ts';

/**
 * The replicas of a release as a policy sees them, those that are over or asleep left out. Ready is one that may serve: until it
 * is admitted it is starting, and one that is given up is draining from then on.
 * @param wakeMs from the order to wake until a replica serves, milliseconds
 */
export function scaledReplicas(
  state: RolloutState,
  release: Release,
  shed: ReadonlySet<string>,
  wakeMs = 0,
): readonly ScaledReplica[] {
  return replicasOf(state, release)
    .filter((replica) => !isOver(replica) && replica.state !== 'asleep')
    .map((replica) => {
      const leaves = replica.state === 'draining' || shed.has(replica.replicaId);
      const serves = mayServe(state, replica);
      const wokenAtMs = serves ? undefined : state.sleep?.get(replica.replicaId)?.wakeOrderedAtMs;
      return {
        replicaId: replica.replicaId,
        state: leaves ? 'draining' : serves ? 'ready' : replica.state === 'pending' ? 'pending' : 'starting',
        orderedAtMs: replica.startedAtMs,
        readyAtMs: serves ? replica.readyAtMs : null,
        ...(wokenAtMs === undefined ? {} : { awakeAtMs: wokenAtMs + wakeMs }),
        ...(replica.spare === undefined ? {} : { ofSpare: true as const }),
      };
    });
}

/** Returns how many replicas of a release sleep and can be woken. */
export function countAsleep(state: RolloutState, release: Release): number {
  return replicasOf(state, release).filter(({ replicaId }) => state.sleep?.get(replicaId)?.stage === 'asleep').length;
}
