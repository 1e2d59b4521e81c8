import type { PlimsollError } from '../../../core/units/errors.ts';
import type { Clock } from '../../../ports/process/clock.ts';
import type { Random } from '../../../ports/process/random.ts';
import type { ReplicaOwner } from '../../../ports/serving/platform.ts';
import { objectAt, textsOf, type JsonObject } from '../../../protocols/kubernetes-objects/json-object.ts';
import { readDeployment, type DeploymentObject } from '../../../protocols/kubernetes-objects/pods/deployment-object.ts';
import { readPodEvent, type PodEvent } from '../../../protocols/kubernetes-objects/pods/pod-events.ts';
import { readPod, type PodObject } from '../../../protocols/kubernetes-objects/pods/pod-object.ts';
import type { ApiClient } from '../api/api-client.ts';
import { ObjectWatch } from '../api/object-watch.ts';
import { containerName, filesContainerName, labelOf, selectorOfInstallation } from '../manifests/labels.ts';
import { selectorOfServices } from '../manifests/service.ts';
import { readOwnedObject, type OwnedObject } from './serving/owned-object.ts';
import type { SeenServing } from './serving/serving-keeper.ts';

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
  readonly #deployments: ObjectWatch<DeploymentObject>;
  readonly #pods: ObjectWatch<PodObject>;
  readonly #events: ObjectWatch<PodEvent>;
  readonly #services: ObjectWatch<OwnedObject>;
  readonly #slices: ObjectWatch<OwnedObject>;

  constructor({ client, clock, random, namespace, installation, onChange }: PlatformWatchesOptions) {
    const query = { labelSelector: selectorOfInstallation(installation) };
    const told = (object: JsonObject | null): void =>
      onChange(object === null ? null : ownerOf(textsOf(objectAt(object, 'metadata', 'labels'))));
    const parts = { client, clock, random, onChange: told };
    const place = `namespaces/${namespace}`;
    const ofOwner = { ...parts, query, keyOf: keyOfObject };
    this.#deployments = new ObjectWatch({
      ...ofOwner,
      path: `/apis/apps/v1/${place}/deployments`,
      read: readDeployment,
    });
    this.#pods = new ObjectWatch({ ...ofOwner, path: `/api/v1/${place}/pods`, read: readOwnPod });
    this.#events = new ObjectWatch({
      ...parts,
      onChange: () => undefined,
      query: { fieldSelector: 'involvedObject.kind=Pod' },
      path: `/api/v1/${place}/events`,
      read: readTellingEvent,
      keyOf: ({ podUid }) => podUid,
    });
    const owned = { ...ofOwner, query: { labelSelector: selectorOfServices(installation) }, read: readOwnedObject };
    this.#services = new ObjectWatch({ ...owned, path: `/api/v1/${place}/services` });
    this.#slices = new ObjectWatch({ ...owned, path: `/apis/discovery.k8s.io/v1/${place}/endpointslices` });
  }

  async synced(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#deployments.synced(signal), this.#pods.synced(signal), this.#events.synced(signal)]);
  }

  /** As `synced`, of what leads clients inside the cluster to pods: replicas need none of it. */
  async servicesSynced(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#services.synced(signal), this.#slices.synced(signal)]);
  }

  serving(owner: ReplicaOwner): SeenServing {
    const key = keyOfOwner(owner);
    return {
      pods: this.pods(owner),
      services: this.#services.list(key),
      slices: this.#slices.list(key),
    };
  }

  deployments(owner: ReplicaOwner): readonly DeploymentObject[] {
    return this.#deployments.list(keyOfOwner(owner));
  }

  pods(owner: ReplicaOwner): readonly PodObject[] {
    return this.#pods.list(keyOfOwner(owner));
  }

  podOfName(name: string): PodObject | undefined {
    return this.allPods()
      .values()
      .find((pod) => pod.name === name);
  }

  /** By uid. */
  allPods(): ReadonlyMap<string, PodObject> {
    return this.#pods.objects;
  }

  /** About one pod. */
  events(podUid: string): readonly PodEvent[] {
    return this.#events.list(podUid);
  }

  /** A right that was never there, or was taken away: waiting does not help. */
  forbidden(): PlimsollError | null {
    const troubles = [this.#deployments, this.#pods, this.#events].map(({ trouble }) => trouble?.error ?? null);
    return troubles.find((error) => error?.category === 'unauthorized') ?? null;
  }

  /** What keeps the objects from being up to date, and since when. */
  trouble(): ObjectWatch<PodObject>['trouble'] {
    return this.#pods.trouble ?? this.#deployments.trouble;
  }

  async close(): Promise<void> {
    const watches = [this.#deployments, this.#pods, this.#events, this.#services, this.#slices];
    await Promise.all(watches.map((watch) => watch.close()));
  }
}

export const keyOfOwner = (owner: ReplicaOwner): string => `${owner.service}/${owner.environment}`;

const keyOfObject = ({ labels }: { readonly labels: Readonly<Record<string, string>> }): string =>
  keyOfOwner(ownerOf(labels));

export function ownerOf(labels: Readonly<Record<string, string>>): ReplicaOwner {
  return { service: labels[labelOf.service] ?? '', environment: labels[labelOf.environment] ?? '' };
}

/** Null for a pod that somebody else made with labels of ours. */
function readOwnPod(object: JsonObject): PodObject | null {
  const pod = readPod(object, containerName, filesContainerName);
  return pod.replicaSet?.startsWith(`${pod.labels[labelOf.set] ?? ''}-`) === true ? pod : null;
}

function readTellingEvent(object: JsonObject): PodEvent | null {
  return eventReasons.has(String(object['reason'])) ? readPodEvent(object) : null;
}
