import { arrayOf, isObject, objectAt, textOf, textsOf, type JsonObject } from '../json-object.ts';
import { readPodDevices, type PodDevices } from './pod-devices.ts';

/** What a v1 Pod tells of one replica. Times are of whole seconds, and of the clock of whoever wrote them. */
export interface PodObject {
  readonly name: string;
  readonly uid: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** Name of the ReplicaSet that controls it. */
  readonly replicaSet: string | null;
  readonly createdAtMs: number;
  /** It was told to end. */
  readonly isDeleted: boolean;
  readonly node: string | null;
  readonly phase: string;
  readonly address: string | null;
  /** Of a pod that is over: `Evicted`, with its message. */
  readonly reason: string;
  readonly conditions: Readonly<Record<string, PodCondition>>;
  readonly container: ContainerObject | null;
  /** The init container that fetches files; null where there is none, or nothing is told of it yet. */
  readonly files: ContainerObject | null;
  readonly devices: PodDevices;
}

export interface PodCondition {
  readonly isTrue: boolean;
  readonly reason: string;
  readonly message: string;
  readonly atMs: number | null;
}

export interface ContainerObject {
  readonly id: string | null;
  readonly image: string;
  readonly isReady: boolean;
  /** Starts so far, less one; of a container that is not running: the start that ended last. */
  readonly restarts: number;
  readonly waiting: { readonly reason: string; readonly message: string } | null;
  readonly runningSinceMs: number | null;
  /** How the last run ended, when it is over. */
  readonly ended: ContainerEnd | null;
}

export interface ContainerEnd {
  readonly exitStatus: number;
  readonly reason: string;
  /** What it left behind for people, or the last lines of its output. */
  readonly message: string;
  readonly startedAtMs: number | null;
  readonly endedAtMs: number | null;
}

/**
 * @param containerName the container that is the replica; others are passed over.
 * @param filesName the init container that fetches its files.
 */
export function readPod(object: JsonObject, containerName: string, filesName: string): PodObject {
  const metadata = objectAt(object, 'metadata');
  const status = objectAt(object, 'status');
  const controller = arrayOf(metadata['ownerReferences'])
    .filter(isObject)
    .find((owner) => owner['controller'] === true && owner['kind'] === 'ReplicaSet');
  const named = (list: string, name: string): ContainerObject | null => {
    const found = arrayOf(status[list])
      .filter(isObject)
      .find((each) => each['name'] === name);
    return found === undefined ? null : containerOf(found);
  };
  return {
    name: textOf(metadata['name']) ?? '',
    uid: textOf(metadata['uid']) ?? '',
    labels: textsOf(metadata['labels']),
    annotations: textsOf(metadata['annotations']),
    replicaSet: textOf(controller?.['name']),
    createdAtMs: timeOf(metadata['creationTimestamp']) ?? 0,
    isDeleted: textOf(metadata['deletionTimestamp']) !== null,
    node: textOf(objectAt(object, 'spec')['nodeName']),
    phase: textOf(status['phase']) ?? 'Pending',
    address: textOf(status['podIP']),
    reason: [textOf(status['reason']), textOf(status['message'])].filter((part) => part !== null).join(': '),
    conditions: conditionsOf(status['conditions']),
    container: named('containerStatuses', containerName),
    files: named('initContainerStatuses', filesName),
    devices: readPodDevices(object, containerName),
  };
}

export function conditionsOf(value: unknown): Readonly<Record<string, PodCondition>> {
  const entries = arrayOf(value)
    .filter(isObject)
    .map((one): [string, PodCondition] => [
      textOf(one['type']) ?? '',
      {
        isTrue: one['status'] === 'True',
        reason: textOf(one['reason']) ?? '',
        message: textOf(one['message']) ?? '',
        atMs: timeOf(one['lastTransitionTime']),
      },
    ]);
  return Object.fromEntries(entries);
}

function containerOf(status: JsonObject): ContainerObject {
  const state = objectAt(status, 'state');
  const waiting = isObject(state['waiting']) ? state['waiting'] : null;
  const terminated = isObject(state['terminated']) ? state['terminated'] : objectAt(status, 'lastState')['terminated'];
  return {
    id: textOf(status['containerID']),
    image: textOf(status['image']) ?? '',
    isReady: status['ready'] === true,
    restarts: Number(status['restartCount'] ?? 0),
    waiting:
      waiting === null ? null : { reason: textOf(waiting['reason']) ?? '', message: textOf(waiting['message']) ?? '' },
    runningSinceMs: timeOf(objectAt(state, 'running')['startedAt']),
    ended: isObject(terminated) ? endOf(terminated) : null,
  };
}

function endOf(terminated: JsonObject): ContainerEnd {
  return {
    exitStatus: Number(terminated['exitCode'] ?? 0),
    reason: textOf(terminated['reason']) ?? '',
    message: textOf(terminated['message']) ?? '',
    startedAtMs: timeOf(terminated['startedAt']),
    endedAtMs: timeOf(terminated['finishedAt']),
  };
}

/** `2026-11-28T04:00:00Z`, also with a fraction of the second. */
export function timeOf(value: unknown): number | null {
  const ms = Date.parse(textOf(value) ?? '');
  return Number.isFinite(ms) ? ms : null;
}
