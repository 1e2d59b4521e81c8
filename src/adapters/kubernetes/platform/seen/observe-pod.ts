import type { MeasuredPhase, ObservedReplica } from '../../../../core/rollout/replica.ts';
import type { ReplicaDevices } from '../../../../core/rollout/replica-devices.ts';
import { isDigest, digestOf } from '../../../../core/units/digest.ts';
import {
  readImagePull,
  type ImagePull,
  type PodEvent,
} from '../../../../protocols/kubernetes-objects/pods/pod-events.ts';
import type { ContainerObject, PodObject } from '../../../../protocols/kubernetes-objects/pods/pod-object.ts';
import { makePodPhases } from '../../../../protocols/kubernetes-objects/pods/pod-phases.ts';
import {
  admittedCondition,
  annotationOf,
  containerName,
  filesContainerName,
  labelOf,
  replicaPort,
} from '../../manifests/labels.ts';
import { describeStart } from './describe-start.ts';
import { describeExit, describeTrouble } from './describe-trouble.ts';

export interface PodSurroundings {
  /** False once the Deployment of its set is gone. */
  readonly isWanted: boolean;
  /** Fields in which its template differs from that of its Deployment: somebody else changed it. */
  readonly changed: readonly string[];
  /** About this pod. */
  readonly events: readonly PodEvent[];
  /** What the replica reported itself, in this start. */
  readonly reported: readonly MeasuredPhase[];
  /** When this start was first seen to be ready; null when it was not. */
  readonly firstReadyAtMs: number | null;
  readonly devices: ReplicaDevices;
  /** Why a replica with a certificate is not ready although its probes pass; null where nothing speaks against it. */
  readonly certificateTrouble: string | null;
  /** Why it is to be replaced; null: it need not be. */
  readonly outdated: string | null;
}

/** Names this start: a container that restarts in its pod is another replica. */
export function replicaIdOf(pod: PodObject): string {
  const restarts = pod.container?.restarts ?? 0;
  return restarts === 0 ? pod.name : `${pod.name}.${restarts}`;
}

/** Pod and number of the start of a replica id. */
export function readReplicaId(replicaId: string): { readonly pod: string; readonly start: number } | null {
  const [, pod, start] = /^([a-z0-9][a-z0-9-]{0,251}[a-z0-9])(?:\.(\d{1,9}))?$/.exec(replicaId) ?? [];
  return pod === undefined ? null : { pod, start: Number(start ?? 0) };
}

/**
 * | state | of the pod |
 * |---|---|
 * | draining | was told to end, its Deployment is gone, or somebody else changed the template that made it |
 * | stopped | is over: evicted, or its node ended it |
 * | failed | its container ended and waits for its next start; its image or a Secret cannot be had |
 * | pending | has no node, or its container is being made |
 * | starting | its container runs and is not ready, its node does not answer, or its certificate is not verified |
 * | ready | its probes pass; the golden set is another matter |
 */
export function observePod(pod: PodObject, around: PodSurroundings): ObservedReplica {
  const { state, reason } = stateOf(pod, around);
  const pair = pod.annotations[annotationOf.pair] ?? '';
  const startedAtMs = startedAt(pod);
  const readyAtMs = readyAt(pod, around, startedAtMs);
  const ready = state === 'ready' && readyAtMs !== null;
  return {
    replicaId: replicaIdOf(pod),
    set: pod.labels[labelOf.set] ?? '',
    pair: isDigest(pair) ? pair : digestOf(pair),
    release: Number(pod.annotations[annotationOf.release] ?? 0),
    state,
    reason: ready ? describeStart(pod, pullOf(pod, around.events), readyAtMs - startedAtMs) : reason,
    endpoint: hasEnded(state) || pod.address === null ? null : endpointOf(pod, pod.address),
    pid: null,
    node: pod.node ?? '',
    restarts: pod.container?.restarts ?? 0,
    startedAtMs,
    readyAtMs,
    phases: readyAtMs === null ? [] : phasesOf(pod, around, startedAtMs, readyAtMs),
    devices: around.devices,
    ...(around.outdated === null ? {} : { outdated: around.outdated }),
  };
}

