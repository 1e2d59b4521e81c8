import { placeReplica } from '../online/place-replica.ts';
import { makeRoomValue, roomPriceGrid, type RoomValue } from '../online/room-value.ts';
import type { HeldReplica } from '../filling/filling.ts';
import { listGains, listWorths, type PackingTask } from '../packing-task.ts';
import { makeEmptyRoom, totalDeviceMilli, type ReplicaShape, type Room } from '../room.ts';
import { roomLeft, type PackingPlacement, type PlacedNode } from './placement.ts';

/** Nodes while replicas are added to them: the room of each used node, and how many nodes of each class are unused. */
interface OpenNodes {
  readonly nodes: { readonly nodeClass: number; readonly held: HeldReplica[] }[];
  readonly rooms: Room[];
  readonly unused: number[];
}

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
  const open = openNodes(task, takeOffSurplus(nodes, left));
  const value = makeRestValue(task, pricesNano);
  const order = task.replicas.map(({ shape, reserved }, replica) => ({ shape, replica, first: reserved === true }));
  order.sort((a, b) => Number(b.first) - Number(a.first) || sizeOf(b.shape) - sizeOf(a.shape));
  for (const { shape, replica } of order) {
    while ((left[replica] ?? 0) > 0 && addReplica(task, open, replica, shape, value)) {
      left[replica] = (left[replica] ?? 0) - 1;
    }
  }
  return { nodes: open.nodes, unplaced: left };
}

/** Returns the nodes without replicas beyond `left`, which is reduced by those that stay. */
function takeOffSurplus(nodes: readonly PlacedNode[], left: number[]): readonly PlacedNode[] {
  return nodes.map(({ nodeClass, held }) => ({
    nodeClass,
    held: held.filter(({ replica }) => {
      const wanted = (left[replica] ?? 0) > 0;
      if (wanted) left[replica] = (left[replica] ?? 0) - 1;
      return wanted;
    }),
  }));
}

function openNodes(task: PackingTask, all: readonly PlacedNode[]): OpenNodes {
  const nodes = all.flatMap(({ nodeClass, held }) => (held.length > 0 ? [{ nodeClass, held: [...held] }] : []));
  const unused = task.nodes.map(({ count }, at) => count - nodes.filter(({ nodeClass }) => nodeClass === at).length);
  return { nodes, rooms: nodes.map((node) => roomLeft(task, node)), unused };
}

/** Returns whether a place was found for one more replica, and adds it there. */
function addReplica(
  task: PackingTask,
  { nodes, rooms, unused }: OpenNodes,
  replica: number,
  shape: ReplicaShape,
  value: RoomValue,
): boolean {
  const inUse = placeReplica(shape, rooms, value);
  const mayOpen = inUse === null || task.objective === 'most-accelerators';
  const classes = mayOpen ? task.nodes.flatMap((_, at) => ((unused[at] ?? 0) > 0 ? [at] : [])) : [];
  const empty = classes.flatMap((at) => task.nodes.slice(at, at + 1).map((each) => makeEmptyRoom(each.shape)));
  const onEmpty = placeReplica(shape, empty, value);
  if (onEmpty !== null && (inUse === null || onEmpty.lossNano < inUse.lossNano)) {
    const nodeClass = classes[onEmpty.node] ?? 0;
    unused[nodeClass] = (unused[nodeClass] ?? 0) - 1;
    nodes.push({ nodeClass, held: [{ replica, devices: onEmpty.devices }] });
    rooms.push(onEmpty.after);
    return true;
  }
  const before = inUse === null ? undefined : nodes[inUse.node];
  if (inUse === null || before === undefined) return false;
  before.held.push({ replica, devices: inUse.devices });
  rooms[inUse.node] = inUse.after;
  return true;
}

/** What room is worth to what is still to be placed: by what it adds, or where all is placed by its price. */
function makeRestValue(task: PackingTask, pricesNano: readonly number[]): RoomValue {
  const worths = task.objective === 'most-accelerators' ? listGains(task) : listWorths(task, pricesNano);
  const devicesAtMost = task.nodes.reduce((most, { shape }) => Math.max(most, shape.devices), 0);
  return makeRoomValue(
    task.replicas.map(({ shape }) => shape),
    worths,
    roomPriceGrid,
    devicesAtMost,
  );
}

const nanoPerDeviceMilli = 1_000_000;
const nanoPerCpuMilli = 10_000;

function sizeOf(shape: ReplicaShape): number {
  return totalDeviceMilli(shape) * nanoPerDeviceMilli + shape.cpuMilli * nanoPerCpuMilli;
}
