import { bestOfLayouts } from '../cuts/best-layout.ts';
import { isShare, wholeDeviceMilli, type ReplicaShape } from '../room.ts';

/** Prices of what replicas take besides devices, in whole nano for each unit. */
export interface RoomPrice {
  readonly cpuMilliNano: number;
  readonly memoryMibNano: number;
  /** Price of each replica of a service that has a limit for a node, by class; 0 for the others. Left out without limits. */
  readonly limitsNano?: readonly number[];
}

/** What the best filling of a device is worth, and what it takes. */
export interface DeviceBest {
  readonly nano: number;
  readonly cpuMilli: number;
  readonly memoryMib: number;
  /** What it is made of: the fillings and classes of replicas that were put together. */
  readonly parts: readonly (DeviceBest | number)[];
}

/** The best filling of one device by its free thousandths, and of several whole devices by their number. */
export interface DeviceTable {
  /** Every share of a device is a multiple of so many thousandths. */
  readonly step: number;
  bestOfFree(freeMilli: number): DeviceBest;
  bestOfWhole(devices: number): DeviceBest;
}

const nothing: DeviceBest = { nano: 0, cpuMilli: 0, memoryMib: 0, parts: [] };

/** Returns what a replica is worth after the CPU and memory that it takes are paid for. */
export function netGainNano(replica: ReplicaShape, gainNano: number, price: RoomPrice): number {
  return gainNano - price.cpuMilliNano * replica.cpuMilli - price.memoryMibNano * replica.memoryMib;
}

/**
 * Returns the best fillings of devices where CPU and memory are not limited but priced: the unbounded knapsack, solved by
 * dynamic programming over the free thousandths. `gainsNano[i]` is what one replica of `types[i]` is worth.
 * A whole device holds shares, a replica of one device, or the instances of one layout of its board; replicas of several
 * devices take that many whole devices.
 */
export function makeDeviceTable(
  types: readonly ReplicaShape[],
  gainsNano: readonly number[],
  price: RoomPrice,
  devicesAtMost: number,
  board?: string,
): DeviceTable {
  const items = types.flatMap((type, index) => {
    const nano = netGainNano(type, gainsNano[index] ?? 0, price);
    return nano > 0 && type.devices > 0 ? [{ type, index, nano }] : [];
  });
  const step = types
    .filter(isShare)
    .reduce((divisor, { deviceMilli }) => greatestDivisor(divisor, deviceMilli), wholeDeviceMilli);
  const shares = items.filter(({ type }) => isShare(type));
  const byFree: DeviceBest[] = [nothing];
  for (let at = 1; at <= wholeDeviceMilli / step; at += 1) {
    let best = byFree[at - 1] as DeviceBest;
    for (const { type, index, nano } of shares) {
      const rest = at - type.deviceMilli / step;
      if (rest < 0) continue;
      const before = byFree[rest] as DeviceBest;
      if (before.nano + nano > best.nano) best = addReplica(before, type, index, nano);
    }
    byFree.push(best);
  }
  const wholes = items.filter(({ type }) => !isShare(type) && type.profiles === undefined);
  const whole = byFree.at(-1) ?? nothing;
  const cut = board === undefined ? nothing : bestOfLayouts(board, items);
  const bestOfOne = cut.nano > whole.nano ? cut : whole;
  const byWhole: DeviceBest[] = [nothing];
  for (let count = 1; count <= devicesAtMost; count += 1) {
    let best = addBest(byWhole[count - 1] as DeviceBest, bestOfOne);
    for (const { type, index, nano } of wholes) {
      const before = byWhole[count - type.devices];
      if (before !== undefined && before.nano + nano > best.nano) best = addReplica(before, type, index, nano);
    }
    byWhole.push(best);
  }
  return {
    step,
    bestOfFree: (freeMilli) => byFree[Math.floor(freeMilli / step)] as DeviceBest,
    bestOfWhole: (devices) => byWhole[devices] as DeviceBest,
  };
}

export function addReplica(before: DeviceBest, type: ReplicaShape, index: number, nano: number): DeviceBest {
  return {
    nano: before.nano + nano,
    cpuMilli: before.cpuMilli + type.cpuMilli,
    memoryMib: before.memoryMib + type.memoryMib,
    parts: [before, index],
  };
}

function addBest(one: DeviceBest, other: DeviceBest): DeviceBest {
  return {
    nano: one.nano + other.nano,
    cpuMilli: one.cpuMilli + other.cpuMilli,
    memoryMib: one.memoryMib + other.memoryMib,
    parts: [one, other],
  };
}

/** Adds the replicas of a filling to `counts` by class. */
export function countReplicas({ parts }: DeviceBest, counts: number[]): void {
  for (const part of parts) {
    if (typeof part === 'number') counts[part] = (counts[part] ?? 0) + 1;
    else countReplicas(part, counts);
  }
}

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b);
}
