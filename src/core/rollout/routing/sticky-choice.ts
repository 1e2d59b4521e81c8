import type { RoutingSplit, RoutingTable } from './routing.ts';
import { xxhash32 } from './xxhash32.ts';

/**
 * What makes the places of keys another order in each rollout, so that it is not always the same people who try what is new.
 * It is the same on every gateway, after every restart, and in every step of one rollout.
 */
export function stickySalt(table: Pick<RoutingTable, 'service' | 'environment' | 'splits' | 'canary'>): number {
  return xxhash32(`${table.service}/${table.environment}/${newestOf(table)}`);
}

/**
 * The place of a key in [0, 1), by XXH32: the same key always has the same place in one rollout.
 * @param salt as `stickySalt` gives it.
 */
export function stickyPlace(key: string, salt: number): number {
  return xxhash32(key, salt) / 2 ** 32;
}

/**
 * The split at a place: shares are laid end to end from 0, the newest release first. So a larger share of the newest release
 * begins where the smaller one did, and whoever was on it stays on it: canary at 5 % holds [0, 0.05), at 25 % [0, 0.25).
 * @param place in [0, 1). @returns an index into the splits; -1 when no split has a share.
 */
export function stickySplit(table: Pick<RoutingTable, 'splits' | 'canary'>, place: number): number {
  return splitAt(stickyOrder(table), table.splits, place);
}

/** Indices of the splits in the order in which they are laid: the release of the step, then by falling number. */
export function stickyOrder(table: Pick<RoutingTable, 'splits' | 'canary'>): readonly number[] {
  const newest = newestOf(table);
  return [...table.splits.keys()].sort((a, b) => {
    const [one, other] = [table.splits[a]?.release ?? 0, table.splits[b]?.release ?? 0];
    if (one === other) return a - b;
    return one === newest ? -1 : other === newest ? 1 : other - one;
  });
}

/** As `stickySplit`, with the order made before: nothing is made anew for a request. */
export function splitAt(
  order: readonly number[],
  splits: readonly { readonly share: number }[],
  place: number,
): number {
  let edge = 0;
  let last = -1;
  for (const index of order) {
    const share = splits[index]?.share ?? 0;
    if (share <= 0) continue;
    edge += share;
    last = index;
    if (place < edge) return index;
  }
  // The shares sum to 1 only to within rounding: the very last places belong to the last split.
  return last;
}

function newestOf(table: {
  readonly splits: readonly RoutingSplit[];
  readonly canary?: { readonly release: number };
}): number {
  return table.canary?.release ?? table.splits.reduce((most, split) => Math.max(most, split.release), 0);
}
