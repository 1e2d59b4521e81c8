import type { PackingTask } from '../packing-task.ts';
import {
  acceptsBoard,
  acceptsModel,
  fitsRoom,
  totalDeviceMilli,
  wholeDeviceMilli,
  type ReplicaShape,
  type Room,
} from '../room.ts';
import { roomLeft, type PackingPlacement } from './placement.ts';

/**
 * Why free device time of a node cannot be used by any replica that is asked for.
 *
 * | cause | meaning |
 * |---|---|
 * | model | no replica accepts the device model of the node |
 * | limits | each replica that would fit is at its limit on the node |
 * | cpu | some replica would fit if the node had more CPU |
 * | memory | some replica would fit if the node had more memory |
 * | cpu-and-memory | some replica would fit if the node had more of both |
 * | fragments | no free device, or no set of free devices, is large enough for any replica |
 */
export type StrandedCause = 'model' | 'limits' | 'cpu' | 'memory' | 'cpu-and-memory' | 'fragments';

/** Free thousandths of devices that no replica fits on, by cause. */
export interface Stranded {
  readonly cause: StrandedCause;
  readonly deviceMilli: number;
  readonly nodes: number;
}

/**
 * Returns free devices that no replica class of the task fits on, whether or not it is placed already. Room that some class
 * fits on is free and not stranded. Largest first.
 */
export function findStranded(task: PackingTask, placement: PackingPlacement): readonly Stranded[] {
  const types = task.replicas.map(({ shape }) => shape).filter((shape) => totalDeviceMilli(shape) > 0);
  const sums = new Map<StrandedCause, { deviceMilli: number; nodes: number }>();
  for (const node of placement.nodes) {
    const room = roomLeft(task, node);
    const free = room.freeMilli.reduce((sum, milli) => sum + milli, 0);
    if (free === 0 || types.some((type) => fitsRoom(type, room))) continue;
    const cause = nameCause(types, room);
    const sum = sums.get(cause) ?? { deviceMilli: 0, nodes: 0 };
    sums.set(cause, { deviceMilli: sum.deviceMilli + free, nodes: sum.nodes + 1 });
  }
  return [...sums].map(([cause, sum]) => ({ cause, ...sum })).sort((a, b) => b.deviceMilli - a.deviceMilli);
}

/** Returns the devices that are used on no node of the placement, in thousandths: nobody is placed there. */
export function countEmptyMilli(task: PackingTask, { nodes }: PackingPlacement): number {
  const used = task.nodes.map(() => 0);
  for (const { nodeClass } of nodes) used[nodeClass] = (used[nodeClass] ?? 0) + 1;
  return task.nodes.reduce(
    (sum, { shape, count }, at) => sum + (count - (used[at] ?? 0)) * shape.devices * wholeDeviceMilli,
    0,
  );
}

function nameCause(types: readonly ReplicaShape[], room: Room): StrandedCause {
  const accepted = types.filter((type) => acceptsModel(type, room.model) && acceptsBoard(type, room.board));
  if (accepted.length === 0) return 'model';
  const fitsWith = (more: Partial<Room>): boolean => accepted.some((type) => fitsRoom(type, { ...room, ...more }));
  if (fitsWith({ limited: {} })) return 'limits';
  if (fitsWith({ cpuMilli: Infinity })) return 'cpu';
  if (fitsWith({ memoryMib: Infinity })) return 'memory';
  if (fitsWith({ cpuMilli: Infinity, memoryMib: Infinity })) return 'cpu-and-memory';
  return 'fragments';
}
