import type { PlannedSet } from '../../core/rollout/deployment/rollout-state.ts';
import type { Release } from '../../core/rollout/release.ts';
import { makeWorkload } from '../../core/rollout/workload.ts';
import type { ReplicaSetSpec } from '../../ports/serving/platform.ts';

/**
 * What a platform is asked for, made of a planned set and of the first release with its pair.
 * @param isCountedByAnother the live release of the pair leaves the number to its actuator.
 */
export function makeReplicaSetSpec(planned: PlannedSet, release: Release, isCountedByAnother = false): ReplicaSetSpec {
  return {
    set: planned.set,
    pair: planned.pair,
    release: planned.release,
    replicas: planned.replicas,
    ...(isCountedByAnother ? { isCountedByAnother } : {}),
    stopFirst: planned.stopFirst,
    ...(planned.asleep === undefined ? {} : { asleep: planned.asleep }),
    ...(planned.stuck === undefined ? {} : { stuck: planned.stuck }),
    workload: makeWorkload(release.code, release.model),
    drainTimeoutMs: planned.drainTimeoutMs,
    startTimeoutMs: planned.startTimeoutMs,
    ...(release.golden === null ? {} : { golden: release.golden.blob }),
  };
}