const hasEnded = (state: ObservedReplica['state']): boolean => state === 'failed' || state === 'stopped';

/** Returns where a pod is reached by its address. */
export const endpointOf = ({ annotations }: Pick<PodObject, 'annotations'>, address: string): string =>
  `${schemeOf(annotations)}://${address.includes(':') ? `[${address}]` : address}:${replicaPort}`;

const schemeOf = (annotations: PodObject['annotations']): 'http' | 'https' =>
  annotations[annotationOf.scheme] === 'https' ? 'https' : 'http';

interface Seen {
  readonly state: ObservedReplica['state'];
  readonly reason: string;
}

function stateOf(pod: PodObject, around: PodSurroundings): Seen {
  const { container } = pod;
  if (pod.isDeleted) return { state: 'draining', reason: 'finishes what it has, then stops' };
  if (!around.isWanted)
    return { state: 'draining', reason: 'its Deployment is gone: it finishes what it has, then stops' };
  if (around.changed.length > 0) {
    const fields = around.changed.slice(0, 5).join(', ');
    return {
      state: 'draining',
      reason: `made by somebody else's change of its Deployment (${fields}): it gets no requests, and ends`,
    };
  }
  if (pod.phase === 'Failed' || pod.phase === 'Succeeded') {
    return { state: 'stopped', reason: `the pod is over (${pod.reason === '' ? pod.phase : pod.reason})` };
  }
  const trouble = describeTrouble(pod, around.events);
  if (trouble !== null) return trouble;
  if (container === null || container.runningSinceMs === null) return pendingOf(pod, around.events);
  if (container.isReady && isNodeLost(pod))
    return { state: 'starting', reason: `ready no longer: its node ${pod.node ?? ''} does not answer` };
  if (container.isReady && around.certificateTrouble !== null)
    return { state: 'starting', reason: around.certificateTrouble };
  if (container.isReady) return { state: 'ready', reason: '' };
  return { state: 'starting', reason: startingReason(container, around.events) };
}

/**
 * The node controller takes Ready alone from the pods of a lost node; the kubelet would take ContainersReady as well. Of a
 * gate that was opened a moment ago the kubelet does not know yet: its reason still says that the gate is closed.
 */
function isNodeLost(pod: PodObject): boolean {
  const isTrue = (type: string): boolean => pod.conditions[type]?.isTrue === true;
  const ready = pod.conditions['Ready'];
  const isTaken = ready !== undefined && !ready.isTrue && ready.reason !== 'ReadinessGatesNotReady';
  return isTaken && isTrue('ContainersReady') && isTrue(admittedCondition);
}

function pendingOf(pod: PodObject, events: readonly PodEvent[]): Seen {
  const scheduled = pod.conditions['PodScheduled'];
  if (pod.node === null) {
    const why =
      scheduled?.reason === 'Unschedulable' ? `no node has room for it: ${scheduled.message}` : 'waits for a node';
    return { state: 'pending', reason: why };
  }
  if ((pod.files?.runningSinceMs ?? null) !== null)
    return { state: 'pending', reason: `the node ${pod.node} fetches its files` };
  const pulling = lastOf(events, (event) => event.reason === 'Pulling' || event.reason === 'Pulled');
  const what = pulling?.reason === 'Pulling' ? 'pulls its image' : 'makes its container';
  return { state: 'pending', reason: `the node ${pod.node} ${what}` };
}

