import type { PodObject } from '../../../../protocols/kubernetes-objects/pods/pod-object.ts';
import { admittedCondition } from '../../manifests/labels.ts';
import { isMarked } from '../decide-scale.ts';
import { replicaIdOf } from '../seen/observe-pod.ts';

/** What the readiness gate of a pod is to say. */
export interface Gate {
  readonly isOpen: boolean;
  readonly reason: 'GoldenSetPassed' | 'ContainerNotAdmitted';
  /** Id of the container that was admitted, or of the one that is not. */
  readonly message: string;
}

/**
 * A container is admitted, and not its pod: a condition outlives the container that it was set for.
 *
 * | the container | the gate says | change |
 * |---|---|---|
 * | is admitted | True for this container | none |
 * | is admitted | anything else | True, its message the container id |
 * | is not admitted, or there is none | True | False |
 * | is not admitted, or there is none | nothing, or False | none |
 *
 * A pod that is marked to be ended first counts as not admitted: gateways have let go of it, and a ReplicaSet ends pods that are ready
 * last, so that one that sleeps would go before it.
 *
 * @param admitted replica ids; each names one start of one container.
 * @returns null where the gate stays as it is.
 */
export function decideGate(pod: PodObject, admitted: ReadonlySet<string>): Gate | null {
  const { container } = pod;
  const id = container?.id ?? '';
  const now = pod.conditions[admittedCondition];
  const isRunning = id !== '' && container?.runningSinceMs !== null;
  const isAdmitted = isRunning && admitted.has(replicaIdOf(pod)) && !isMarked(pod);
  if (isAdmitted) {
    if (now?.isTrue === true && now.message === id) return null;
    return { isOpen: true, reason: 'GoldenSetPassed', message: id };
  }
  return now?.isTrue === true ? { isOpen: false, reason: 'ContainerNotAdmitted', message: id } : null;
}

/** Pods that the Service of an owner leads to: those that answer for the live release, and were admitted. */
export function servingPods(
  pods: readonly PodObject[],
  { admitted, live }: { readonly admitted: ReadonlySet<string>; readonly live: ReadonlySet<string> },
): readonly PodObject[] {
  return pods.filter((pod) => {
    const id = replicaIdOf(pod);
    const answers = !pod.isDeleted && pod.phase === 'Running' && pod.container?.isReady === true;
    return answers && pod.address !== null && admitted.has(id) && live.has(id);
  });
}
