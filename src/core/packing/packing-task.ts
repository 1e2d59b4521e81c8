import { totalDeviceMilli, type NodeShape, type ReplicaShape } from './room.ts';

/** One accelerator, or one node where nodes are counted, in the unit of prices and gains. */
export const nanoPerUnit = 1_000_000_000;
const nanoPerDeviceMilli = nanoPerUnit / 1_000;

/** `most-accelerators`: the most of devices is held. `fewest-nodes`: every replica is placed, on as few nodes as possible. */
export type PackingObjective = 'most-accelerators' | 'fewest-nodes';

/** Nodes of one shape. */
export interface NodeClass {
  readonly shape: NodeShape;
  readonly count: number;
}

/** Replicas of one shape. */
export interface ReplicaClass {
  readonly shape: ReplicaShape;
  readonly count: number;
  /** What a placed replica is worth with `most-accelerators`, in whole nano of a device. Left out: the devices that it holds. */
  readonly gainNano?: number;
  /** Room that is kept free, and no replica that runs. It goes before all replicas and adds nothing to what is reached. */
  readonly reserved?: boolean;
}

export interface PackingTask {
  readonly objective: PackingObjective;
  readonly replicas: readonly ReplicaClass[];
  readonly nodes: readonly NodeClass[];
}

/**
 * Returns what a placed replica of each class adds to the objective while it is planned, in nano. Reserved room counts as more
 * devices than a node has, so that no replica is worth its place.
 */
export function listGains({ objective, replicas, nodes }: PackingTask): readonly number[] {
  const devices = nodes.reduce((most, { shape }) => Math.max(most, shape.devices), 0);
  return replicas.map(({ shape, gainNano, reserved }) => {
    if (objective === 'fewest-nodes') return 0;
    if (reserved === true) return (devices + 1) * nanoPerUnit;
    return gainNano ?? totalDeviceMilli(shape) * nanoPerDeviceMilli;
  });
}

/** Returns what a placed replica of each class adds to what a plan reaches: 0 for reserved room. */
export function listReachedGains(task: PackingTask): readonly number[] {
  return listGains(task).map((gain, at) => (task.replicas[at]?.reserved === true ? 0 : gain));
}

/** Returns replicas of which all classes of a service have its least limit. */
export function shareLimits<Replicas extends { readonly shape: ReplicaShape }>(
  replicas: readonly Replicas[],
): readonly Replicas[] {
  const least = new Map<string, number>();
  for (const { perNode } of replicas.map(({ shape }) => shape)) {
    if (perNode === undefined) continue;
    least.set(perNode.service, Math.min(least.get(perNode.service) ?? Infinity, perNode.atMost));
  }
  return replicas.map((each) => {
    const { perNode } = each.shape;
    const atMost = perNode === undefined ? undefined : least.get(perNode.service);
    if (perNode === undefined || atMost === undefined || atMost === perNode.atMost) return each;
    return { ...each, shape: { ...each.shape, perNode: { ...perNode, atMost } } };
  });
}

/** Returns what one more used node adds to the objective, in nano. */
export function nodeCostNano({ objective }: PackingTask): number {
  return objective === 'fewest-nodes' ? nanoPerUnit : 0;
}

/**
 * Returns what a replica of each class is worth in the pricing of a node at these prices. The price of a class is what the
 * objective gains by one more such replica (`most-accelerators`), or what it costs to place one (`fewest-nodes`); 0 or more.
 */
export function listWorths(task: PackingTask, pricesNano: readonly number[]): readonly number[] {
  const sign = task.objective === 'most-accelerators' ? -1 : 1;
  return listGains(task).map((gain, index) => gain + sign * (pricesNano[index] ?? 0));
}

/** No plan places more replicas of one kind on a node. A node of a cluster runs some hundred. */
export const mostPerNode = 10_000;

/** What a node's CPU, memory or limits come to by their prices stays below this, so that sums are exact. */
export const exactNano = Number.MAX_SAFE_INTEGER / 4;
