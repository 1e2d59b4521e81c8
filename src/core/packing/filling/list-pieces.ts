import { isShare, wholeDeviceMilli, type NodeShape, type ReplicaShape } from '../room.ts';
import type { NodeBound } from './node-bound.ts';
import { keepFurthest, keepUndominated } from './undominated.ts';

/** Replicas that are placed together: one filling of a device, or one replica of several devices or of none. */
export interface Piece {
  readonly devices: number;
  readonly cpuMilli: number;
  readonly memoryMib: number;
  readonly gainNano: number;
  readonly replicas: readonly number[];
}

export interface ListedPieces {
  readonly pieces: readonly Piece[];
  /** No filling with a piece that was dropped is worth more. */
  readonly droppedNano: number;
}

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
  slackNano: number,
  piecesAtMost: number,
): ListedPieces {
  const singles = types.flatMap((type, replica): readonly Piece[] => {
    const gainNano = gainsNano[replica] ?? 0;
    if (gainNano <= 0 || isShare(type)) return [];
    const { cpuMilli, memoryMib, devices } = type;
    return [{ devices, cpuMilli, memoryMib, gainNano, replicas: [replica] }];
  });
  const filled = node.devices > 0 ? fillDevice(node, types, gainsNano, bound, slackNano, piecesAtMost) : noPieces;
  const ofOneDevice = keepUndominated([...filled.pieces, ...singles.filter(({ devices }) => devices === 1)], leftBy);
  return {
    pieces: [...ofOneDevice, ...singles.filter(({ devices }) => devices !== 1)],
    droppedNano: filled.droppedNano,
  };
}

const noPieces: ListedPieces = { pieces: [], droppedNano: 0 };
const idle: Piece = { devices: 1, cpuMilli: 0, memoryMib: 0, gainNano: 0, replicas: [] };

/** Returns the undominated fillings of one device by shares; the empty one is among them unless it loses too much. */
function fillDevice(
  node: NodeShape,
  types: readonly ReplicaShape[],
  gainsNano: readonly number[],
  { price, table, nano: boundNano }: NodeBound,
  slackNano: number,
  piecesAtMost: number,
): ListedPieces {
  const shares = types.flatMap((type, replica) =>
    (gainsNano[replica] ?? 0) > 0 && isShare(type) ? [{ type, replica }] : [],
  );
  const { step } = table;
  const bestOfOne = table.bestOfWhole(1).nano;
  let droppedNano = 0;
  const byTaken: (readonly Piece[])[] = [[idle]];
  for (let taken = 1; taken <= wholeDeviceMilli / step; taken += 1) {
    const bestOfRest = table.bestOfFree(wholeDeviceMilli - taken * step).nano;
    const slackOf = ({ gainNano, cpuMilli, memoryMib }: Piece): number =>
      bestOfOne - bestOfRest - (gainNano - price.cpuMilliNano * cpuMilli - price.memoryMibNano * memoryMib);
    const grown: Piece[] = [...(byTaken[taken - 1] ?? [])];
    for (const { type, replica } of shares) {
      for (const piece of byTaken[taken - type.deviceMilli / step] ?? []) {
        const next = addShare(piece, type, replica, gainsNano[replica] ?? 0);
        if (next.cpuMilli <= node.cpuMilli && next.memoryMib <= node.memoryMib) grown.push(next);
      }
    }
    const near = keepUndominated(
      grown.filter((piece) => slackOf(piece) <= slackNano),
      leftBy,
    );
    const cut = keepFurthest(
      near,
      (piece) => boundNano - slackOf(piece),
      ({ cpuMilli }) => -cpuMilli,
      piecesAtMost,
    );
    droppedNano = Math.max(droppedNano, cut.droppedNano);
    byTaken.push(cut.kept);
  }
  return { pieces: byTaken.at(-1) ?? [], droppedNano };
}

function addShare(piece: Piece, type: ReplicaShape, replica: number, gainNano: number): Piece {
  return {
    devices: 1,
    cpuMilli: piece.cpuMilli + type.cpuMilli,
    memoryMib: piece.memoryMib + type.memoryMib,
    gainNano: piece.gainNano + gainNano,
    replicas: [...piece.replicas, replica],
  };
}

function leftBy({ cpuMilli, memoryMib, gainNano }: Piece) {
  return { cpuMilli: -cpuMilli, memoryMib: -memoryMib, gainNano };
}
