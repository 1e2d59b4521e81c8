import type { PodObject } from '../../../protocols/kubernetes-objects/pods/pod-object.ts';
import { admittedCondition, annotationOf } from '../manifests/labels.ts';
import { replicaIdOf } from './seen/observe-pod.ts';

export interface ScaleDecision {
  /** What the Deployment is to have now. */
  readonly replicas: number;
  /** Why it has more than what is wanted; null when it does not. */
  readonly waitsFor: string | null;
  /** Pods that get the lowest deletion cost. */
  readonly mark: readonly PodObject[];
  /** Pods that were marked and stay after all. */
  readonly unmark: readonly PodObject[];
}

/** As low as the annotation may be. */
export const lowestCost = '-2147483648';

/**
 * A ReplicaSet that has too many pods ends first those without a node, then those that are pending, then those that are
 * not ready, and only among equals those of the lowest deletion cost. So a Deployment's count falls only where this order
 * ends the pods that were chosen:
 *
 * | pods that stay | decision |
 * |---|---|
 * | none stands before a chosen one in that order | mark the chosen ones, then lower the count |
 * | one does: it runs and is not ready, because it loads or sleeps | mark the chosen ones, which closes their gates, and lower the count when they are ready no longer |
 * | one does: it has no node, or does not run | keep the count until it runs |
 *
 * https://github.com/kubernetes/kubernetes/blob/v1.36.0/pkg/controller/controller_utils.go (ActivePodsWithRanks)
 * @param pods of one set.
 * @param present what the Deployment has now. Once it is lowered, the marks stay until the chosen pods are gone.
 */
export function decideScale(
  pods: readonly PodObject[],
  replicas: number,
  present: number,
  stopFirst: readonly string[],
): ScaleDecision {
  const active = pods.filter(isActive);
  const chosen = stopOrder(active, stopFirst).slice(0, Math.max(0, active.length - replicas));
  const names = new Set(chosen.map(({ uid }) => uid));
  const kept = active.filter(({ uid }) => !names.has(uid));
  const highest = chosen.reduce((most, pod) => Math.max(most, worthOf(pod)), -1);
  const [endangered] = kept.filter((pod) => worthOf(pod) < highest).sort((a, b) => worthOf(a) - worthOf(b));
  const mark = chosen.filter((pod) => !isMarked(pod));
  const unmark = kept.filter(isMarked);
  if (endangered === undefined || replicas >= present) return { replicas, waitsFor: null, mark, unmark };
  const isClosable = worthOf(endangered) === running && chosen.every((pod) => worthOf(pod) <= running || hasGate(pod));
  if (isClosable) return { replicas: present, waitsFor: null, mark, unmark };
  const waitsFor = `${endangered.name} stays and is not ready yet, and would be ended before ${chosen.map(({ name }) => name).join(', ')}`;
  return { replicas: present, waitsFor, mark: [], unmark };
}

/** Its gate is closed once it is marked: then it stands among those that are not ready, as the first of them. */
const hasGate = ({ conditions }: PodObject): boolean => conditions[admittedCondition] !== undefined;

/** Pods that count for a ReplicaSet. */
export const isActive = (pod: PodObject): boolean =>
  !pod.isDeleted && pod.phase !== 'Failed' && pod.phase !== 'Succeeded';

/** Whether a pod was chosen to be ended first. */
export const isMarked = ({ annotations }: PodObject): boolean => annotations[annotationOf.deletionCost] === lowestCost;

/** Worth of a pod that runs and is not ready. */
const running = 2;

/** The lower, the sooner a ReplicaSet ends it. */
function worthOf(pod: PodObject): number {
  if (pod.node === null) return 0;
  if (pod.phase !== 'Running') return 1;
  return pod.conditions['Ready']?.isTrue === true ? 3 : running;
}

/** First those that are named, in their order; then those that serve least; of these the youngest. */
function stopOrder(pods: readonly PodObject[], stopFirst: readonly string[]): readonly PodObject[] {
  const place = (pod: PodObject): number => {
    const index = stopFirst.indexOf(replicaIdOf(pod));
    return index === -1 ? stopFirst.length : index;
  };
  const serves = (pod: PodObject): number => worthOf(pod) + (pod.container?.isReady === true ? 1 : 0);
  return [...pods].sort((a, b) => place(a) - place(b) || serves(a) - serves(b) || b.createdAtMs - a.createdAtMs);
}
