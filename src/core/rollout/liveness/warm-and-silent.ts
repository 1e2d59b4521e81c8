import type { RolloutState } from '../deployment/rollout-state.ts';
import type { ObservedReplica } from '../replica.ts';

/** A warm replica that has not answered for so long, milliseconds, is nothing to go back to. */
export const answeredWithinMs = 5_000;

/** Returns whether a replica that was admitted did not answer in the last seconds. One that nobody can ask is taken at its word. */
export function isWarmAndSilent(
  { admissions, answeredAgoMs }: Pick<RolloutState, 'admissions' | 'answeredAgoMs'>,
  { replicaId, state, silent }: ObservedReplica,
): boolean {
  if (!admissions.has(replicaId) || (state !== 'ready' && state !== 'stuck')) return false;
  return state === 'stuck' || silent !== undefined || (answeredAgoMs?.get(replicaId) ?? 0) > answeredWithinMs;
}
