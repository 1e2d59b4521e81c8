/**
 * Returns numbers of which each is at most the other's when instances with these counts fit wherever those with the other
 * counts fit, with no more compute slices.
 *
 * | profiles | numbers |
 * |---|---|
 * | nested, from the smallest to the largest | instances of each profile and all larger ones |
 * | otherwise | instances of each profile |
 *
 * Worked, for 1g, 2g, 3g: one 1g and one 2g are 2, 1, 0; two 2g are 2, 2, 0; so the first fit where the second stand.
 * Two 1g fit where one 2g stands, and this rule does not see it: 2, 0, 0 and 1, 1, 0.
 */
export function measureRoom(counts: readonly number[], nested: boolean): readonly number[] {
  if (!nested) return counts;
  let sum = 0;
  return counts.map((_, at) => (sum += counts[counts.length - 1 - at] ?? 0)).reverse();
}

/** Returns the elements in their order without those that an earlier one is no harder to place than. */
export function dropHarder<T extends { readonly counts: readonly number[] }>(
  elements: readonly T[],
  nested: boolean,
): readonly T[] {
  const rooms: (readonly number[])[] = [];
  return elements.filter(({ counts }) => {
    const room = measureRoom(counts, nested);
    if (rooms.some((other) => isAtMost(other, room))) return false;
    rooms.push(room);
    return true;
  });
}

function isAtMost(room: readonly number[], other: readonly number[]): boolean {
  for (let at = 0; at < room.length; at += 1) if ((room[at] ?? 0) > (other[at] ?? 0)) return false;
  return true;
}

/** The elements nearest to a target, at most so many; all of them, in their order, where there are no more. */
export function keepNearest<T extends { readonly counts: readonly number[] }>(
  elements: readonly T[],
  target: readonly number[],
  weights: readonly number[],
  limit: number,
): readonly T[] {
  if (elements.length <= limit) return elements;
  const ranked = elements.map((element) => ({ element, distance: measureDistance(element.counts, target, weights) }));
  return ranked
    .sort((a, b) => a.distance - b.distance)
    .slice(0, limit)
    .map(({ element }) => element);
}

/** Differences of counts, each weighted. */
function measureDistance(counts: readonly number[], target: readonly number[], weights: readonly number[]): number {
  return counts.reduce((sum, count, at) => sum + (weights[at] ?? 0) * Math.abs(count - (target[at] ?? 0)), 0);
}
