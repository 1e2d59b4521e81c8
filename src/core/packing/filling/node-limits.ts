import { findBoard, findProfile } from '../cuts/board-cuts.ts';
import { wholeDeviceMilli, type NodeShape, type ReplicaShape } from '../room.ts';

/** The limits of services on one node that can bind there. */
export interface NodeLimits {
  /** The place of each class among the limits, the same for all classes of a service; -1 for a class without one. */
  readonly placeOf: readonly number[];
  /** By place. */
  readonly atMost: readonly number[];
  readonly none: readonly number[];
  /**
   * Whether a filling with `one` may still gain at most so much less than a filling with `other`, because it has used up more
   * of the limits.
   */
  losesAtMost(one: readonly number[], other: readonly number[], nano: number): boolean;
}

/**
 * Returns the limits of `perNode` that can bind on the node. A class that is worth nothing there has none, and neither has a
 * class without devices that is alone in its service: `countDeviceless` keeps its limit.
 *
 * Whoever has placed more of a service than another one can copy what the other one still adds, without as many replicas of the
 * service: each replica that is left out loses at most what the best class of the service is worth.
 */
export function findNodeLimits(
  node: NodeShape,
  types: readonly ReplicaShape[],
  gainsNano: readonly number[],
): NodeLimits {
  const [atMost, worths]: [number[], number[]] = [[], []];
  const placeOf = types.map(() => -1);
  const placed = types.flatMap((type, at) => {
    const worth = gainsNano[at] ?? 0;
    return type.perNode === undefined || worth <= 0 ? [] : [{ type, at, worth, perNode: type.perNode }];
  });
  for (const own of Map.groupBy(placed, ({ perNode }) => perNode.service).values()) {
    const limit = Math.min(...own.map(({ perNode }) => perNode.atMost));
    const isCounted = own.length === 1 && own[0]?.type.devices === 0;
    if (isCounted || limit >= own.reduce((sum, { type }) => sum + countOnNode(type, node), 0)) continue;
    worths.push(Math.max(...own.map(({ worth }) => worth)));
    const place = atMost.push(limit) - 1;
    for (const { at } of own) placeOf[at] = place;
  }
  const losesAtMost = (one: readonly number[], other: readonly number[], nano: number): boolean => {
    let left = nano;
    for (let place = 0; place < worths.length && left >= 0; place += 1) {
      const more = (one[place] ?? 0) - (other[place] ?? 0);
      if (more > 0) left -= more * (worths[place] ?? 0);
    }
    return left >= 0;
  };
  return { placeOf, atMost, none: atMost.map(() => 0), losesAtMost };
}

/** Returns the counts with one replica more of the class; null where its limit is reached. */
export function useLimit(
  used: readonly number[],
  replica: number,
  { placeOf, atMost }: NodeLimits,
): readonly number[] | null {
  const place = placeOf[replica] ?? -1;
  if (place < 0) return used;
  return (used[place] ?? 0) < (atMost[place] ?? 0) ? used.with(place, (used[place] ?? 0) + 1) : null;
}

/** Returns the sum of both counts; null where a limit is exceeded. */
export function addUsed(
  one: readonly number[],
  other: readonly number[],
  { atMost }: NodeLimits,
): readonly number[] | null {
  if (atMost.length === 0) return one;
  const sum = one.map((count, place) => count + (other[place] ?? 0));
  return sum.every((count, place) => count <= (atMost[place] ?? 0)) ? sum : null;
}

/** How many of the replica fit on the node at most, each limit by itself. */
function countOnNode({ cpuMilli, memoryMib, devices, deviceMilli, profiles }: ReplicaShape, node: NodeShape): number {
  const byCpu = cpuMilli > 0 ? Math.floor(node.cpuMilli / cpuMilli) : Infinity;
  const byMemory = memoryMib > 0 ? Math.floor(node.memoryMib / memoryMib) : Infinity;
  const board = node.board === undefined ? null : findBoard(node.board);
  if (devices === 0) return Math.min(byCpu, byMemory);
  const instances = profiles === undefined || board === null ? null : findProfile(board, profiles)?.maxInstances;
  const onDevice = instances ?? (devices === 1 ? Math.floor(wholeDeviceMilli / deviceMilli) : 1);
  return Math.min(byCpu, byMemory, onDevice * Math.floor(node.devices / devices));
}
