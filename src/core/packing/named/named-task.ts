import { PlimsollError } from '../../units/errors.ts';
import { countDeviceless } from '../filling/node-bound.ts';
import { mostPerNode, shareLimits, type PackingObjective, type PackingTask } from '../packing-task.ts';
import { addInstances, type HeldInstance } from '../cuts/held-instances.ts';
import type { PackingPlacement, PlacedNode } from '../plan/placement.ts';
import type { NodeShape, ReplicaShape } from '../room.ts';

/** One node by its name. */
export interface NamedNode {
  readonly name: string;
  readonly shape: NodeShape;
}

/** Replicas of one service, or of one row of a list, by its name. */
export interface NamedReplicas {
  readonly name: string;
  readonly shape: ReplicaShape;
  readonly count: number;
  /** Room that is kept free for so many replicas. */
  readonly reserved?: boolean;
}

/** A task whose classes have names. Nodes of one shape are a class, and so are replicas of one shape. */
export interface NamedTask {
  readonly task: PackingTask;
  /** Names of the nodes of each class. */
  readonly nodes: readonly (readonly string[])[];
  /** Names of the replicas of each class, with how many each has. */
  readonly replicas: readonly (readonly { readonly name: string; readonly count: number }[])[];
}

/** What is on one node, by names. */
export interface NamedPlacement {
  readonly node: string;
  readonly held: readonly NamedHeld[];
}

export interface NamedHeld {
  readonly replica: string;
  readonly devices: readonly number[];
  /** The MIG instance of its device that the replica holds. */
  readonly instance?: HeldInstance;
}

/** Replicas that are placed nowhere. */
export interface NamedRest {
  readonly replica: string;
  readonly count: number;
}

/**
 * Returns the task of these nodes and replicas. Classes are in the order in which their shapes first come.
 *
 * @throws PlimsollError `replicas-too-small` (input) where more than 10,000 of a class are asked for and fit on one node.
 */
export function makeNamedTask(
  nodes: readonly NamedNode[],
  replicas: readonly NamedReplicas[],
  objective: PackingObjective,
): NamedTask {
  const nodeClasses = groupByShape(nodes);
  const replicaClasses = groupByShape(dropIdleLimits(shareLimits(replicas)));
  return {
    task: {
      objective,
      nodes: nodeClasses.map(({ shape, members }) => ({ shape, count: members.length })),
      replicas: replicaClasses.map(({ shape: own, members }) => {
        const count = members.reduce((sum, each) => sum + each.count, 0);
        const shape = own.devices > 0 ? own : { ...own, atMost: count };
        if (count > mostPerNode) refuseTooSmall(nodes, { shape, members });
        return {
          shape,
          count,
          ...(members[0]?.reserved === true ? { reserved: true } : {}),
        };
      }),
    },
    nodes: nodeClasses.map(({ members }) => members.map(({ name }) => name)),
    replicas: replicaClasses.map(({ members }) => members.map(({ name, count }) => ({ name, count }))),
  };
}

function refuseTooSmall(
  nodes: readonly NamedNode[],
  { shape, members }: { readonly shape: ReplicaShape; readonly members: readonly NamedReplicas[] },
): void {
  const node = nodes.find((each) => countDeviceless(shape, each.shape) > mostPerNode);
  if (node === undefined) return;
  const [name, more] = [members[0]?.name ?? '', members.length - 1];
  throw new PlimsollError({
    code: 'replicas-too-small',
    category: 'input',
    message: `${name}${more > 0 ? ` and ${more} more like it` : ''}: more than ${mostPerNode} fit on the node ${node.name}, which no plan places`,
    next: 'give cpu_milli in thousandths of a core and memory_mib in MiB, of the nodes and of the replicas',
  });
}

/** Returns the rows without limits that the replicas of a service never reach, so that rows of one shape stay one class. */
function dropIdleLimits(rows: readonly NamedReplicas[]): readonly NamedReplicas[] {
  const counts = new Map<string, number>();
  for (const { shape, count } of rows) {
    const service = shape.perNode?.service;
    if (service !== undefined) counts.set(service, (counts.get(service) ?? 0) + count);
  }
  return rows.map((row) => {
    const { perNode, ...shape } = row.shape;
    return perNode === undefined || perNode.atMost < (counts.get(perNode.service) ?? 0) ? row : { ...row, shape };
  });
}

