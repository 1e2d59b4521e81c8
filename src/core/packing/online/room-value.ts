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
  const makeTables = (model: string) => {
    const worths = types.map((type, index) =>
      acceptsModel(type, model) ? Math.max(0, worthsNano[index] ?? 0) : 0,
    );
    return prices.map((price) => ({ price, table: makeDeviceTable(types, worths, price, devicesAtMost) }));
  };
  const named = new Set(types.flatMap(({ models }) => models));
  const byModel = new Map([...named].map((model) => [model, makeTables(model)]));
  const ofOthers = makeTables('');
  return {
    valueOf(room) {
      const whole = room.freeMilli.reduce((count, free) => (free === wholeDeviceMilli ? count + 1 : count), 0);
      let least = Infinity;
      for (const { price, table } of byModel.get(room.model) ?? ofOthers) {
        let nano = price.cpuMilliNano * room.cpuMilli + price.memoryMibNano * room.memoryMib;
        nano += table.bestOfWhole(whole).nano;
        for (const free of room.freeMilli) {
          if (free > 0 && free < wholeDeviceMilli) nano += table.bestOfFree(free).nano;
        }
        if (nano < least) least = nano;
      }
      return least;
    },
  };
}
