import type { MigBoard } from '../../hardware/tables/mig-profiles.ts';
import type { ReplicaShape } from '../room.ts';
import { listLayouts } from '../slices/layouts.ts';
import { findBoard, findProfile } from './board-cuts.ts';

/** A replica with what it is worth on a device, and the index of its class. */
export interface WorthReplica {
  readonly type: ReplicaShape;
  readonly index: number;
  readonly nano: number;
}

/** What the best instances of one device are worth and take. `parts` are classes of replicas. */
export interface LayoutBest {
  readonly nano: number;
  readonly cpuMilli: number;
  readonly memoryMib: number;
  readonly parts: readonly number[];
}

const nothing: LayoutBest = { nano: 0, cpuMilli: 0, memoryMib: 0, parts: [] };
/** The layouts of a board never change. */
const known = new Map<MigBoard, readonly (readonly number[])[]>();

/**
 * Returns, for each layout of the board, how many instances of each of its profiles it has. Every set of instances that fits
 * on one device is within one of them.
 */
export function listLayoutCounts(board: MigBoard): readonly (readonly number[])[] {
  const before = known.get(board);
  if (before !== undefined) return before;
  const counts = listLayouts(board, board.profiles).map((layout) => layout.counts);
  known.set(board, counts);
  return counts;
}

/** Returns the best filling of a device that is cut by one layout: each instance holds the best replica of its profile. */
export function bestOfLayouts(boardName: string, items: readonly WorthReplica[]): LayoutBest {
  const board = findBoard(boardName);
  const ofInstances = items.filter(({ type }) => type.profiles !== undefined);
  if (board === null || ofInstances.length === 0) return nothing;
  const bestOf = new Map<number, WorthReplica>();
  for (const item of ofInstances) {
    const profile = findProfile(board, item.type.profiles ?? []);
    const at = profile === null ? -1 : board.profiles.indexOf(profile);
    if (at >= 0 && item.nano > (bestOf.get(at)?.nano ?? 0)) bestOf.set(at, item);
  }
  let best = nothing;
  for (const counts of listLayoutCounts(board)) {
    const nano = [...bestOf].reduce((sum, [at, item]) => sum + (counts[at] ?? 0) * item.nano, 0);
    if (nano > best.nano) best = fillLayout(nano, counts, bestOf);
  }
  return best;
}

function fillLayout(nano: number, counts: readonly number[], bestOf: ReadonlyMap<number, WorthReplica>): LayoutBest {
  const held = [...bestOf].flatMap(([at, item]) => Array.from({ length: counts[at] ?? 0 }, () => item));
  return {
    nano,
    cpuMilli: held.reduce((sum, { type }) => sum + type.cpuMilli, 0),
    memoryMib: held.reduce((sum, { type }) => sum + type.memoryMib, 0),
    parts: held.map(({ index }) => index),
  };
}
