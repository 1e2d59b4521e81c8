import { findPrice } from '../../cost/prices/find-price.ts';
import type { PriceBook } from '../../cost/prices/price-book.ts';
import type { NamedNode, NamedReplicas } from '../named/named-task.ts';
import { acceptsBoard, acceptsModel, totalDeviceMilli, wholeDeviceMilli, type NodeShape } from '../room.ts';

/** A node and what its devices are, as prices name it. */
export interface PricedNode extends NamedNode {
  readonly deviceClass: string;
}

/** A price book and the pool that buys by it. */
export interface PlanPrices {
  readonly book: PriceBook;
  readonly pool: string;
}

/**
 * Returns what one replica costs for an hour, in millionths of the currency: its devices at the mean price of the devices that
 * it accepts, or its cores where it holds no device. Null where one of these prices is not in the book.
 *
 * Commitments are left out: they are paid for whether a replica runs or not.
 */
export function replicaMicrosPerHour(
  { shape }: Pick<NamedReplicas, 'shape'>,
  nodes: readonly PricedNode[],
  prices: PlanPrices,
  atMs: number,
): number | null {
  if (shape.devices === 0) {
    const core = priceOf('cpu', 'core', prices, atMs);
    return core === null ? null : (core * shape.cpuMilli) / 1_000;
  }
  const accepted = nodes.filter(
    (node) => node.shape.devices > 0 && acceptsModel(shape, node.shape.model) && acceptsBoard(shape, node.shape.board),
  );
  let [sum, devices] = [0, 0];
  for (const { deviceClass, shape: node } of accepted) {
    const price = priceOf(deviceClass, 'accelerator', prices, atMs);
    if (price === null) return null;
    sum += price * node.devices;
    devices += node.devices;
  }
  return devices === 0 ? null : ((sum / devices) * totalDeviceMilli(shape)) / wholeDeviceMilli;
}

/**
 * Returns what one more node costs for an hour, whether it is used or not: its devices, or its cores where it has none. Null
 * where the book has no price.
 */
export function nodeMicrosPerHour(
  { deviceClass, shape }: { readonly deviceClass: string; readonly shape: NodeShape },
  prices: PlanPrices,
  atMs: number,
): number | null {
  const [unit, amount] =
    shape.devices > 0 ? ['accelerator' as const, shape.devices] : ['core' as const, shape.cpuMilli / 1_000];
  const price = priceOf(shape.devices > 0 ? deviceClass : 'cpu', unit, prices, atMs);
  return price === null ? null : price * amount;
}

const priceOf = (
  deviceClass: string,
  unit: 'accelerator' | 'core',
  { book, pool }: PlanPrices,
  atMs: number,
): number | null => findPrice(book, { pool, deviceClass, unit }, atMs)?.contractedMicros ?? null;
