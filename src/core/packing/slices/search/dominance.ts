/**
 * Whether instances with these counts fit wherever those with the other counts fit, with no more compute slices.
 *
 * | profiles | it does when |
 * |---|---|
 * | nested, from the smallest to the largest | from each profile up there are at most as many instances |
 * | otherwise | of each profile there are at most as many instances |
 *
 * Worked: one 1g and one 2g fit where two 2g stand; two 1g do not fit where one 3g stands by this rule, though they would.
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

/**
 * Returns the elements that no other is no harder to place than, at most `limit` of them, in the order given. Put first
 * what should stand where two are equal.
 */
export function keepEasiest<T extends { readonly counts: readonly number[] }>(
  sorted: readonly T[],
  nested: boolean,
  limit: number,
): { readonly kept: readonly T[]; readonly complete: boolean } {
  const kept: T[] = [];
  for (const each of sorted) {
    if (kept.some((other) => isNoHarderToPlace(other.counts, each.counts, nested))) continue;
    if (kept.length >= limit) return { kept, complete: false };
    kept.push(each);
  }
  return { kept, complete: true };
}
