/** For how long how many spares were there for a service, older times counted for less. */
export interface SpareAvailability {
  /** Milliseconds for which exactly so many were there, by number from 0. */
  readonly lastedMs: readonly number[];
}

export const beginAvailability: SpareAvailability = { lastedMs: [] };

/** What was seen counts half after this. */
const halfLifeMs = 3_600_000;
/** Before that was seen nothing is planned on. */
const leastSeenMs = 600_000;
/** As many as were there for this share of the time are found nearly always. */
const foundShare = 0.9;

/** Adds a time in which so many spares were there for a service: free and promised to nobody else, or away with the service itself. */
export function observeAvailability(
  { lastedMs }: SpareAvailability,
  spares: number,
  elapsedMs: number,
): SpareAvailability {
  const keep = 0.5 ** (elapsedMs / halfLifeMs);
  const length = Math.max(lastedMs.length, spares + 1);
  const next = Array.from({ length }, (_, count) => (lastedMs[count] ?? 0) * keep);
  next[spares] = (next[spares] ?? 0) + elapsedMs;
  return { lastedMs: next };
}

/**
 * Returns the spares that a service finds nearly always: the largest number that was there for 90% of the time. 0 until ten minutes were seen.
 *
 * Worked: 3 were there for 40 minutes, 2 for 18 and none for 2: at least 2 were for 97% of the hour, and 3 for 67%. It is 2.
 */
export function countFound({ lastedMs }: SpareAvailability): number {
  const seenMs = lastedMs.reduce((sum, each) => sum + each, 0);
  if (seenMs < leastSeenMs) return 0;
  let atLeastMs = 0;
  for (let count = lastedMs.length - 1; count > 0; count -= 1) {
    atLeastMs += lastedMs[count] ?? 0;
    if (atLeastMs >= foundShare * seenMs) return count;
  }
  return 0;
}
