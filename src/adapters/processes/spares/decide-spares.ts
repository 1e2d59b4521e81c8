/** A spare that is not taken, as it is decided on. */
export interface CountedSpare {
  readonly spareId: string;
  readonly environment: string;
  readonly fits: string;
  readonly isFree: boolean;
  /** Another program than this control plane starts, or another environment of the machine. */
  readonly isForeign: boolean;
}

export interface WantedSpares {
  readonly environment: string;
  readonly fits: string;
  readonly count: number;
}

export interface SpareDecision<Wanted extends WantedSpares> {
  /** One entry for each spare to start. */
  readonly start: readonly Wanted[];
  readonly end: readonly string[];
}

/**
 * Returns what brings the spares to the wanted numbers.
 *
 * | a spare | |
 * |---|---|
 * | is of another program | ended |
 * | is of a group that is not wanted any more | ended |
 * | is beyond the number of its group | ended; those that are not free yet first |
 * | lacks in its group | started |
 */
export function decideSpares<Wanted extends WantedSpares>(
  spares: readonly CountedSpare[],
  wanted: readonly Wanted[],
): SpareDecision<Wanted> {
  const own = spares.filter(({ isForeign }) => !isForeign);
  const groupOf = (each: { readonly environment: string; readonly fits: string }): string =>
    `${each.environment}\n${each.fits}`;
  const groups = Map.groupBy(own, groupOf);
  const start: Wanted[] = [];
  const kept = new Set<string>();
  for (const each of wanted) {
    const standing = (groups.get(groupOf(each)) ?? []).toSorted((a, b) => Number(b.isFree) - Number(a.isFree));
    for (const { spareId } of standing.slice(0, each.count)) kept.add(spareId);
    for (let lacking = each.count - standing.length; lacking > 0; lacking -= 1) start.push(each);
  }
  return { start, end: spares.map(({ spareId }) => spareId).filter((spareId) => !kept.has(spareId)) };
}
