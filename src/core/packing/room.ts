import { findBoard, findProfile, placeInstances, shareOfBoardMilli } from './cuts/board-cuts.ts';

/** Milli of one whole device, as in `nvidia.com/gpu` shares of thousandths. */
export const wholeDeviceMilli = 1_000;

/**
 * What one replica needs of a node: at least CPU, memory or a device. All numbers are whole; nothing is rounded while replicas are
 * placed.
 */
export interface ReplicaShape {
  readonly cpuMilli: number;
  readonly memoryMib: number;
  /** Devices that the replica holds; 0 for a replica without an accelerator. */
  readonly devices: number;
  /** Thousandths of each device. Below 1,000 only where `devices` is 1. */
  readonly deviceMilli: number;
  /** Device models of the nodes that the replica accepts. Empty accepts every node. */
  readonly models: readonly string[];
  /**
   * MIG profiles, best first: the replica takes one instance of the first that the board of the node has (`findProfile`), and
   * lands on no other node. `deviceMilli` is then what it counts as.
   */
  readonly profiles?: readonly string[];
  /** At most so many replicas of the service on one node. */
  readonly perNode?: PerNodeLimit;
  /** How many replicas of the class there are, where that is known: a node needs to hold no more that have no device. */
  readonly atMost?: number;
}

/** Classes of one service share the limit. Where they state several numbers, `shareLimits` gives them the least. */
export interface PerNodeLimit {
  readonly service: string;
  readonly atMost: number;
}

/** What an empty node offers. */
export interface NodeShape {
  readonly cpuMilli: number;
  readonly memoryMib: number;
  readonly devices: number;
  /** Model of all devices of the node. */
  readonly model: string;
  /** The MIG board of all devices, by a name of `findBoard`. Left out where they cannot be cut. */
  readonly board?: string;
}

/** What is free on one node. */
export interface Room {
  readonly cpuMilli: number;
  readonly memoryMib: number;
  /** Free thousandths of each device, by device index. */
  readonly freeMilli: readonly number[];
  readonly model: string;
  readonly board?: string;
  /** MIG profiles of the instances that replicas hold, by device index. Left out where no device is cut. */
  readonly cuts?: readonly (readonly string[])[];
  /** Replicas of each service that has a limit. Left out where there are none. */
  readonly limited?: Readonly<Record<string, number>>;
}

/** Returns the room of an empty node. */
export function makeEmptyRoom({ cpuMilli, memoryMib, devices, model, board }: NodeShape): Room {
  const freeMilli = Array.from({ length: devices }, () => wholeDeviceMilli);
  return { cpuMilli, memoryMib, freeMilli, model, ...(board === undefined ? {} : { board }) };
}

/** Returns whether the replica accepts nodes with this device model. */
export function acceptsModel({ models }: ReplicaShape, model: string): boolean {
  return models.length === 0 || models.includes(model);
}

/** Returns whether the replica has a share of a device, and not whole devices. */
export function isShare({ devices, deviceMilli, profiles }: ReplicaShape): boolean {
  return devices === 1 && deviceMilli < wholeDeviceMilli && profiles === undefined;
}

/** Returns whether a node with this board has the MIG profile that the replica asks for, or the replica asks for none. */
export function acceptsBoard({ profiles }: ReplicaShape, boardName: string | undefined): boolean {
  if (profiles === undefined) return true;
  const board = boardName === undefined ? null : findBoard(boardName);
  return board !== null && findProfile(board, profiles) !== null;
}

/** Returns whether the replica fits into the room on any of its devices. */
export function fitsRoom(replica: ReplicaShape, room: Room): boolean {
  return findDevices(replica, room) !== null;
}

/** Returns the first devices with room for the replica, as many as it holds; null where it does not fit into the room. */
export function findDevices(replica: ReplicaShape, room: Room): readonly number[] | null {
  if (!acceptsModel(replica, room.model) || !fitsBesideDevices(replica, room)) return null;
  const found: number[] = [];
  for (let device = 0; device < room.freeMilli.length && found.length < replica.devices; device += 1) {
    if (fitsDevice(replica, room, device)) found.push(device);
  }
  return found.length === replica.devices ? found : null;
}

/**
 * Returns whether the room holds the replica on exactly these devices. Whether the replica accepts the device model is not
 * asked: what runs at present may stand on a node that it would not be placed on today.
 */
export function fitsOn(replica: ReplicaShape, room: Room, devices: readonly number[]): boolean {
  if (devices.length !== replica.devices || new Set(devices).size !== devices.length) return false;
  return fitsBesideDevices(replica, room) && devices.every((device) => fitsDevice(replica, room, device));
}

function fitsBesideDevices(replica: ReplicaShape, room: Room): boolean {
  return replica.cpuMilli <= room.cpuMilli && replica.memoryMib <= room.memoryMib && !isAtLimit(replica, room);
}

/**
 * Returns whether the device has room for the replica. A device is either cut into instances, or it is not. What offers a
 * device and what takes it both ask here.
 */
export function fitsDevice({ profiles, deviceMilli }: ReplicaShape, room: Room, device: number): boolean {
  const free = room.freeMilli[device];
  if (free === undefined) return false;
  const cut = room.cuts?.[device] ?? [];
  if (profiles === undefined) return cut.length === 0 && free >= deviceMilli;
  return (cut.length > 0 || free === wholeDeviceMilli) && cutFurther(profiles, room, cut) !== null;
}

function isAtLimit({ perNode }: ReplicaShape, { limited }: Room): boolean {
  return perNode !== undefined && (limited?.[perNode.service] ?? 0) >= perNode.atMost;
}

/** Returns the instances of a device with one more, and the thousandths that it takes; null where it does not fit. */
function cutFurther(profiles: readonly string[], room: Room, cut: readonly string[]) {
  const board = room.board === undefined ? null : findBoard(room.board);
  const profile = board === null ? null : findProfile(board, profiles);
  if (board === null || profile === null) return null;
  const instances = [...cut, profile.profile];
  const takenMilli = shareOfBoardMilli(board, profile);
  return placeInstances(board, instances) === null ? null : { instances, takenMilli };
}

/**
 * Returns the room that is left once the replica holds the devices with these indices.
 *
 * Throws RangeError where the replica does not fit there: a caller that asks for it has a fault.
 */
export function takeRoom(replica: ReplicaShape, room: Room, devices: readonly number[]): Room {
  if (!fitsOn(replica, room, devices)) throw new RangeError('the replica does not fit into the room');
  const { perNode, profiles } = replica;
  const freeMilli = [...room.freeMilli];
  const cuts = profiles === undefined ? [] : room.freeMilli.map((_, device) => room.cuts?.[device] ?? []);
  for (const device of devices) {
    const further = profiles === undefined ? null : cutFurther(profiles, room, cuts[device] ?? []);
    freeMilli[device] = (freeMilli[device] ?? 0) - (further?.takenMilli ?? replica.deviceMilli);
    if (further !== null) cuts[device] = further.instances;
  }
  const held = perNode === undefined ? 0 : (room.limited?.[perNode.service] ?? 0);
  return {
    ...room,
    cpuMilli: room.cpuMilli - replica.cpuMilli,
    memoryMib: room.memoryMib - replica.memoryMib,
    freeMilli,
    ...(profiles === undefined ? {} : { cuts }),
    ...(perNode === undefined ? {} : { limited: { ...room.limited, [perNode.service]: held + 1 } }),
  };
}

/** Returns the thousandths of devices that the replica holds in total. */
export function totalDeviceMilli({ devices, deviceMilli }: ReplicaShape): number {
  return devices * deviceMilli;
}