function startingReason(container: ContainerObject, events: readonly PodEvent[]): string {
  const since = container.runningSinceMs ?? 0;
  const unhealthy = lastOf(events, (event) => event.reason === 'Unhealthy' && event.lastAtMs >= since);
  const now = unhealthy === null ? 'the container runs and is not ready yet' : `not ready: ${unhealthy.message}`;
  const { ended, restarts } = container;
  if (restarts === 0 || ended === null) return now;
  const cause = ended.reason === 'OOMKilled' ? ': over its memory limit (OOMKilled)' : '';
  return `${now}; start ${restarts + 1}, the one before: ${describeExit(ended)}${cause}`;
}

/** Start 0 begins with the pod, every other one with its container. */
function startedAt(pod: PodObject): number {
  const { container } = pod;
  if (container === null || container.restarts === 0) return pod.createdAtMs;
  return container.runningSinceMs ?? container.ended?.startedAtMs ?? pod.createdAtMs;
}

/** Of start 0 alone: later ones are in the pod where it is. */
const scheduledAt = ({ container, conditions }: PodObject): number | null =>
  (container?.restarts ?? 0) === 0 ? (conditions['PodScheduled']?.atMs ?? null) : null;

/** Never before its start, nor before it had a node: the times are of different clocks. */
function readyAt(pod: PodObject, around: PodSurroundings, startedAtMs: number): number | null {
  const earliestMs = Math.max(startedAtMs, scheduledAt(pod) ?? startedAtMs);
  if (around.firstReadyAtMs !== null) return Math.max(earliestMs, around.firstReadyAtMs);
  if (pod.container?.isReady !== true) return null;
  return Math.max(earliestMs, pod.conditions['ContainersReady']?.atMs ?? earliestMs);
}

/** When Kubernetes says that this start became ready; null while it is not. */
export function readySince(pod: PodObject): number | null {
  return pod.container?.isReady === true ? (pod.conditions['ContainersReady']?.atMs ?? null) : null;
}

function phasesOf(
  pod: PodObject,
  around: PodSurroundings,
  startedAtMs: number,
  readyAtMs: number,
): readonly MeasuredPhase[] {
  const { container } = pod;
  const isFirst = (container?.restarts ?? 0) === 0;
  return makePodPhases({
    createdAtMs: startedAtMs,
    scheduledAtMs: isFirst ? scheduledAt(pod) : startedAtMs,
    pullMs: isFirst ? pullMsOf(pod, around.events) : 0,
    fetchMs: isFirst ? fetchMsOf(pod) : 0,
    containerStartedAtMs: Math.min(container?.runningSinceMs ?? startedAtMs, readyAtMs),
    readyAtMs,
    reported: around.reported,
  });
}

function fetchMsOf({ files }: PodObject): number {
  const ended = files?.ended ?? null;
  return ended === null ? 0 : Math.max(0, (ended.endedAtMs ?? 0) - (ended.startedAtMs ?? 0));
}

function pullOf(pod: PodObject, events: readonly PodEvent[], container = containerName): ImagePull | null {
  const own = events.filter(({ reason, part }) => reason === 'Pulled' && part.includes(`{${container}}`));
  const pulls = own.map(({ message }) => readImagePull(message)).filter((pull) => pull !== null);
  return (pod.container?.restarts ?? 0) === 0 ? (pulls.at(-1) ?? null) : null;
}

/** Null where no event tells: events are kept for an hour. */
function pullMsOf(pod: PodObject, events: readonly PodEvent[]): number | null {
  const pulls = [pullOf(pod, events), pullOf(pod, events, filesContainerName)].filter((pull) => pull !== null);
  if (pulls.length > 0) return pulls.reduce((sum, { withWaitingMs }) => sum + withWaitingMs, 0);
  return events.some(({ reason, message }) => reason === 'Pulled' && message.includes('already present on machine'))
    ? 0
    : null;
}

export function lastOf(events: readonly PodEvent[], holds: (event: PodEvent) => boolean): PodEvent | null {
  return events
    .filter(holds)
    .reduce<PodEvent | null>((last, event) => (last === null || event.lastAtMs >= last.lastAtMs ? event : last), null);
}
