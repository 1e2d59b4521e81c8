import {
  fitsDevice,
  fitsRoom,
  makeEmptyRoom,
  takeRoom,
  type ReplicaShape,
  type Room,
} from '../../core/packing/room.ts';
import type { PackingTask } from '../../core/packing/packing-task.ts';
import { listGains } from '../../core/packing/packing-task.ts';

/** Returns the most that replicas on one room can be worth, by trying every one on every set of devices. Tiny rooms only. */
export function searchRoom(
  room: Room,
  types: readonly ReplicaShape[],
  gains: readonly number[],
  counts: readonly number[] = types.map(() => Infinity),
): number {
  let best = 0;
  for (const [at, type] of types.entries()) {
    if ((gains[at] ?? 0) <= 0 || (counts[at] ?? 0) === 0 || !fitsRoom(type, room)) continue;
    const left = counts.map((count, other) => (other === at ? count - 1 : count));
    for (const devices of listSets(type, room)) {
      best = Math.max(best, (gains[at] ?? 0) + searchRoom(takeRoom(type, room, devices), types, gains, left));
    }
  }
  return best;
}

/**
 * Returns the best value of a tiny task by trying every replica in turn on every room and set of devices, and nowhere.
 * `most-accelerators`: the most gain. `fewest-nodes`: the fewest used nodes, Infinity where not all replicas fit.
 */
export function searchPacking(task: PackingTask): number {
  const replicas = task.replicas.flatMap(({ shape, count }, at) =>
    Array.from({ length: count }, () => ({ shape: withLeastLimit(shape, task), at })),
  );
  const rooms = task.nodes.flatMap(({ shape, count }) => Array.from({ length: count }, () => makeEmptyRoom(shape)));
  const gains = listGains(task);
  const most = task.objective === 'most-accelerators';
  const search = (next: number, left: readonly Room[], used: ReadonlySet<number>): number => {
    const replica = replicas[next];
    if (replica === undefined) return most ? 0 : used.size;
    let best = most ? search(next + 1, left, used) : Infinity;
    for (const [node, room] of left.entries()) {
      if (!fitsRoom(replica.shape, room)) continue;
      for (const devices of listSets(replica.shape, room)) {
        const rest = left.map((each, at) => (at === node ? takeRoom(replica.shape, room, devices) : each));
        const found = search(next + 1, rest, new Set([...used, node]));
        best = most ? Math.max(best, found + (gains[replica.at] ?? 0)) : Math.min(best, found);
      }
    }
    return best;
  };
  return search(0, rooms, new Set());
}

/** Classes of one service share the least of their limits. */
function withLeastLimit(shape: ReplicaShape, { replicas }: PackingTask): ReplicaShape {
  const { perNode } = shape;
  if (perNode === undefined) return shape;
  const own = replicas.flatMap((each) => (each.shape.perNode?.service === perNode.service ? [each.shape.perNode] : []));
  return { ...shape, perNode: { ...perNode, atMost: Math.min(...own.map(({ atMost }) => atMost)) } };
}

/** Returns every set of devices of the room on which the replica fits. */
function listSets(replica: ReplicaShape, room: Room): readonly (readonly number[])[] {
  const fitting = room.freeMilli.flatMap((_, device) => (fitsDevice(replica, room, device) ? [device] : []));
  const choose = (from: readonly number[], count: number): readonly (readonly number[])[] =>
    count === 0
      ? [[]]
      : from.flatMap((device, at) => choose(from.slice(at + 1), count - 1).map((rest) => [device, ...rest]));
  return choose(fitting, replica.devices);
}
