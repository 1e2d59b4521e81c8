import type { NodeFacts } from '../../../core/pool/node-facts.ts';
import { mergeNodes } from '../../../core/pool/snapshot/pool-merge.ts';
import { PlimsollError } from '../../../core/units/errors.ts';
import type { AskedNodes, OwnCluster } from '../../../ports/nodes/own-nodes.ts';
import type { Clock } from '../../../ports/process/clock.ts';
import {
  arrayOf,
  isObject,
  objectAt,
  textOf,
  type JsonObject,
} from '../../../protocols/kubernetes-objects/json-object.ts';
import { nodeFactsOfKubernetes } from '../../../protocols/kubernetes-objects/node-facts-of-kubernetes.ts';
import type { ApiClient } from '../api/api-client.ts';
import type { Placement } from '../manifests/placement.ts';
import type { ApiGet } from '../api-get.ts';
import { readSlices } from '../cluster-reader.ts';
import { listAll } from '../list-all.ts';

export interface ClusterNodesOptions {
  readonly client: ApiClient;
  readonly clock: Clock;
  readonly namespace: string;
  /** Taint that pods with accelerators pass over. */
  readonly acceleratorTaint: string;
  /** Where the pods of every service may run. */
  readonly placement: Pick<Placement, 'nodeSelector' | 'tolerations'>;
  /** Image of the built-in model server; undefined where there is none. */
  readonly replicaImage: string | undefined;
  /** Name of the pod that this program may run in, as `HOSTNAME` says it. */
  readonly ownPod: string | undefined;
  /** Of this program. */
  readonly runtime: () => Readonly<Record<string, string>>;
}

/** Evidence is judged every few seconds, and nodes come and go in minutes. */
const keptMs = 30_000;

interface Seen {
  readonly facts: NodeFacts;
  /** Those that keep pods away. */
  readonly taints: readonly Taint[];
}

interface Taint {
  readonly key: string;
  readonly value: string;
  readonly effect: string;
}

/** The nodes of the cluster, as its API server tells them to whoever may list them. */
export class ClusterNodes implements OwnCluster {
  readonly #options: ClusterNodesOptions;
  #last: { readonly atMs: number; readonly nodes: Promise<readonly Seen[]> } | null = null;
  #seen: ReadonlyMap<string, NodeFacts> = new Map();
  #isOwnImage: boolean | null = null;

  constructor(options: ClusterNodesOptions) {
    this.#options = options;
  }

  get namespace(): string {
    return this.#options.namespace;
  }

  async nodes({ accelerator, selector }: AskedNodes, signal: AbortSignal): Promise<readonly NodeFacts[]> {
    const { acceleratorTaint, placement } = this.#options;
    const ofDevices = accelerator === 'cpu' ? [] : [{ key: acceleratorTaint, operator: 'Exists' }];
    const tolerations = [...(placement.tolerations ?? []), ...ofDevices];
    const labels = Object.entries({ ...selector, ...placement.nodeSelector });
    return (await this.#read(signal)).flatMap(({ facts, taints }) => {
      const isChosen = labels.every(([key, value]) => facts.labels[key] === value);
      const isOpen = taints.every((taint) => tolerations.some((toleration) => isTolerated(taint, toleration)));
      return isChosen && isOpen ? [facts] : [];
    });
  }

  /** As it was last read; null where nodes are not read. */
  find(node: string): NodeFacts | null {
    return this.#seen.get(node) ?? null;
  }

  async runtime(signal: AbortSignal): ReturnType<OwnCluster['runtime']> {
    const { replicaImage, runtime } = this.#options;
    this.#isOwnImage = this.#isOwnImage === true || (await this.#runsImage(replicaImage, signal));
    if (this.#isOwnImage) return runtime();
    const unreadable = `which runtime ${replicaImage ?? 'the image of replicas'} has is not known: this control plane does not run in it`;
    return { unreadable };
  }

  #read(signal: AbortSignal): Promise<readonly Seen[]> {
    const nowMs = this.#options.clock.monotonicMs();
    if (this.#last !== null && nowMs - this.#last.atMs < keptMs) return this.#last.nodes;
    const nodes = this.#list(signal);
    this.#last = { atMs: nowMs, nodes };
    nodes.catch(() => {
      this.#last = null;
    });
    return nodes;
  }

  async #list(signal: AbortSignal): Promise<readonly Seen[]> {
    const { client, clock } = this.#options;
    const get: ApiGet = (path, query, asked) => client.call({ method: 'GET', path, query, signal: asked });
    const listed = ((await listAll(get, '/api/v1/nodes', { signal }).catch(withRole)) ?? []) as readonly JsonObject[];
    const { slices } = await readSlices(get, { signal });
    const objects = { nodes: listed, slices: slices as readonly JsonObject[], others: {} };
    const { ofLabels, ofSlices } = nodeFactsOfKubernetes(objects, clock.nowMs());
    const sourced = [...ofLabels, ...ofSlices].map((facts) => ({ source: 'cluster', facts }));
    const taints = new Map(listed.map((node) => [textOf(objectAt(node, 'metadata')['name']), taintsOf(node)]));
    const seen = mergeNodes(sourced).nodes.map((facts) => ({ facts, taints: taints.get(facts.name) ?? [goneNode] }));
    this.#seen = new Map(seen.map(({ facts }) => [facts.name, facts]));
    return seen;
  }

  async #runsImage(image: string | undefined, signal: AbortSignal): Promise<boolean> {
    const { client, namespace, ownPod } = this.#options;
    if (image === undefined || ownPod === undefined || !/^[a-z0-9][a-z0-9.-]{0,252}$/.test(ownPod)) return false;
    const query = { fieldSelector: `metadata.name=${ownPod}`, limit: '1' };
    const path = `/api/v1/namespaces/${namespace}/pods`;
    const { body } = await client.call({ method: 'GET', path, query, signal });
    const containers = arrayOf(body['items']).flatMap((pod) => arrayOf(objectAt(pod, 'spec')['containers']));
    return containers.filter(isObject).some((container) => container['image'] === image);
  }
}

/** A node that is away for a moment is one that pods land on again; who cordons a node says that none shall. */
function taintsOf(node: JsonObject): readonly Taint[] {
  const taints = arrayOf(objectAt(node, 'spec')['taints']).filter(isObject);
  return taints.flatMap(({ key, value = '', effect }) => {
    const isPassing = typeof key === 'string' && /^node\.(?:kubernetes|cloudprovider\.kubernetes)\.io\//.test(key);
    const isCordon = key === 'node.kubernetes.io/unschedulable';
    return effect === 'PreferNoSchedule' || (isPassing && !isCordon)
      ? []
      : [{ key: String(key), value: String(value), effect: String(effect) }];
  });
}

/** Of a node that has slices, and no object any more: no toleration passes it. */
const goneNode: Taint = { key: '', value: '', effect: '' };

/** As Kubernetes matches them: no key is every key, no effect every effect. */
function isTolerated(taint: Taint, { key, operator, value = '', effect }: JsonObject): boolean {
  if (taint === goneNode) return false;
  const isOfKey = key === undefined || key === taint.key;
  return (
    isOfKey && (operator === 'Exists' || value === taint.value) && (effect === undefined || effect === taint.effect)
  );
}

function withRole(thrown: unknown): never {
  if (!(thrown instanceof PlimsollError) || thrown.code !== 'cluster-forbidden') throw thrown;
  const { code, category, message } = thrown;
  const next = 'bind the ClusterRole of deploy/kubernetes/nodes-cluster-role.yaml to its service account';
  throw new PlimsollError({ code, category, message: `${message}; ${next}`, next, cause: thrown });
}
