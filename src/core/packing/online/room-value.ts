import { makeDeviceTable, type RoomPrice } from '../filling/device-table.ts';
import { acceptsModel, wholeDeviceMilli, type ReplicaShape, type Room } from '../room.ts';

/** What room is worth to replicas that have not come yet, in nano of a device. */
export interface RoomValue {
  valueOf(room: Room): number;
}

const pricesFromNano = 1_000;
const pricesFactor = 1.4;
const prices = 20;

/**
 * Prices of CPU at which room is valued: none, and from 1,000 nano of a device for a thousandth of a CPU on, each 1.4 times
 * the one before. The highest, 598,000, pays a device for 1.7 CPU.
 */
export const roomPriceGrid: readonly RoomPrice[] = [
  { cpuMilliNano: 0, memoryMibNano: 0 },
  ...Array.from({ length: prices }, (_, at) => ({
    cpuMilliNano: Math.round(pricesFromNano * pricesFactor ** at),
    memoryMibNano: 0,
  })),
];

/**
 * Returns what the free room of a node is worth, by worths of replicas (`listWorths` at the prices of a linear program).
 *
 * At one price of CPU and memory the worth of room is what its CPU and memory cost and the best filling of each free device
 * by itself. Each price gives an upper bound of the best filling of the room; the value is the least of these bounds:
 *
 *     value(room) = min over prices of price * (cpu, memory) + sum over devices of best filling at worth - price * taken
 *
 * So devices are worth nothing where no CPU is left beside them, and CPU is worth nothing where no device is free.
 */
export function makeRoomValue(
  types: readonly ReplicaShape[],
  worthsNano: readonly number[],
  prices: readonly RoomPrice[],
  devicesAtMost: number,
): RoomValue {
  const makeTables = (model: string): readonly PricedTable[] => {
    const worths = types.map((type, index) => (acceptsModel(type, model) ? Math.max(0, worthsNano[index] ?? 0) : 0));
    return prices.map((price) => makePricedTable(types, worths, price, devicesAtMost));
  };
  const named = new Set(types.flatMap(({ models }) => models));
  const byModel = new Map([...named].map((model) => [model, makeTables(model)]));
  const ofOthers = makeTables('');
  const known = new WeakMap<Room, number>();
  return {
    valueOf(room) {
      const before = known.get(room);
      if (before !== undefined) return before;
      let least = Infinity;
      for (const table of byModel.get(room.model) ?? ofOthers) least = Math.min(least, valueAt(table, room));
      known.set(room, least);
      return least;
    },
  };
}

/** The best fillings of devices at one price, by free thousandths and by number of whole devices. */
interface PricedTable extends RoomPrice {
  readonly byFree: Float64Array;
  readonly byWhole: Float64Array;
}

function makePricedTable(
  types: readonly ReplicaShape[],
  worthsNano: readonly number[],
  price: RoomPrice,
  devicesAtMost: number,
): PricedTable {
  const table = makeDeviceTable(types, worthsNano, price, devicesAtMost);
  return {
    ...price,
    byFree: Float64Array.from({ length: wholeDeviceMilli + 1 }, (_, free) => table.bestOfFree(free).nano),
    byWhole: Float64Array.from({ length: devicesAtMost + 1 }, (_, count) => table.bestOfWhole(count).nano),
  };
}

function valueAt({ cpuMilliNano, memoryMibNano, byFree, byWhole }: PricedTable, room: Room): number {
  let nano = cpuMilliNano * room.cpuMilli + memoryMibNano * room.memoryMib;
  let whole = 0;
  for (const [device, free] of room.freeMilli.entries()) {
    // What is left of a device that is cut is not valued: its instances are placed first of all where they fit.
    if (room.cuts !== undefined && (room.cuts[device] ?? []).length > 0) continue;
    if (free === wholeDeviceMilli) whole += 1;
    else nano += byFree[free] ?? 0;
  }
  return nano + (byWhole[whole] ?? 0);
}
