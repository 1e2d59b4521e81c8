import type { NamedTask } from '../named/named-task.ts';
import type { PackingTask } from '../packing-task.ts';
import type { PackingPlacement, PlacedNode } from '../plan/placement.ts';
import { assignMost } from './assign-most.ts';
import type { PlacedReplica, PresentNode } from './present-placement.ts';

/** Where a replica is now and where it is to be; null for one that stops or starts. */
export interface ReplicaChange {
  readonly name: string;
  readonly replica: number;
  readonly from: ReplicaPlace | null;
  readonly to: ReplicaPlace | null;
}

export interface ReplicaPlace {
  readonly node: string;
  readonly devices: readonly number[];
}

/** A plan on the nodes as they are: what each holds in the end, and the changes that lead there. */
export interface MatchedPlan {
  readonly nodes: readonly PresentNode[];
  readonly changes: readonly ReplicaChange[];
  /** Replicas that stay where they are. */
  readonly staying: number;
}

/** A place of the plan on a named node, before it is known which replica takes it. */
interface Slot extends ReplicaPlace {
  readonly replica: number;
}

/**
 * Returns the plan with names, so that most replicas stay where they are.
 *
 * Nodes of one class are alike, and so are devices of a node: which node takes which filling, and which device which replicas,
 * is an assignment problem by the replicas in common. Replicas of one class are alike too, so that a replica may stay in a
 * place that the plan means for another one of its class. Reserved room is held in the end, and is in no change.
 */
export function matchPresent(
  named: NamedTask,
  placement: PackingPlacement,
  present: readonly PresentNode[],
): MatchedPlan {
  const filled = named.nodes.flatMap((_, nodeClass) =>
    matchNodes(
      named.task,
      placement.nodes.filter((node) => node.nodeClass === nodeClass),
      present.filter((node) => node.nodeClass === nodeClass),
    ),
  );
  const slots = filled.flatMap(({ node, planned }) => {
    const held = alignDevices(planned, node.held, named.task.nodes[node.nodeClass]?.shape.devices ?? 0);
    return held.map((each): Slot => ({ ...each, node: node.node }));
  });
  return nameSlots(named, slots, present);
}

interface FilledNode {
  readonly node: PresentNode;
  readonly planned: readonly { readonly replica: number; readonly devices: readonly number[] }[];
}

/** Equal fillings are matched first: no assignment gains by parting them. */
function matchNodes(
  task: PackingTask,
  planned: readonly PlacedNode[],
  present: readonly PresentNode[],
): readonly FilledNode[] {
  const byKey = Map.groupBy(present, ({ held }) => keyOf(held));
  const matched: FilledNode[] = [];
  const rest = planned.filter(({ held }) => {
    const node = byKey.get(keyOf(held.filter(({ replica }) => task.replicas[replica]?.reserved !== true)))?.pop();
    if (node !== undefined) matched.push({ node, planned: held });
    return node === undefined;
  });
  const free = [...byKey.values()].flat();
  const counts = free.map(({ held }) => countClasses(held));
  const weights = rest.map(({ held }) => {
    const own = countClasses(held);
    return counts.map((other) =>
      [...own].reduce((sum, [replica, count]) => sum + Math.min(count, other.get(replica) ?? 0), 0),
    );
  });
  const columns = assignMost(weights);
  return [
    ...matched,
    ...rest.flatMap(({ held }, row) => {
      const node = free[columns[row] ?? -1];
      return node === undefined ? [] : [{ node, planned: held }];
    }),
  ];
}

function countClasses(held: readonly { readonly replica: number }[]): ReadonlyMap<number, number> {
  return new Map([...Map.groupBy(held, ({ replica }) => replica)].map(([replica, own]) => [replica, own.length]));
}

const keyOf = (held: readonly { readonly replica: number }[]): string =>
  held
    .map(({ replica }) => replica)
    .sort((a, b) => a - b)
    .join();

