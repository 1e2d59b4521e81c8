import { listChoices } from '../online/place-replica.ts';
import { takeRoom, type ReplicaShape, type Room } from '../room.ts';

/** A node by its index, and devices of it. */
export interface TightPlace {
  readonly node: number;
  readonly devices: readonly number[];
}

/**
 * Returns the place of a replica that leaves the least free of its devices and then of the node; null where it fits nowhere.
 * The room with the index `except` is not looked at.
 */
export function chooseDevicesTightly(replica: ReplicaShape, rooms: readonly Room[], except: number): TightPlace | null {
  let best: (TightPlace & { readonly left: readonly [number, number, number] }) | null = null;
  for (const [node, room] of rooms.entries()) {
    if (node === except) continue;
    for (const devices of listChoices(replica, room)) {
      const { freeMilli, cpuMilli } = takeRoom(replica, room, devices);
      const onDevices = devices.reduce((sum, device) => sum + (freeMilli[device] ?? 0), 0);
      const onNode = freeMilli.reduce((sum, free) => sum + free, 0);
      const left = [onDevices, onNode, cpuMilli] as const;
      if (best === null || isLess(left, best.left)) best = { node, devices, left };
    }
  }
  return best === null ? null : { node: best.node, devices: best.devices };
}

function isLess(one: readonly number[], other: readonly number[]): boolean {
  for (const [at, value] of one.entries()) {
    if (value !== other[at]) return value < (other[at] ?? 0);
  }
  return false;
}
