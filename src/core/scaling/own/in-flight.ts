import { chanceReadyWithin, readyForShare, readyTimeMs } from '../../coldstart/start-times.ts';
import type { StartDistribution } from '../../coldstart/start-distribution.ts';
import type { ScaledReplica } from '../policy.ts';

/** Replicas that are there, and those that are on their way by what may be expected of them. */
export interface PresentReplicas {
  readonly ready: number;
  readonly loading: number;
  /** Loading replicas that will be ready within the horizon, expected (a fraction). */
  readonly arriving: number;
  /** Loading replicas, each by the share of the horizon that it will be ready for, expected (a fraction). */
  readonly served: number;
  /** Loading replicas that have outlasted nearly every start: something else has to be ordered in their place. */
  readonly overdue: number;
}

/** A start that has lasted longer than this share of all starts is not counted on any more. */
const givenUpShare = 0.99;
/** Where few starts are known their longest says little: twice that much is waited for. */
const longestTimes = 2;

/** @param ofSpares starts of replicas that were made of a spare; by default those of all */
export function presentReplicas(
  replicas: readonly ScaledReplica[],
  starts: StartDistribution,
  nowMs: number,
  horizonMs: number,
  ofSpares = starts,
): PresentReplicas {
  let [ready, loading, arriving, served, overdue] = [0, 0, 0, 0, 0];
  for (const replica of replicas) {
    if (replica.state === 'draining') continue;
    if (replica.state === 'ready') {
      ready += 1;
      continue;
    }
    loading += 1;
    if (replica.awakeAtMs !== undefined) {
      const leftMs = Math.max(0, replica.awakeAtMs - nowMs);
      arriving += leftMs <= horizonMs ? 1 : 0;
      served += Math.max(0, 1 - leftMs / horizonMs);
      continue;
    }
    const own = replica.ofSpare === true ? ofSpares : starts;
    const giveUpMs = longestTimes * readyTimeMs(own, givenUpShare);
    // A replica that waits for an accelerator has not begun: all of its start is to come.
    const ageMs = replica.state === 'pending' ? 0 : Math.max(0, nowMs - replica.orderedAtMs);
    if (nowMs - replica.orderedAtMs > giveUpMs) overdue += 1;
    else {
      arriving += chanceReadyWithin(own, ageMs, horizonMs);
      served += readyForShare(own, ageMs, horizonMs);
    }
  }
  return { ready, loading, arriving, served, overdue };
}
