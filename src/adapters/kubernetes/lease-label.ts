import { PlimsollError } from '../../core/units/errors.ts';
import { arrayOf, isObject, objectAt, textOf } from '../../protocols/kubernetes-objects/json-object.ts';
import type { ApiClient } from './api/api-client.ts';
import { componentLabels, leaseLabel } from './install/object-names.ts';

/** A pod of an installation's control plane. */
export interface OwnPod {
  readonly namespace: string;
  readonly name: string;
  readonly installation: string;
}

/**
 * The label of the pod whose control plane holds the lease: the Service of an installation leads to pods that have it.
 *
 * | when | label |
 * |---|---|
 * | a control plane starts | taken from its own pod, before that is Ready: a container that starts again finds it there |
 * | it holds the lease and listens | taken from every other pod, then given to its own; again from time to time |
 */
export class LeaseLabel {
  readonly #client: ApiClient;
  readonly #pod: OwnPod;

  constructor(client: ApiClient, pod: OwnPod) {
    this.#client = client;
    this.#pod = pod;
  }

  /** @throws PlimsollError as `ApiClient.call`; `pod-missing` (input). */
  async drop(signal: AbortSignal): Promise<void> {
    await this.#write(this.#pod.name, null, signal);
  }

  /** Writes nothing where the label is on this pod alone. @throws PlimsollError as `drop`. */
  async hold(signal: AbortSignal): Promise<void> {
    const { name } = this.#pod;
    const labelled = await this.#labelled(signal);
    for (const other of labelled) if (other !== name) await this.#write(other, null, signal);
    if (!labelled.includes(name)) await this.#write(name, 'held', signal);
  }

  /** Names of the pods that have it. */
  async #labelled(signal: AbortSignal): Promise<readonly string[]> {
    const { namespace, installation } = this.#pod;
    const labels = { ...componentLabels({ name: installation }, 'control-plane'), ...leaseLabel };
    const labelSelector = Object.entries(labels)
      .map((label) => label.join('='))
      .join(',');
    const path = `/api/v1/namespaces/${namespace}/pods`;
    const { body } = await this.#client.call({ method: 'GET', path, query: { labelSelector }, signal });
    return arrayOf(body['items'])
      .filter(isObject)
      .map((pod) => textOf(objectAt(pod, 'metadata')['name']) ?? '');
  }

  async #write(name: string, value: 'held' | null, signal: AbortSignal): Promise<void> {
    const labels = Object.fromEntries(Object.keys(leaseLabel).map((label) => [label, value]));
    const { status } = await this.#client.call({
      method: 'PATCH',
      path: `/api/v1/namespaces/${this.#pod.namespace}/pods/${name}`,
      body: { metadata: { labels } },
      contentType: 'application/merge-patch+json',
      signal,
    });
    // Another pod that is gone leads nobody anywhere.
    if (status > 299 && name === this.#pod.name) throw podMissing(this.#pod, status);
  }
}

function podMissing({ namespace, name }: OwnPod, status: number): PlimsollError {
  return new PlimsollError({
    code: 'pod-missing',
    category: 'input',
    message: `the pod ${name} in the namespace ${namespace} takes no label (${status}), and PLIMSOLL_POD names it`,
    next: `kubectl get pod ${name} --namespace ${namespace}; PLIMSOLL_POD is metadata.name of the pod of this control plane`,
    details: { namespace, name, status },
  });
}
