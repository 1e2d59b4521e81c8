import type { Clock } from '../../../ports/process/clock.ts';
import type { Random } from '../../../ports/process/random.ts';
import type { ReplicaOwner } from '../../../ports/serving/platform.ts';
import { objectAt, textsOf, type JsonObject } from '../../../protocols/kubernetes-objects/json-object.ts';
import { readDeployment, type DeploymentObject } from '../../../protocols/kubernetes-objects/pods/deployment-object.ts';
import { readPodEvent, type PodEvent } from '../../../protocols/kubernetes-objects/pods/pod-events.ts';
import { readPod, type PodObject } from '../../../protocols/kubernetes-objects/pods/pod-object.ts';
import type { ApiClient } from '../api/api-client.ts';
import { ObjectWatch } from '../api/object-watch.ts';
import { containerName, labelOf, selectorOfInstallation } from '../manifests/labels.ts';

export interface PlatformWatchesOptions {
  readonly client: ApiClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly namespace: string;
  readonly installation: string;
  /** With the owner whose objects changed; null when all may have. */
  readonly onChange: (owner: ReplicaOwner | null) => void;
}

/** What is kept of events: the reasons that tell of a start or of an end. */
const eventReasons = new Set([
  'Pulling',
  'Pulled',
  'Failed',
  'Unhealthy',
  'Killing',
  'FailedScheduling',
  'Evicted',
  'Preempted',
]);

/** The Deployments and pods of an installation, and what is told of its pods, as they are now. */
export class PlatformWatches {
  readonly #deployments: ObjectWatch;
  readonly #pods: ObjectWatch;
  readonly #events: ObjectWatch;

  constructor({ client, clock, random, namespace, installation, onChange }: PlatformWatchesOptions) {
    const query = { labelSelector: selectorOfInstallation(installation) };
    const told = (object: JsonObject | null): void => onChange(object === null ? null : ownerOf(object));
    const parts = { client, clock, random, onChange: told };
    const namespaced = `namespaces/${namespace}`;
    this.#deployments = new ObjectWatch({
      ...parts,
      query,
      path: `/apis/apps/v1/${namespaced}/deployments`,
      slim: slimDeployment,
    });
    this.#pods = new ObjectWatch({ ...parts, query, path: `/api/v1/${namespaced}/pods`, slim: slimPod });
    this.#events = new ObjectWatch({
      ...parts,
      onChange: () => undefined,
      query: { fieldSelector: 'involvedObject.kind=Pod' },
      path: `/api/v1/${namespaced}/events`,
      slim: slimEvent,
    });
  }

  async synced(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#deployments, this.#pods, this.#events].map((watch) => watch.synced(signal)));
  }

  deployments(): readonly DeploymentObject[] {
    return [...this.#deployments.objects.values()].map(readDeployment);
  }

  /** Without pods that somebody else made with labels of ours. */
  pods(): readonly PodObject[] {
    const pods = [...this.#pods.objects.values()].map((object) => readPod(object, containerName));
    return pods.filter(({ replicaSet, labels }) => replicaSet?.startsWith(`${labels[labelOf.set] ?? ''}-`) === true);
  }

  /** By the uid of the pod. */
  events(): ReadonlyMap<string, readonly PodEvent[]> {
    return Map.groupBy([...this.#events.objects.values()].map(readPodEvent), ({ podUid }) => podUid);
  }

  /** What keeps the objects from being up to date, and since when. */
  trouble(): ObjectWatch['trouble'] {
    return this.#pods.trouble ?? this.#deployments.trouble;
  }

  async close(): Promise<void> {
    await Promise.all([this.#deployments, this.#pods, this.#events].map((watch) => watch.close()));
  }
}

function ownerOf(object: JsonObject): ReplicaOwner {
  const labels = textsOf(objectAt(object, 'metadata', 'labels'));
  return { service: labels[labelOf.service] ?? '', environment: labels[labelOf.environment] ?? '' };
}

const metadataKeys = [
  'name',
  'uid',
  'labels',
  'annotations',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'ownerReferences',
];

function slimDeployment({ metadata, spec, status }: JsonObject): JsonObject {
  return {
    metadata: pick(metadata, metadataKeys),
    spec: pick(spec, ['replicas']),
    status: pick(status, ['conditions']),
  };
}

function slimPod({ metadata, spec, status }: JsonObject): JsonObject {
  const told = ['phase', 'conditions', 'podIP', 'containerStatuses', 'reason', 'message'];
  return { metadata: pick(metadata, metadataKeys), spec: pick(spec, ['nodeName']), status: pick(status, told) };
}

function slimEvent(event: JsonObject): JsonObject | null {
  if (!eventReasons.has(String(event['reason']))) return null;
  const told = ['involvedObject', 'reason', 'message', 'series', 'lastTimestamp', 'firstTimestamp', 'eventTime'];
  return pick(event, told);
}

function pick(value: unknown, keys: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(objectAt(value)).filter(([key]) => keys.includes(key)));
}
