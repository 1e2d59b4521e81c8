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
}

/** What an empty node offers. */
export interface NodeShape {
  readonly cpuMilli: number;
  readonly memoryMib: number;
  readonly devices: number;
  /** Model of all devices of the node. */
  readonly model: string;
}

/** What is free on one node. */
export interface Room {
  readonly cpuMilli: number;
  readonly memoryMib: number;
  /** Free thousandths of each device, by device index. */
  readonly freeMilli: readonly number[];
  readonly model: string;
}

/** Returns the room of an empty node. */
export function makeEmptyRoom({ cpuMilli, memoryMib, devices, model }: NodeShape): Room {
  return { cpuMilli, memoryMib, freeMilli: Array.from({ length: devices }, () => wholeDeviceMilli), model };
}

/** Returns whether the replica accepts nodes with this device model. */
export function acceptsModel({ models }: ReplicaShape, model: string): boolean {
  return models.length === 0 || models.includes(model);
}

/** Returns whether the replica has a share of a device, and not whole devices. */
export function isShare({ devices, deviceMilli }: ReplicaShape): boolean {
  return devices === 1 && deviceMilli < wholeDeviceMilli;
}

/** Returns whether the replica fits into the room on any of its devices. */
export function fitsRoom(replica: ReplicaShape, room: Room): boolean {
  if (replica.cpuMilli > room.cpuMilli || replica.memoryMib > room.memoryMib) return false;
  if (!acceptsModel(replica, room.model)) return false;
  let found = 0;
  for (const free of room.freeMilli) {
    if (found === replica.devices) break;
    if (free >= replica.deviceMilli) found += 1;
  }
  return found >= replica.devices;
}

/**
 * Returns the room that is left once the replica holds the devices with these indices.
 *
 * Throws RangeError where the replica does not fit there: a caller that asks for it has a fault.
 */
export function takeRoom(replica: ReplicaShape, room: Room, devices: readonly number[]): Room {
  const freeMilli = [...room.freeMilli];
  for (const device of devices) freeMilli[device] = (freeMilli[device] ?? 0) - replica.deviceMilli;
  const cpuMilli = room.cpuMilli - replica.cpuMilli;
  const memoryMib = room.memoryMib - replica.memoryMib;
  const fits = new Set(devices).size === replica.devices && devices.length === replica.devices;
  if (!fits || cpuMilli < 0 || memoryMib < 0 || freeMilli.some((free) => free < 0)) {
    throw new RangeError('the replica does not fit into the room');
  }
  return { cpuMilli, memoryMib, freeMilli, model: room.model };
}

/** Returns the indices of the first whole free devices, as many as the replica holds; null where there are too few. */
export function findWholeDevices({ devices }: ReplicaShape, { freeMilli }: Room): readonly number[] | null {
  const whole: number[] = [];
  for (const [device, free] of freeMilli.entries()) {
    if (whole.length === devices) break;
    if (free === wholeDeviceMilli) whole.push(device);
  }
  return whole.length === devices ? whole : null;
}

/** Returns the thousandths of devices that the replica holds in total. */
export function totalDeviceMilli({ devices, deviceMilli }: ReplicaShape): number {
  return devices * deviceMilli;
}
