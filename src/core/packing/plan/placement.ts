import type { HeldReplica } from '../filling/filling.ts';
import { listReachedGains, nanoPerUnit, type PackingTask } from '../packing-task.ts';
import { acceptsModel, makeEmptyRoom, takeRoom, type ReplicaShape, type Room } from '../room.ts';

/** One used node of a class, what it holds and what is left of it. */
export interface PlacedNode {
  readonly nodeClass: number;
  readonly held: readonly HeldReplica[];
}

/** Where replicas are placed. Nodes that are not listed are empty. */
export interface PackingPlacement {
  readonly nodes: readonly PlacedNode[];
  /** Replicas of each class that are placed nowhere. */
  readonly unplaced: readonly number[];
}

/**
 * Returns the room that is left on a placed node.
 *
 * Throws RangeError where the replicas do not fit on it.
 */
export function roomLeft(task: PackingTask, { nodeClass, held }: PlacedNode): Room {
  const shape = task.nodes[nodeClass]?.shape;
  if (shape === undefined) throw new RangeError(`there is no node class ${nodeClass}`);
  return held.reduce<Room>((room, { replica, devices }) => {
    const type = task.replicas[replica]?.shape;
    if (type === undefined) throw new RangeError(`there is no replica class ${replica}`);
    return takeRoom(type, room, devices);
  }, makeEmptyRoom(shape));
}

/** Returns the replicas of each class that are placed. */
export function countPlaced(task: PackingTask, nodes: readonly PlacedNode[]): readonly number[] {
  const counts = task.replicas.map(() => 0);
  for (const { held } of nodes) for (const { replica } of held) counts[replica] = (counts[replica] ?? 0) + 1;
  return counts;
}

/** Returns what the placement reaches, in whole nano: what placed replicas add, or the nodes that are used. */
export function valueOfPlacement(task: PackingTask, { nodes }: PackingPlacement): bigint {
  if (task.objective === 'fewest-nodes') {
    return BigInt(nodes.filter(({ held }) => held.length > 0).length) * BigInt(nanoPerUnit);
  }
  const gains = listReachedGains(task);
  return countPlaced(task, nodes).reduce((sum, count, at) => sum + BigInt(count) * BigInt(gains[at] ?? 0), 0n);
}

/** Returns why the placement does not hold for the task; null where it does. */
export function findPlacementFault(task: PackingTask, { nodes, unplaced }: PackingPlacement): string | null {
  const used = task.nodes.map(() => 0);
  for (const [at, node] of nodes.entries()) {
    used[node.nodeClass] = (used[node.nodeClass] ?? 0) + 1;
    try {
      const accepted = node.held.every(({ replica }) =>
        acceptsNode(task.replicas[replica]?.shape, task.nodes[node.nodeClass]?.shape.model),
      );
      if (!accepted) return `node ${at} holds a replica that does not accept its device model`;
      roomLeft(task, node);
    } catch (error) {
      if (error instanceof RangeError) return `node ${at}: ${error.message}`;
      throw error;
    }
  }
  const tooMany = task.nodes.findIndex(({ count }, at) => (used[at] ?? 0) > count);
  if (tooMany >= 0) return `more nodes of class ${tooMany} are used than there are`;
  const placed = countPlaced(task, nodes);
  const wrong = task.replicas.findIndex(({ count }, at) => (placed[at] ?? 0) + (unplaced[at] ?? 0) !== count);
  return wrong >= 0 ? `placed and unplaced replicas of class ${wrong} do not add up` : null;
}

function acceptsNode(shape: ReplicaShape | undefined, model: string | undefined): boolean {
  return shape === undefined || model === undefined || acceptsModel(shape, model);
}
