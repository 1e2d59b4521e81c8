import type { Deployment, Release } from '../release.ts';
import type { ObservedReplica } from '../replica.ts';
import { withoutNextStart } from './restart.ts';
import { isWarmAndSilent } from '../liveness/warm-and-silent.ts';
import type { IncomingOutcome } from './incoming-outcome.ts';
import { incomingSize } from './release-size.ts';
import { isAdmittedFor, neededReplicas, rejectionOf, replicasOf } from '../routing/routable.ts';
import { rolloutBounds, type RolloutState } from './rollout-state.ts';

/**
 * What becomes of the release that is being brought in. First match decides:
 *
 * | what is seen | outcome |
 * |---|---|
 * | one of its replicas did not reproduce the golden set | fail |
 * | as many as its share of the traffic needs (release-size.ts) are ready and admitted | flip |
 * | a replica that was kept warm and did not answer in the last seconds | it is not among them |
 * | a rollback, at least `replicas.min` of it | flip: the way back waits for nothing more |
 * | one slot ended after `crashLoopRestarts` starts more and none was ever ready | fail |
 * | start timeout over, at least `replicas.min` | flip: more are not to be had now |
 * | start timeout over | fail |
 * | else | wait |
 */
export function judgeIncoming(state: RolloutState, deployment: Deployment, incoming: Release): IncomingOutcome {
  const replicas = replicasOf(state, incoming);
  const rejected = replicas.map((replica) => rejectionOf(state, replica, incoming)).find((reason) => reason !== null);
  if (rejected !== undefined) return { outcome: 'fail', reason: `golden set not reproduced: ${rejected}` };

  const least = neededReplicas(incoming);
  const needed = incoming.cause.kind === 'rollback' ? least : incomingSize(state, deployment, incoming);
  const admitted = replicas.filter(
    (replica) =>
      replica.state === 'ready' && isAdmittedFor(state, replica, incoming) && !isWarmAndSilent(state, replica),
  );
  const count = `${admitted.length} of ${needed} replicas ready and admitted`;
  if (admitted.length >= needed) return { outcome: 'flip', reason: count };

  const looping = replicas.find((replica) => isCrashLooping(replica));
  if (looping !== undefined && admitted.length === 0) {
    return {
      outcome: 'fail',
      reason: `started ${looping.restarts + 1} times without becoming ready: ${withoutNextStart(looping.reason)}`,
    };
  }

  const timeoutMs = incoming.startTimeoutMs ?? rolloutBounds.startTimeoutMs;
  const waitedMs = state.nowMs - Math.max(deployment.changedAtMs, state.observingSinceMs);
  if (waitedMs >= timeoutMs && admitted.length >= least) {
    return { outcome: 'flip', reason: `${count} after ${Math.round(timeoutMs / 1000)} s, and no more of them in time` };
  }
  if (waitedMs >= timeoutMs) {
    const why = replicas.map((replica) => `${replica.replicaId} is ${replica.state} (${replica.reason})`);
    return {
      outcome: 'fail',
      reason: `${count} after ${Math.round(timeoutMs / 1000)} s: ${why.length === 0 ? 'no replica was seen' : why.join('; ')}`,
    };
  }
  return { outcome: 'wait', reason: count };
}

/** Judged when it has ended: only then its reason is how it ended, and not that it is being tried again. */
function isCrashLooping({ state, readyAtMs, restarts }: ObservedReplica): boolean {
  return state === 'failed' && readyAtMs === null && restarts >= rolloutBounds.crashLoopRestarts;
}
