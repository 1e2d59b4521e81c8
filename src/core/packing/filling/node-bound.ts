import { minimiseConvex, type Point } from './cutting-planes.ts';
import { countReplicas, makeDeviceTable, netGainNano, type DeviceTable, type RoomPrice } from './device-table.ts';
import { exactNano } from '../packing-task.ts';
import { acceptsBoard, acceptsModel, type NodeShape, type ReplicaShape } from '../room.ts';

/** An upper bound of what any filling of a node is worth, at one price of CPU and memory. */
export interface NodeBound {
  readonly nano: number;
  readonly price: RoomPrice;
  readonly table: DeviceTable;
  /** The part of the bound that replicas without a device add. */
  readonly devicelessNano: number;
  /** The part of the bound that the limits of services cost. */
  readonly limitsNano: number;
}

/** Enough for prices that are exact to a unit of nano (see `minimiseConvex`). */
const priceSteps = 40;

/** Returns the gains with 0 where a replica can never be on such a node. */
export function gainsOnNode(
  node: NodeShape,
  types: readonly ReplicaShape[],
  gainsNano: readonly number[],
): readonly number[] {
  return types.map((type, index) => {
    const fits =
      type.cpuMilli <= node.cpuMilli &&
      type.memoryMib <= node.memoryMib &&
      type.devices <= node.devices &&
      acceptsModel(type, node.model) &&
      acceptsBoard(type, node.board);
    return fits ? Math.max(0, gainsNano[index] ?? 0) : 0;
  });
}

/**
 * Returns an upper bound of what any filling of an empty node is worth. Limits of CPU, of memory and of services are replaced
 * by prices (Lagrangian relaxation), so that each device is filled by itself:
 *
 *     bound = cpuPrice * cpu + memoryPrice * memory + limit prices * limits
 *           + best filling of the devices by gain - cpuPrice * cpu - memoryPrice * memory - limit price
 *
 * The bound holds at every price from 0 on. `gainsNano` must have been cut down by `gainsOnNode`.
 */
export function boundNode(
  node: NodeShape,
  types: readonly ReplicaShape[],
  gainsNano: readonly number[],
  price: RoomPrice,
): NodeBound {
  return slopeAt(node, types, gainsNano, price).bound;
}

/** Returns the price of CPU and memory, in whole nano, at which the bound of the node is nearly lowest at these limit prices. */
export function findRoomPrice(
  node: NodeShape,
  types: readonly ReplicaShape[],
  gainsNano: readonly number[],
  limitsNano?: readonly number[],
): RoomPrice {
  const limits = limitsNano === undefined ? {} : { limitsNano };
  const highest = (unitsOf: (type: ReplicaShape) => number): number =>
    types.reduce((most, type, index) => {
      const gain = gainsNano[index] ?? 0;
      return unitsOf(type) > 0 && gain > 0 ? Math.max(most, gain / unitsOf(type)) : most;
    }, 0);
  const corner: Point = { x: highest(({ cpuMilli }) => cpuMilli), y: highest(({ memoryMib }) => memoryMib) };
  const best = minimiseConvex(
    ({ x, y }) => {
      const { bound, cpuLeft, memoryLeft } = slopeAt(node, types, gainsNano, {
        cpuMilliNano: x,
        memoryMibNano: y,
        ...limits,
      });
      return { value: bound.nano, x: cpuLeft, y: memoryLeft };
    },
    corner,
    priceSteps,
  );
  // The bound holds at every price, so that one may be lowered until its sums are exact.
  const exact = (priceNano: number, units: number): number =>
    Math.min(Math.round(priceNano), Math.ceil(exactNano / Math.max(1, units)) - 1);
  return { cpuMilliNano: exact(best.x, node.cpuMilli), memoryMibNano: exact(best.y, node.memoryMib), ...limits };
}

/** Returns the bound and how many replicas of each class are in it, which may be more than their limits allow. */
export function countInBound(
  node: NodeShape,
  types: readonly ReplicaShape[],
  gainsNano: readonly number[],
  price: RoomPrice,
): { readonly nano: number; readonly counts: readonly number[] } {
  const { bound, deviceless } = slopeAt(node, types, gainsNano, price);
  const counts = [...deviceless];
  countReplicas(bound.table.bestOfWhole(node.devices), counts);
  return { nano: bound.nano, counts };
}

function slopeAt(node: NodeShape, types: readonly ReplicaShape[], gainsNano: readonly number[], price: RoomPrice) {
  const { limitsNano: prices } = price;
  const gains = prices === undefined ? gainsNano : gainsNano.map((gain, at) => gain - (prices[at] ?? 0));
  const table = makeDeviceTable(types, gains, price, node.devices, node.board);
  const devices = table.bestOfWhole(node.devices);
  let [devicelessNano, cpuMilli, memoryMib] = [0, devices.cpuMilli, devices.memoryMib];
  const deviceless = types.map(() => 0);
  for (const [index, type] of types.entries()) {
    if (type.devices > 0) continue;
    const nano = netGainNano(type, gains[index] ?? 0, price);
    const count = countDeviceless(type, node);
    if (nano <= 0 || count === 0) continue;
    deviceless[index] = count;
    devicelessNano += count * nano;
    cpuMilli += count * type.cpuMilli;
    memoryMib += count * type.memoryMib;
  }
  const paid = price.cpuMilliNano * node.cpuMilli + price.memoryMibNano * node.memoryMib;
  const limitsNano = prices === undefined ? 0 : sumLimits(types, prices);
  const nano = paid + devices.nano + devicelessNano + limitsNano;
  return {
    bound: { nano, price, table, devicelessNano, limitsNano } satisfies NodeBound,
    deviceless,
    cpuLeft: node.cpuMilli - cpuMilli,
    memoryLeft: node.memoryMib - memoryMib,
  };
}

/** Returns what the limits of services cost: the limit of each at the highest price of its classes. */
export function sumLimits(types: readonly ReplicaShape[], pricesNano: readonly number[]): number {
  const costs = new Map<string, number>();
  for (const [at, { perNode }] of types.entries()) {
    if (perNode === undefined) continue;
    costs.set(perNode.service, Math.max(costs.get(perNode.service) ?? 0, (pricesNano[at] ?? 0) * perNode.atMost));
  }
  return [...costs.values()].reduce((sum, cost) => sum + cost, 0);
}

/** Returns how many replicas without a device fit at most; such a replica takes CPU or memory. */
export function countDeviceless(type: ReplicaShape, node: NodeShape): number {
  const byCpu = type.cpuMilli > 0 ? Math.floor(node.cpuMilli / type.cpuMilli) : Infinity;
  const byMemory = type.memoryMib > 0 ? Math.floor(node.memoryMib / type.memoryMib) : Infinity;
  const count = Math.min(byCpu, byMemory, type.perNode?.atMost ?? Infinity, type.atMost ?? Infinity);
  return Number.isFinite(count) ? count : 0;
}
