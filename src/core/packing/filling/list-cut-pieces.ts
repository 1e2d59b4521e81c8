import { listLayoutCounts } from '../cuts/best-layout.ts';
import { findBoard, findProfile } from '../cuts/board-cuts.ts';
import { netGainNano } from './device-table.ts';
import { keepNear, type GrowingPieces, type ListedPieces, type Piece } from './grow-pieces.ts';

/**
 * Returns the undominated fillings of one device that is cut into MIG instances, one layout of its board after the other.
 * Each instance holds a replica or none. What is dropped is as for shares.
 */
export function listCutPieces(growing: GrowingPieces, boardName: string | undefined): ListedPieces {
  const board = boardName === undefined ? null : findBoard(boardName);
  if (board === null) return { pieces: [], droppedNano: 0 };
  const byProfile = board.profiles.map((profile) =>
    growing.types.flatMap((type, replica) => {
      const isOne = type.profiles !== undefined && findProfile(board, type.profiles) === profile;
      return isOne && (growing.gainsNano[replica] ?? 0) > 0 ? [replica] : [];
    }),
  );
  const bestOf = byProfile.map((replicas) => bestNetNano(growing, replicas));
  let droppedNano = 0;
  const pieces = withoutRepeats(listLayoutCounts(board), byProfile).flatMap((counts) => {
    const slots = counts.flatMap((count, profile) => Array.from({ length: count }, () => profile));
    let kept: readonly Piece[] = [growing.idle];
    for (const [at, profile] of slots.entries()) {
      const grown = kept.flatMap((piece) => [
        piece,
        ...(byProfile[profile] ?? []).flatMap((replica) => growing.grow(piece, replica) ?? []),
      ]);
      const restNano = slots.slice(at + 1).reduce((sum, each) => sum + (bestOf[each] ?? 0), 0);
      const cut = keepNear(growing, grown, restNano);
      droppedNano = Math.max(droppedNano, cut.droppedNano);
      kept = cut.kept;
    }
    return kept;
  });
  return { pieces, droppedNano };
}

/** Profiles that no replica asks for count 0; of layouts that are then within another one the larger is kept. */
function withoutRepeats(
  layouts: readonly (readonly number[])[],
  byProfile: readonly (readonly number[])[],
): readonly (readonly number[])[] {
  const asked = layouts.map((counts) => counts.map((count, at) => ((byProfile[at] ?? []).length > 0 ? count : 0)));
  const distinct = [...new Map(asked.map((counts) => [counts.join(), counts])).values()];
  const isWithin = (one: readonly number[], other: readonly number[]): boolean =>
    one !== other && one.every((count, at) => count <= (other[at] ?? 0));
  return distinct.filter((counts) => !distinct.some((other) => isWithin(counts, other)));
}

function bestNetNano({ types, gainsNano, bound }: GrowingPieces, replicas: readonly number[]): number {
  return replicas.reduce((most, replica) => {
    const type = types[replica];
    const priced = (gainsNano[replica] ?? 0) - (bound.price.limitsNano?.[replica] ?? 0);
    return type === undefined ? most : Math.max(most, netGainNano(type, priced, bound.price));
  }, 0);
}
