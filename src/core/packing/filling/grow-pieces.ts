import type { ReplicaShape } from '../room.ts';
import type { NodeBound } from './node-bound.ts';
import type { NodeLimits } from './node-limits.ts';
import { keepFurthest, keepUndominated, type Partial } from './undominated.ts';

/** Replicas that are placed together: one filling of a device, or one replica of several devices or of none. */
export interface Piece {
  readonly devices: number;
  readonly cpuMilli: number;
  readonly memoryMib: number;
  readonly gainNano: number;
  /** The gain less the prices of limits; the same as the gain where the bound has none. */
  readonly pricedNano: number;
  readonly replicas: readonly number[];
  /** Replicas of each class with a limit. */
  readonly used: readonly number[];
}

export interface ListedPieces {
  readonly pieces: readonly Piece[];
  /** No filling with a piece that was dropped is worth more. */
  readonly droppedNano: number;
}

/** What pieces of one device are grown from. */
export interface GrowingPieces extends Pick<NodeLimits, 'losesAtMost'> {
  readonly types: readonly ReplicaShape[];
  readonly gainsNano: readonly number[];
  readonly bound: NodeBound;
  readonly slackNano: number;
  readonly piecesAtMost: number;
  /** One device without replicas. */
  readonly idle: Piece;
  /** The piece with one more replica; null where that exceeds CPU, memory or a limit of the node. */
  grow(piece: Piece, replica: number): Piece | null;
}

/**
 * Returns the undominated pieces that lose at most the slack against the best filling of the device, where the rest of the
 * device adds at most `restNano`, and how far a filling with a dropped one could reach.
 */
export function keepNear(
  { bound, slackNano, piecesAtMost, losesAtMost }: GrowingPieces,
  grown: readonly Piece[],
  restNano: number,
): { readonly kept: readonly Piece[]; readonly droppedNano: number } {
  const { price, table } = bound;
  const bestOfOne = table.bestOfWhole(1).nano;
  const slackOf = ({ pricedNano, cpuMilli, memoryMib }: Piece): number =>
    bestOfOne - restNano - (pricedNano - price.cpuMilliNano * cpuMilli - price.memoryMibNano * memoryMib);
  const near = keepUndominated(
    grown.filter((piece) => slackOf(piece) <= slackNano),
    leftBy,
    losesAtMost,
  );
  return keepFurthest(
    near,
    (piece) => bound.nano - slackOf(piece),
    ({ cpuMilli }) => -cpuMilli,
    piecesAtMost,
  );
}

/** Returns a piece as dominance compares it: what it takes counts against it. */
export function leftBy({ cpuMilli, memoryMib, gainNano, used }: Piece): Partial {
  return { cpuMilli: -cpuMilli, memoryMib: -memoryMib, gainNano, used };
}
