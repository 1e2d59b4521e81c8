/**
 * Whether instances with these counts fit wherever those with the other counts fit, with no more compute slices.
 *
 * | profiles | they do when |
 * |---|---|
 * | nested, from the smallest to the largest | from each profile up there are at most as many instances |
 * | otherwise | of each profile there are at most as many instances |
 *
 * Worked: one 1g and one 2g fit where two 2g stand. Two 1g and one 3g: this rule does not see that they fit.
 */
export function isNoHarderToPlace(counts: readonly number[], others: readonly number[], nested: boolean): boolean {
  let [own, other] = [0, 0];
  for (let profile = counts.length - 1; profile >= 0; profile -= 1) {
    own = (nested ? own : 0) + (counts[profile] ?? 0);
    other = (nested ? other : 0) + (others[profile] ?? 0);
    if (own > other) return false;
  }
  return true;
}

/** Returns the elements in their order without those that an earlier one is no harder to place than. */
export function dropHarder<T extends { readonly counts: readonly number[] }>(
  elements: readonly T[],
  nested: boolean,
): readonly T[] {
  const kept: T[] = [];
  for (const each of elements) {
    if (!kept.some((other) => isNoHarderToPlace(other.counts, each.counts, nested))) kept.push(each);
  }
  return kept;
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
