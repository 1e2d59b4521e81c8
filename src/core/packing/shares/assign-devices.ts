import { chooseDevices, isBetter, type RoomChoice } from '../online/place-replica.ts';
import { makeRoomValue, type RoomValue } from '../online/room-value.ts';
import { nanoPerUnit } from '../packing-task.ts';
import { wholeDeviceMilli, type ReplicaShape, type Room } from '../room.ts';
import { describeShortage } from './describe-shortage.ts';
import { acceptsDevice, listSlots, type DeviceAsk, type DeviceHold, type SharedDevice } from './shared-device.ts';

export type DeviceAssignment =
  | { readonly answer: 'assigned'; readonly holds: readonly DeviceHold[] }
  /** `never`: nor would the ask fit if all devices were free. */
  | { readonly answer: 'refused'; readonly reason: string; readonly fits: 'later' | 'never' };

/** What is known when a replica asks. */
export interface AssignedDevices {
  readonly devices: readonly SharedDevice[];
  /** Of all other replicas. */
  readonly held: readonly DeviceHold[];
  /** What replicas of this machine ask for, each distinct ask once: they may come again. */
  readonly expected: readonly DeviceAsk[];
}

/**
 * Returns the parts of devices that a replica gets, or why it gets none.
 *
 * Devices that are alike are one room. The replica goes where it costs the least of what the room is worth to other replicas,
 * by the rule of `placeReplica`; of equal losses to the fullest device. So a share that only a large replica can use stays
 * free while a smaller one is.
 */
export function assignDevices(ask: DeviceAsk, { devices, held, expected }: AssignedDevices): DeviceAssignment {
  const groups = groupAlike(devices);
  const asks = [...new Map([...expected, ask].map((each) => [JSON.stringify(each), each])).values()];
  const value = valueRoom(groups, asks);
  let best: (RoomChoice & { readonly group: DeviceGroup }) | null = null;
  for (const group of groups) {
    const shape = shapeOf(ask, group);
    const choice = shape === null ? null : chooseDevices(shape, makeRoom(group, held), value);
    if (choice !== null && (best === null || isBetter(choice, best))) best = { ...choice, group };
  }
  if (best === null) return { answer: 'refused', ...describeShortage(ask, devices, held) };
  const { group, devices: chosen } = best;
  const holds = chosen.flatMap((at) => holdFirstFree(group.devices[at], held));
  return { answer: 'assigned', holds };
}

/** Devices of one product that are handed out alike. */
interface DeviceGroup {
  readonly name: string;
  readonly devices: readonly [SharedDevice, ...SharedDevice[]];
}

function groupAlike(devices: readonly SharedDevice[]): readonly DeviceGroup[] {
  const byKind = Map.groupBy(devices, ({ product, sharing, shares, memoryBytes }) =>
    JSON.stringify([product, sharing, shares, memoryBytes]),
  );
  return [...byKind].flatMap(([name, [first, ...rest]]) =>
    first === undefined ? [] : [{ name, devices: [first, ...rest] as const }],
  );
}

/** Thousandths of a device that one of its parts is: 333 of a third. */
const milliOfPart = ({ shares }: SharedDevice): number => Math.floor(wholeDeviceMilli / shares);

/** Null where the group is not what the replica asks for. CPU and memory of the machine are not divided here. */
function shapeOf(ask: DeviceAsk, { name, devices: [first] }: DeviceGroup): ReplicaShape | null {
  if (!acceptsDevice(ask, first)) return null;
  return { cpuMilli: 0, memoryMib: 0, devices: ask.devices, deviceMilli: milliOfPart(first), models: [name] };
}

function makeRoom({ name, devices }: DeviceGroup, held: readonly DeviceHold[]): Room {
  const freeMilli = devices.map((device) => {
    const free = wholeDeviceMilli - milliOfPart(device) * countHeld(device, held);
    return Math.max(0, free);
  });
  return { cpuMilli: 0, memoryMib: 0, freeMilli, model: name };
}

const countHeld = ({ device }: SharedDevice, held: readonly DeviceHold[]): number =>
  held.filter((each) => each.device === device).length;

/**
 * A part is worth what it is of a device, times 1 and the share of all room that the replica cannot use: 1 to a replica that
 * can go anywhere, nearly 2 to one that has a single place.
 */
function valueRoom(groups: readonly DeviceGroup[], asks: readonly DeviceAsk[]): RoomValue {
  const all = groups.reduce((sum, { devices }) => sum + devices.length, 0);
  const types: ReplicaShape[] = [];
  const worthsNano: number[] = [];
  for (const ask of asks) {
    const accepted = groups.flatMap((group) => {
      const shape = shapeOf(ask, group);
      return shape === null ? [] : [{ shape, count: group.devices.length }];
    });
    const usable = accepted.reduce((sum, { count }) => sum + count, 0);
    for (const { shape } of accepted) {
      types.push(shape);
      const share = (shape.devices * shape.deviceMilli) / wholeDeviceMilli;
      worthsNano.push(Math.round(nanoPerUnit * share * (2 - usable / all)));
    }
  }
  const most = groups.reduce((count, { devices }) => Math.max(count, devices.length), 0);
  return makeRoomValue(types, worthsNano, [{ cpuMilliNano: 0, memoryMibNano: 0 }], most);
}

function holdFirstFree(device: SharedDevice | undefined, held: readonly DeviceHold[]): readonly DeviceHold[] {
  if (device === undefined) return [];
  const taken = new Set(held.filter((each) => each.device === device.device).map(({ slot }) => slot));
  const slot = listSlots(device).find((each) => !taken.has(each));
  return slot === undefined ? [] : [{ device: device.device, slot }];
}