/** Returns a placement by names. The names of a class are given out in their order. */
export function namePlacement(
  named: NamedTask,
  { nodes, unplaced }: PackingPlacement,
): { readonly nodes: readonly NamedPlacement[]; readonly unplaced: readonly NamedRest[] } {
  const nextNode = named.nodes.map((names) => names.values());
  const nextReplica = named.replicas.map((members) => listNames(members));
  const placed = nodes.map(({ nodeClass, held }) => ({
    node: nextNode[nodeClass]?.next().value ?? '',
    held: addInstances(named.task, nodeClass, held).map(({ replica, devices, instance }) => ({
      replica: nextReplica[replica]?.next().value ?? '',
      devices: [...devices],
      ...(instance === undefined ? {} : { instance }),
    })),
  }));
  const rest = new Map<string, number>();
  for (const [at, count] of unplaced.entries()) {
    for (let left = count; left > 0; left -= 1) {
      const name = nextReplica[at]?.next().value ?? '';
      rest.set(name, (rest.get(name) ?? 0) + 1);
    }
  }
  return { nodes: placed, unplaced: [...rest].map(([replica, count]) => ({ replica, count })) };
}

export type UnnamedPlacement =
  | { readonly answer: 'placement'; readonly placement: PackingPlacement }
  /** A name that the task does not have, or has not so often. */
  | { readonly answer: 'refused'; readonly reason: string };

/** Returns the placement that names stand for; what is placed nowhere is counted anew. */
export function readNamedPlacement(named: NamedTask, placed: readonly NamedPlacement[]): UnnamedPlacement {
  const classOfNode = new Map(named.nodes.flatMap((names, at) => names.map((name) => [name, at] as const)));
  const left = new Map(named.replicas.flatMap((members, at) => members.map((each) => [each.name, { at, ...each }])));
  const used = new Set<string>();
  const nodes: PlacedNode[] = [];
  const unplaced = named.task.replicas.map(({ count }) => count);
  for (const { node, held } of placed) {
    const nodeClass = classOfNode.get(node);
    if (nodeClass === undefined) return refuse(`there is no node ${node}`);
    if (used.has(node)) return refuse(`the node ${node} is named twice`);
    used.add(node);
    const own = [];
    for (const { replica, devices } of held) {
      const found = left.get(replica);
      if (found === undefined) return refuse(`there is no replica ${replica}`);
      if (found.count === 0) return refuse(`${replica} is placed more often than it is asked for`);
      left.set(replica, { ...found, count: found.count - 1 });
      unplaced[found.at] = (unplaced[found.at] ?? 0) - 1;
      own.push({ replica: found.at, devices });
    }
    if (!haveSameInstances(addInstances(named.task, nodeClass, own), held)) {
      return refuse(`the MIG instances of ${node} are not those of its replicas`);
    }
    nodes.push({ nodeClass, held: own });
  }
  return { answer: 'placement', placement: { nodes, unplaced } };
}

const refuse = (reason: string): UnnamedPlacement => ({ answer: 'refused', reason });

/** A placement without instances is one of which the starts are not written. */
function haveSameInstances(
  own: readonly { readonly instance?: HeldInstance }[],
  held: readonly Pick<NamedHeld, 'instance'>[],
): boolean {
  return held.every(({ instance }, at) => {
    const other = own[at]?.instance;
    return instance === undefined || (instance.profile === other?.profile && instance.start === other.start);
  });
}

function groupByShape<Member extends { readonly shape: unknown; readonly reserved?: boolean }>(
  members: readonly Member[],
): readonly { readonly shape: Member['shape']; readonly members: readonly Member[] }[] {
  const groups = Map.groupBy(members, ({ shape, reserved }) => JSON.stringify([shape, reserved === true]));
  return [...groups.values()].flatMap((group) =>
    group[0] === undefined ? [] : [{ shape: group[0].shape, members: group }],
  );
}

function* listNames(members: readonly { readonly name: string; readonly count: number }[]): Generator<string> {
  for (const { name, count } of members) for (let given = 0; given < count; given += 1) yield name;
}
