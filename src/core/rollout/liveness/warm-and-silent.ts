import type { RolloutState } from '../deployment/rollout-state.ts';
import type { ObservedReplica } from '../replica.ts';

/** A replica that answered nobody for so long, milliseconds, while it is probed, is silent: another is preferred, and none goes back to it. */
export const answeredWithinMs = 5_000;

/** Returns whether a replica that was admitted does not answer. One that nobody can ask is taken at its word. */
export function isWarmAndSilent(
  { admissions }: Pick<RolloutState, 'admissions'>,
  { replicaId, state, silent }: ObservedReplica,
): boolean {
  return admissions.has(replicaId) && (state === 'stuck' || (state === 'ready' && silent !== undefined));
}
