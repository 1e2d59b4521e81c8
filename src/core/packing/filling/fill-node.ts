import type { NodeShape, ReplicaShape } from '../room.ts';
import type { RoomPrice } from './device-table.ts';
import { makeFilling, type Filling } from './filling.ts';
import { findNodePrice } from './limit-prices.ts';
import { boundNode, gainsOnNode } from './node-bound.ts';
import { listHeld, searchFillings } from './search-fillings.ts';

export interface BestFilling {
  readonly filling: Filling;
  readonly gainNano: number;
  /** Other fillings that are worth nearly as much, best first. */
  readonly others: readonly Filling[];
  /** No filling of the node is worth more. Equal to `gainNano` where the search was complete. */
  readonly boundNano: number;
  /** The price of CPU, memory and limits at which `proveFillingBound` proves the bound. */
  readonly price: RoomPrice;
}

/** How far below the bound a filling is looked for first, as a share of the bound; widened until one is found. */
const firstGapShare = 0.002;
const widening = 4;

/**
 * Returns a filling of an empty node whose replicas are worth the most, and an upper bound of what any filling is worth.
 *
 * `gainsNano` are whole nano by class of replicas; what is not above 0 is not placed. Sums are exact: whole numbers below 2^53.
 * The bound of `boundNode` is searched from above: fillings within 0.2% of it first, then within four times as much.
 */
export function fillNode(
  node: NodeShape,
  types: readonly ReplicaShape[],
  allGainsNano: readonly number[],
  labelsAtMost: number,
): BestFilling {
  const gainsNano = gainsOnNode(node, types, allGainsNano);
  const price = findNodePrice(node, types, gainsNano);
  const bound = boundNode(node, types, gainsNano, price);
  const toFillings = (labels: Parameters<typeof listHeld>[0][]): readonly Filling[] =>
    labels.map((label) => makeFilling(listHeld(label, types)));
  for (let share = firstGapShare; ; share *= widening) {
    const floorNano = Math.max(0, Math.floor(bound.nano * (1 - share)));
    const found = searchFillings(node, types, gainsNano, bound, floorNano, labelsAtMost);
    const [filling, ...others] = toFillings([...found.best]);
    const gainNano = found.best[0]?.gainNano ?? 0;
    if (filling !== undefined) {
      return { filling, gainNano, others, boundNano: Math.max(gainNano, found.droppedNano), price };
    }
    if (floorNano === 0) {
      return { filling: makeFilling([]), gainNano, others, boundNano: found.droppedNano, price };
    }
  }
}

/**
 * Returns whether no filling of the node is worth more than `atMostNano`, proven at this price of CPU and memory. False says
 * that `labelsAtMost` labels do not prove it, or that a filling is worth more.
 */
export function proveFillingBound(
  node: NodeShape,
  types: readonly ReplicaShape[],
  allGainsNano: readonly number[],
  price: RoomPrice,
  atMostNano: number,
  labelsAtMost: number,
): boolean {
  const gainsNano = gainsOnNode(node, types, allGainsNano);
  const bound = boundNode(node, types, gainsNano, price);
  if (bound.nano <= atMostNano) return true;
  const { best, droppedNano } = searchFillings(node, types, gainsNano, bound, atMostNano, labelsAtMost);
  return best.length === 0 && droppedNano <= atMostNano;
}
