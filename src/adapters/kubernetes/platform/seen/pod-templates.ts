import type { Clock } from '../../../../ports/process/clock.ts';
import { findChangedFields } from '../../../../protocols/kubernetes-objects/changed-fields.ts';
import { objectAt, type JsonObject } from '../../../../protocols/kubernetes-objects/json-object.ts';
import type { PodObject } from '../../../../protocols/kubernetes-objects/pods/pod-object.ts';
import type { ApiClient } from '../../api/api-client.ts';
import { labelOf } from '../../manifests/labels.ts';

const hashLabel = 'pod-template-hash';
const mostAtOnce = 8;
const patienceMs = 3_000;
const retryMs = 30_000;

/**
 * The templates that pods were made of, read once for each ReplicaSet: they do not change. What an admission policy adds to pods is
 * not in them. Without the right to get ReplicaSets nothing is known.
 */
export class PodTemplates {
  readonly #client: ApiClient;
  readonly #namespace: string;
  readonly #clock: Clock;
  /** By the name of the ReplicaSet; null where it could not be read. */
  readonly #known = new Map<string, { readonly template: JsonObject | null; readonly atMs: number }>();

  constructor(client: ApiClient, namespace: string, clock: Clock) {
    this.#client = client;
    this.#namespace = namespace;
    this.#clock = clock;
  }

  /** Reads those that are not known. Never rejects. */
  async look(pods: readonly PodObject[], signal: AbortSignal): Promise<void> {
    const names = new Set(pods.flatMap(({ replicaSet }) => (replicaSet === null ? [] : [replicaSet])));
    const due = [...names].filter((name) => this.#isDue(name)).slice(0, mostAtOnce);
    if (due.length === 0) return;
    const limit = AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]);
    await Promise.all(
      due.map(async (name) => {
        const template = await this.#read(name, limit).catch(() => null);
        this.#known.set(name, { template, atMs: this.#clock.monotonicMs() });
      }),
    );
  }

  /**
   * Returns the fields in which the template of a pod differs from that of its Deployment, as the API server has both; none where
   * either is unknown, and none where no pod of the set is of the wanted template: nothing would be left that answers.
   * @param pods of the same owner.
   */
  changes(pod: PodObject, pods: readonly PodObject[], wanted: JsonObject | undefined): readonly string[] {
    const changes = this.#changesOf(pod, wanted);
    if (changes === null || changes.length === 0) return [];
    const isOfSet = ({ labels }: PodObject): boolean => labels[labelOf.set] === pod.labels[labelOf.set];
    return pods.some((each) => isOfSet(each) && this.#changesOf(each, wanted)?.length === 0) ? changes : [];
  }

  #changesOf({ replicaSet }: PodObject, wanted: JsonObject | undefined): readonly string[] | null {
    const template = this.#known.get(replicaSet ?? '')?.template ?? null;
    return template === null || wanted === undefined ? null : findChangedFields(wanted, template);
  }

  forgetGone(pods: ReadonlyMap<string, PodObject>): void {
    if (this.#known.size <= 2 * pods.size + 100) return;
    const names = new Set([...pods.values()].map(({ replicaSet }) => replicaSet));
    for (const name of this.#known.keys()) if (!names.has(name)) this.#known.delete(name);
  }

  #isDue(name: string): boolean {
    const known = this.#known.get(name);
    return known === undefined || (known.template === null && this.#clock.monotonicMs() - known.atMs >= retryMs);
  }

  async #read(name: string, signal: AbortSignal): Promise<JsonObject | null> {
    const path = `/apis/apps/v1/namespaces/${this.#namespace}/replicasets/${name}`;
    const { status, body } = await this.#client.call({ method: 'GET', path, signal });
    const template = objectAt(body, 'spec', 'template');
    if (status !== 200 || Object.keys(template).length === 0) return null;
    const { [hashLabel]: _hash, ...labels } = objectAt(template, 'metadata', 'labels');
    return { ...template, metadata: { ...objectAt(template, 'metadata'), labels } };
  }
}
