import { makeRoomValue, roomPriceGrid } from '../online/room-value.ts';
import { placeReplica } from '../online/place-replica.ts';
import { listGains, listWorths, type PackingTask } from '../packing-task.ts';
import { makeEmptyRoom, totalDeviceMilli } from '../room.ts';
import { roomLeft, type PackingPlacement, type PlacedNode } from './placement.ts';

/**
 * Returns a placement that also has replicas which were left over, on nodes that have room for them, the largest first.
 * Replicas beyond the number that is asked for are taken off again: an integer program may cover more than all of them.
 * With `fewest-nodes` empty nodes are opened only where no used node has room.
 */
export function completePlacement(
  task: PackingTask,
  nodes: readonly PlacedNode[],
  pricesNano: readonly number[],
): PackingPlacement {
  const left = task.replicas.map(({ count }) => count);
  const kept = nodes.map(({ nodeClass, held }) => ({
    nodeClass,
    held: held.filter(({ replica }) => {
      const wanted = (left[replica] ?? 0) > 0;
      if (wanted) left[replica] = (left[replica] ?? 0) - 1;
      return wanted;
    }),
  }));
  const placed = [...kept.filter(({ held }) => held.length > 0)];
  const rooms = placed.map((node) => roomLeft(task, node));
  const free = task.nodes.map(({ count }, at) => count - placed.filter(({ nodeClass }) => nodeClass === at).length);
  const types = task.replicas.map(({ shape }) => shape);
  const devicesAtMost = task.nodes.reduce((most, { shape }) => Math.max(most, shape.devices), 0);
  const value = makeRoomValue(types, worthsOfRest(task, pricesNano), roomPriceGrid, devicesAtMost);
  const order = types.map((_, at) => at).sort((a, b) => sizeOf(task, b) - sizeOf(task, a));
  for (const replica of order) {
    const shape = types[replica];
    while (shape !== undefined && (left[replica] ?? 0) > 0) {
      const empty = task.nodes.flatMap((each, nodeClass) =>
        (free[nodeClass] ?? 0) > 0 ? [{ nodeClass, room: makeEmptyRoom(each.shape) }] : [],
      );
      const inUse = placeReplica(shape, rooms, value);
      const onEmpty =
        inUse === null || task.objective === 'most-accelerators'
          ? placeReplica(
              shape,
              empty.map(({ room }) => room),
              value,
            )
          : null;
      const takesEmpty = onEmpty !== null && (inUse === null || onEmpty.lossNano < inUse.lossNano);
      const found = takesEmpty ? onEmpty : inUse;
      if (found === null) break;
      let { node } = found;
      if (takesEmpty) {
        const nodeClass = empty[node]?.nodeClass ?? 0;
        free[nodeClass] = (free[nodeClass] ?? 0) - 1;
        node = placed.length;
        placed.push({ nodeClass, held: [] });
      }
      const before = placed[node] as PlacedNode;
      placed[node] = {
        ...before,
        held: [...before.held, { replica, devices: found.devices }],
      } as (typeof placed)[number];
      rooms[node] = found.after;
      left[replica] = (left[replica] ?? 0) - 1;
    }
  }
  return { nodes: placed, unplaced: left };
}

/** What room is worth to what is still to be placed: by what it adds, or where all is placed by its price. */
function worthsOfRest(task: PackingTask, pricesNano: readonly number[]): readonly number[] {
  return task.objective === 'most-accelerators' ? listGains(task) : listWorths(task, pricesNano);
}

const nanoPerDeviceMilli = 1_000_000;
const nanoPerCpuMilli = 10_000;

function sizeOf(task: PackingTask, replica: number): number {
  const shape = task.replicas[replica]?.shape;
  if (shape === undefined) return 0;
  return totalDeviceMilli(shape) * nanoPerDeviceMilli + shape.cpuMilli * nanoPerCpuMilli;
}
