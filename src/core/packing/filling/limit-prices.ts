import type { NodeShape, ReplicaShape } from '../room.ts';
import type { RoomPrice } from './device-table.ts';
import { countInBound, findRoomPrice } from './node-bound.ts';
import { findNodeLimits, type NodeLimits } from './node-limits.ts';

/** How often prices of limits and prices of CPU and memory are looked for in turn. */
const roundsOfPrices = 2;
const stepsOfLimits = 24;
/** The first step aims at a bound that is lower by this share. */
const firstAimShare = 0.05;

/**
 * Returns the price of CPU, memory and limits, in whole nano, at which the bound of the node is nearly lowest.
 *
 * Prices of limits are looked for by subgradients (Polyak): the price of a service rises where the bound holds more of it than
 * its limit allows. They cost nothing where no limit is exceeded. The bound holds at any prices, so the search may end early.
 */
export function findNodePrice(
  node: NodeShape,
  types: readonly ReplicaShape[],
  gainsNano: readonly number[],
): RoomPrice {
  let price = findRoomPrice(node, types, gainsNano);
  const limits = findNodeLimits(node, types, gainsNano);
  if (limits.atMost.length === 0) return price;
  for (let round = 0; round < roundsOfPrices; round += 1) {
    const limitsNano = lowerLimits(node, types, gainsNano, price, limits);
    if (limitsNano === null) return price;
    price = findRoomPrice(node, types, gainsNano, limitsNano);
  }
  return price;
}

/** Returns better prices of the limits; null where none is found. */
function lowerLimits(
  node: NodeShape,
  types: readonly ReplicaShape[],
  gainsNano: readonly number[],
  start: RoomPrice,
  { placeOf, atMost }: NodeLimits,
): readonly number[] | null {
  let pricesNano: readonly number[] = atMost.map((_, place) => start.limitsNano?.[placeOf.indexOf(place)] ?? 0);
  let best = Infinity;
  let bestLimits: readonly number[] | null = null;
  let aimShare = firstAimShare;
  for (let step = 0; step <= stepsOfLimits; step += 1) {
    const limitsNano = placeOf.map((place) => pricesNano[place] ?? 0);
    const { nano, counts } = countInBound(node, types, gainsNano, { ...start, limitsNano });
    if (nano < best) {
      if (step > 0) bestLimits = limitsNano;
      best = nano;
    } else aimShare /= 2;
    const used = atMost.map((_, own) =>
      counts.reduce((sum, count, at) => (placeOf[at] === own ? sum + count : sum), 0),
    );
    const steep = atMost.map((most, place) => {
      const slope = (used[place] ?? 0) - most;
      return pricesNano[place] === 0 ? Math.max(0, slope) : slope;
    });
    const square = steep.reduce((sum, slope) => sum + slope ** 2, 0);
    if (square === 0) break;
    const length = (nano - best * (1 - aimShare)) / square;
    pricesNano = pricesNano.map((price, place) => Math.max(0, Math.round(price + length * (steep[place] ?? 0))));
  }
  return bestLimits;
}
