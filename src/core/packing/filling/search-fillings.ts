import type { NodeShape, ReplicaShape } from '../room.ts';
import type { HeldReplica } from './filling.ts';
import type { Piece } from './grow-pieces.ts';
import { listPieces } from './list-pieces.ts';
import { countDeviceless, type NodeBound } from './node-bound.ts';
import { addUsed, findNodeLimits, type NodeLimits } from './node-limits.ts';
import { keepFurthest, keepUndominated } from './undominated.ts';

/** A filling of the first devices of a node, as a chain back to the empty node; CPU and memory are what is left. */
export interface Label {
  readonly cpuMilli: number;
  readonly memoryMib: number;
  readonly gainNano: number;
  /** The gain less the prices of limits. */
  readonly pricedNano: number;
  /** Replicas of each class with a limit. */
  readonly used: readonly number[];
  readonly before: Label | null;
  readonly piece: Piece | null;
  /** How many of the piece are added at once. */
  readonly count: number;
}

export interface FoundFillings {
  /** Fillings that are worth more than the floor, best first. */
  readonly best: readonly Label[];
  /** No filling that was not looked at is worth more than this or the floor, whichever is more. */
  readonly droppedNano: number;
}

/** How many fillings are given at most. */
const fillingsAtMost = 6;

/**
 * Returns the best fillings of an empty node that are worth more than `floorNano`.
 *
 * Labels are kept by the number of devices that they fill. A label is dropped where its gain and the bound of what is left
 * cannot exceed the floor, and where another label of as many devices has as much CPU, memory and gain. With at most
 * `labelsAtMost` labels for each number of devices the search is complete wherever that suffices.
 */
export function searchFillings(
  node: NodeShape,
  types: readonly ReplicaShape[],
  gainsNano: readonly number[],
  bound: NodeBound,
  floorNano: number,
  labelsAtMost: number,
): FoundFillings {
  const { price, table, devicelessNano, limitsNano } = bound;
  const limits = findNodeLimits(node, types, gainsNano);
  const listed = listPieces(node, types, gainsNano, bound, limits, bound.nano - floorNano, labelsAtMost);
  let { droppedNano } = listed;
  const reachNano = (label: Label, devicesLeft: number): number =>
    label.pricedNano +
    limitsNano +
    price.cpuMilliNano * label.cpuMilli +
    price.memoryMibNano * label.memoryMib +
    table.bestOfWhole(devicesLeft).nano +
    devicelessNano;
  const keep = (labels: readonly Label[], devicesLeft: number): readonly Label[] => {
    const cut = keepFurthest(
      keepUndominated(labels, (label) => label, limits.losesAtMost),
      (label) => reachNano(label, devicesLeft),
      ({ cpuMilli }) => cpuMilli,
      labelsAtMost,
    );
    droppedNano = Math.max(droppedNano, cut.droppedNano);
    return cut.kept;
  };
  const layers: Label[][] = Array.from({ length: node.devices + 1 }, () => []);
  layers[0]?.push({ ...node, gainNano: 0, pricedNano: 0, used: limits.none, before: null, piece: null, count: 0 });
  const ofDevices = listed.pieces.filter(({ devices }) => devices > 0);
  for (let filled = 0; filled < node.devices; filled += 1) {
    for (const label of keep(layers[filled] ?? [], node.devices - filled)) {
      for (const piece of ofDevices) {
        const left = node.devices - filled - piece.devices;
        const next = left < 0 ? null : addPiece(label, piece, limits);
        if (next !== null && reachNano(next, left) > floorNano) layers[filled + piece.devices]?.push(next);
      }
    }
  }
  let last = keep(layers[node.devices] ?? [], 0);
  for (const piece of listed.pieces.filter(({ devices }) => devices === 0)) {
    const atMost = countDeviceless(types[piece.replicas[0] ?? 0] as ReplicaShape, node);
    for (const count of splitCount(atMost)) {
      const grown = last.flatMap((label) => addPiece(label, piece, limits, count) ?? []);
      last = keep([...last, ...grown.filter((label) => reachNano(label, 0) > floorNano)], 0);
    }
  }
  const best = last
    .filter(({ gainNano }) => gainNano > floorNano)
    .sort((a, b) => b.gainNano - a.gainNano)
    .slice(0, fillingsAtMost);
  return { best, droppedNano };
}

/** Returns the label with the piece so many times; null where that exceeds the node or a limit. */
function addPiece(label: Label, piece: Piece, limits: NodeLimits, count = 1): Label | null {
  const cpuMilli = label.cpuMilli - count * piece.cpuMilli;
  const memoryMib = label.memoryMib - count * piece.memoryMib;
  const more = count === 1 ? piece.used : piece.used.map((used) => count * used);
  const used = cpuMilli < 0 || memoryMib < 0 ? null : addUsed(label.used, more, limits);
  if (used === null) return null;
  return {
    cpuMilli,
    memoryMib,
    gainNano: label.gainNano + count * piece.gainNano,
    pricedNano: label.pricedNano + count * piece.pricedNano,
    used,
    before: label,
    piece,
    count,
  };
}

/** Returns parts of a count by which each number up to it is a sum of some: 1, 2, 4 and so on, and a rest. */
function splitCount(count: number): readonly number[] {
  const parts: number[] = [];
  for (let left = count; left > 0; left -= parts.at(-1) ?? 0) parts.push(Math.min(2 ** parts.length, left));
  return parts;
}

/** Returns the replicas of a label with the devices that they hold, from the first device on. */
export function listHeld(label: Label, types: readonly ReplicaShape[]): readonly HeldReplica[] {
  const pieces: Piece[] = [];
  for (let at: Label | null = label; at?.piece !== undefined && at.piece !== null; at = at.before)
    for (let count = 0; count < at.count; count += 1) pieces.push(at.piece);
  let first = 0;
  return pieces.flatMap((piece) => {
    const devices = Array.from({ length: piece.devices }, (_, offset) => first + offset);
    first += piece.devices;
    return piece.replicas.map((replica) => ({ replica, devices: (types[replica]?.devices ?? 0) > 0 ? devices : [] }));
  });
}