/** Returns the planned replicas with devices renumbered, so that most are on the devices on which their class is now. */
function alignDevices(
  planned: FilledNode['planned'],
  present: readonly PlacedReplica[],
  devices: number,
): FilledNode['planned'] {
  if (devices === 0) return planned;
  const classesOn = (held: FilledNode['planned'], device: number) =>
    countClasses(held.filter((each) => each.devices.includes(device)));
  const now = Array.from({ length: devices }, (_, device) => classesOn(present, device));
  const weights = now.map((_, device) => {
    const own = classesOn(planned, device);
    return now.map((other) =>
      [...own].reduce((sum, [replica, count]) => sum + Math.min(count, other.get(replica) ?? 0), 0),
    );
  });
  const deviceOf = assignMost(weights);
  return planned.map(({ replica, devices: own }) => ({
    replica,
    devices: own.map((device) => deviceOf[device] ?? device).sort((a, b) => a - b),
  }));
}

const placeKey = (
  node: string,
  { replica, devices }: { readonly replica: number; readonly devices: readonly number[] },
) => `${replica} ${node} ${[...devices].sort((a, b) => a - b).join()}`;

/** Replicas in a place of the plan stay. Others take places of their class, on their own node first; the rest starts or stops. */
function nameSlots(
  { task, replicas, nodes }: NamedTask,
  slots: readonly Slot[],
  present: readonly PresentNode[],
): MatchedPlan {
  const quota = new Map(replicas.flat().map(({ name, count }) => [name, count]));
  const take = (name: string): boolean => {
    const left = quota.get(name) ?? 0;
    if (left > 0) quota.set(name, left - 1);
    return left > 0;
  };
  const open = Map.groupBy(slots, (slot) => placeKey(slot.node, slot));
  const settled: (PlacedReplica & { readonly node: string })[] = [];
  const leaving: (PlacedReplica & { readonly node: string })[] = [];
  for (const { node, held } of present) {
    for (const each of held) {
      const places = open.get(placeKey(node, each)) ?? [];
      if (places.length > 0 && take(each.name)) {
        places.pop();
        settled.push({ ...each, node });
      } else leaving.push({ ...each, node });
    }
  }
  const staying = settled.length;
  for (const places of open.values()) {
    const [first] = places;
    if (first === undefined || task.replicas[first.replica]?.reserved !== true) continue;
    const name = replicas[first.replica]?.[0]?.name ?? '';
    for (const { node, replica, devices } of places.splice(0)) settled.push({ name, replica, node, devices });
  }
  const changes: ReplicaChange[] = [];
  const free = Map.groupBy([...open.values()].flat(), ({ replica }) => replica);
  const settle = (name: string, from: ReplicaPlace | null, slot: Slot): void => {
    const { replica, node, devices } = slot;
    settled.push({ name, replica, node, devices });
    changes.push({ name, replica, from, to: { node, devices } });
  };
  const onOwnNode = leaving.filter(({ node, replica, name, devices }) => {
    const places = free.get(replica) ?? [];
    const at = places.findIndex((slot) => slot.node === node);
    if (at < 0 || !take(name)) return true;
    for (const slot of places.splice(at, 1)) settle(name, { node, devices }, slot);
    return false;
  });
  for (const { node, replica, name, devices } of onOwnNode) {
    const slot = free.get(replica)?.at(-1);
    if (slot !== undefined && take(name)) {
      free.get(replica)?.pop();
      settle(name, { node, devices }, slot);
    } else changes.push({ name, replica, from: { node, devices }, to: null });
  }
  for (const [replica, places] of free) {
    const names = replicas[replica]?.values();
    let name = names?.next().value?.name;
    for (const slot of places) {
      while (name !== undefined && !take(name)) name = names?.next().value?.name;
      if (name !== undefined) settle(name, null, slot);
    }
  }
  const byNode = Map.groupBy(settled, ({ node }) => node);
  const all = nodes.flatMap((own, nodeClass) =>
    own.map((node) => ({
      node,
      nodeClass,
      held: (byNode.get(node) ?? []).map(({ name, replica, devices }) => ({ name, replica, devices })),
    })),
  );
  return { nodes: all, changes, staying };
}
