import { findDevices, fitsDevice, fitsRoom, isShare, takeRoom, type ReplicaShape, type Room } from '../room.ts';
import type { RoomValue } from './room-value.ts';

/** Where a replica goes on one node, and what the room of the node loses by it. */
export interface RoomChoice {
  readonly devices: readonly number[];
  readonly after: Room;
  readonly lossNano: number;
}

export interface Placement extends RoomChoice {
  /** Index of the node among the rooms. */
  readonly node: number;
}

/**
 * Returns the devices of a node on which the replica costs the least room value; null where it fits on none.
 *
 * | replica         | devices looked at                                   |
 * | --------------- | --------------------------------------------------- |
 * | no device       | none                                                |
 * | share of one    | each device with enough left, equal ones once; the fullest of equal losses is taken |
 * | MIG instance    | the first device of each way to be cut              |
 * | whole devices   | the first whole free ones: they are all alike       |
 */
export function chooseDevices(replica: ReplicaShape, room: Room, value: RoomValue): RoomChoice | null {
  if (!fitsRoom(replica, room)) return null;
  const before = value.valueOf(room);
  let best: RoomChoice | null = null;
  for (const devices of listChoices(replica, room)) {
    const after = takeRoom(replica, room, devices);
    const lossNano = before - value.valueOf(after);
    if (best === null || lossNano < best.lossNano) best = { devices, after, lossNano };
  }
  return best;
}

/** Returns each distinct set of devices on which the replica can be placed in the room, the fullest device first. */
export function listChoices(replica: ReplicaShape, room: Room): readonly (readonly number[])[] {
  if (!fitsRoom(replica, room)) return [];
  if (replica.profiles !== undefined) return listCutChoices(replica, room);
  if (!isShare(replica)) {
    const whole = findDevices(replica, room);
    return whole === null ? [] : [whole];
  }
  const byFree = new Map<number, number>();
  for (const [device, free] of room.freeMilli.entries()) {
    if (!byFree.has(free) && fitsDevice(replica, room, device)) byFree.set(free, device);
  }
  return [...byFree].sort(([a], [b]) => a - b).map(([, device]) => [device]);
}

/** Devices with fewer free slices first, so that as few devices are cut as possible. */
function listCutChoices(replica: ReplicaShape, room: Room): readonly (readonly number[])[] {
  const byCut = new Map<string, number>();
  const devices = room.freeMilli.map((free, device) => ({ free, device })).sort((a, b) => a.free - b.free);
  for (const { device } of devices) {
    const key = [...(room.cuts?.[device] ?? [])].sort().join();
    if (!byCut.has(key) && fitsDevice(replica, room, device)) byCut.set(key, device);
  }
  return [...byCut.values()].map((device) => [device]);
}

/**
 * Returns the node and devices on which a replica costs the least room value; null where it fits nowhere. Of equal losses
 * the fullest node takes it, then the first.
 */
export function placeReplica(replica: ReplicaShape, rooms: readonly Room[], value: RoomValue): Placement | null {
  let best: Placement | null = null;
  for (const [node, room] of rooms.entries()) {
    const choice = chooseDevices(replica, room, value);
    if (choice !== null && (best === null || isBetter(choice, best))) best = { ...choice, node };
  }
  return best;
}

/** Returns whether a choice loses less, or as much on a fuller node. */
export function isBetter(choice: RoomChoice, than: RoomChoice): boolean {
  if (choice.lossNano !== than.lossNano) return choice.lossNano < than.lossNano;
  const left = (room: Room): number => room.freeMilli.reduce((sum, free) => sum + free, 0);
  const [a, b] = [left(choice.after), left(than.after)];
  return a !== b ? a < b : choice.after.cpuMilli < than.after.cpuMilli;
}
