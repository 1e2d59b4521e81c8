import type { ObservedReplica } from '../../../../core/rollout/replica.ts';
import type { ReplicaSetSpec } from '../../../../ports/serving/platform.ts';
import type { DeploymentObject } from '../../../../protocols/kubernetes-objects/pods/deployment-object.ts';
import type { PodObject } from '../../../../protocols/kubernetes-objects/pods/pod-object.ts';
import { labelOf } from '../../manifests/labels.ts';
import { isActive } from '../decide-scale.ts';
import type { Refusal } from '../set-keeper.ts';

/**
 * Sets whose pods the cluster does not make, as one failed replica each, so that the reason is seen: the Deployment was
 * refused, or the pods are (a quota, a policy).
 */
export function observeMissing(
  wanted: readonly ReplicaSetSpec[],
  deployments: readonly DeploymentObject[],
  pods: readonly PodObject[],
  refusals: ReadonlyMap<string, Refusal>,
  nowMs: number,
): readonly ObservedReplica[] {
  return wanted.flatMap((spec) => {
    const active = pods.filter((pod) => pod.labels[labelOf.set] === spec.set && isActive(pod)).length;
    if (active >= spec.replicas) return [];
    const refusal = refusals.get(spec.set);
    if (refusal !== undefined) {
      const { error, sinceMs } = refusal;
      return [missing(spec, `${error.message}${error.next === undefined ? '' : `; ${error.next}`}`, sinceMs)];
    }
    const failure = deployments.find(({ name }) => name === spec.set)?.conditions['ReplicaFailure'];
    if (failure?.isTrue !== true) return [];
    const reason = `the cluster refuses its pods (${failure.reason}): ${failure.message}; next: kubectl describe resourcequota`;
    return [missing(spec, reason, failure.atMs ?? nowMs)];
  });
}

function missing(spec: ReplicaSetSpec, reason: string, sinceMs: number): ObservedReplica {
  return {
    replicaId: `${spec.set}-not-made`,
    set: spec.set,
    pair: spec.pair,
    release: spec.release,
    state: 'failed',
    reason,
    endpoint: null,
    pid: null,
    node: '',
    restarts: 0,
    startedAtMs: sinceMs,
    readyAtMs: null,
    phases: [],
  };
}
