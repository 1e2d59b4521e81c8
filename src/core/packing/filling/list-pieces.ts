import { isShare, wholeDeviceMilli, type NodeShape, type ReplicaShape } from '../room.ts';
import { keepNear, leftBy, type GrowingPieces, type ListedPieces, type Piece } from './grow-pieces.ts';
import { listCutPieces } from './list-cut-pieces.ts';
import type { NodeBound } from './node-bound.ts';
import { useLimit, type NodeLimits } from './node-limits.ts';
import { keepUndominated } from './undominated.ts';

/**
 * Returns what may be placed at once on a node: fillings of one device that lose at most `slackNano` against the best one,
 * and other replicas singly. Fillings are built by ascending thousandths of the device, and dominated ones are dropped on the
 * way. At most `piecesAtMost` are kept for each thousandth.
 */
export function listPieces(
  node: NodeShape,
  types: readonly ReplicaShape[],
  gainsNano: readonly number[],
  bound: NodeBound,
  limits: NodeLimits,
  slackNano: number,
  piecesAtMost: number,
): ListedPieces {
  const priceOf = (replica: number): number => bound.price.limitsNano?.[replica] ?? 0;
  const grow = (piece: Piece, replica: number): Piece | null => {
    const type = types[replica];
    const used = useLimit(piece.used, replica, limits);
    if (type === undefined || used === null) return null;
    const gainNano = gainsNano[replica] ?? 0;
    const next = {
      devices: piece.devices,
      cpuMilli: piece.cpuMilli + type.cpuMilli,
      memoryMib: piece.memoryMib + type.memoryMib,
      gainNano: piece.gainNano + gainNano,
      pricedNano: piece.pricedNano + gainNano - priceOf(replica),
      replicas: [...piece.replicas, replica],
      used,
    };
    return next.cpuMilli <= node.cpuMilli && next.memoryMib <= node.memoryMib ? next : null;
  };
  const idle = { ...nothing, used: limits.none };
  const singles = types.flatMap((type, replica): readonly Piece[] => {
    if ((gainsNano[replica] ?? 0) <= 0 || isShare(type) || type.profiles !== undefined) return [];
    const single = grow({ ...idle, devices: type.devices }, replica);
    return single === null ? [] : [single];
  });
  const growing: GrowingPieces = { types, gainsNano, bound, slackNano, piecesAtMost, idle, grow, ...limits };
  const filled = node.devices > 0 ? fillDevice(growing) : noPieces;
  const cut = node.devices > 0 ? listCutPieces(growing, node.board) : noPieces;
  const ofOneDevice = keepUndominated(
    [...filled.pieces, ...cut.pieces, ...singles.filter(({ devices }) => devices === 1)],
    leftBy,
    limits.losesAtMost,
  );
  return {
    pieces: [...ofOneDevice, ...singles.filter(({ devices }) => devices !== 1)],
    droppedNano: Math.max(filled.droppedNano, cut.droppedNano),
  };
}

const noPieces: ListedPieces = { pieces: [], droppedNano: 0 };
const nothing: Omit<Piece, 'used'> = {
  devices: 1,
  cpuMilli: 0,
  memoryMib: 0,
  gainNano: 0,
  pricedNano: 0,
  replicas: [],
};

/** Returns the undominated fillings of one device by shares; the empty one is among them unless it loses too much. */
function fillDevice(growing: GrowingPieces): ListedPieces {
  const { types, gainsNano, bound, idle } = growing;
  const shares = types.flatMap((type, replica) =>
    (gainsNano[replica] ?? 0) > 0 && isShare(type) ? [{ type, replica }] : [],
  );
  const { step } = bound.table;
  let droppedNano = 0;
  const byTaken: (readonly Piece[])[] = [[idle]];
  for (let taken = 1; taken <= wholeDeviceMilli / step; taken += 1) {
    const grown: Piece[] = [...(byTaken[taken - 1] ?? [])];
    for (const { type, replica } of shares) {
      for (const piece of byTaken[taken - type.deviceMilli / step] ?? []) {
        const next = growing.grow(piece, replica);
        if (next !== null) grown.push(next);
      }
    }
    const cut = keepNear(growing, grown, bound.table.bestOfFree(wholeDeviceMilli - taken * step).nano);
    droppedNano = Math.max(droppedNano, cut.droppedNano);
    byTaken.push(cut.kept);
  }
  return { pieces: byTaken.at(-1) ?? [], droppedNano };
}
