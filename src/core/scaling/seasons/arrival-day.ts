/**
 * Requests of one UTC day as the store keeps them: one count for each span of `lengthMs`. Null is a span in which no gateway
 * reported, which is not the same as no request. JSON-safe.
 */
export interface ArrivalDay {
  /** Midnight of UTC, milliseconds. */
  readonly fromMs: number;
  readonly lengthMs: number;
  readonly counts: readonly (number | null)[];
}

export const dayMs = 86_400_000;
export const minuteMs = 60_000;
export const tenMinutesMs = 600_000;
/**
 * How long arrivals are kept: by the minute for today and the two days before it, and by ten minutes for 56 days. These are at most
 * 3 x 1,440 + 54 x 144 = 12,096 counts of a service, some 40 kB at four digits a count.
 */
export const arrivalsKept = { minutesMs: 2 * dayMs, allMs: 56 * dayMs } as const;

/** Returns the UTC midnight before `atMs`, or `atMs` itself at midnight. */
export const dayOf = (atMs: number): number => Math.floor(atMs / dayMs) * dayMs;

/** Returns the day with `count` in the minute that begins at `atMs`. @param day null for a day of which nothing is known */
export function countMinute(day: ArrivalDay | null, atMs: number, count: number): ArrivalDay {
  const fromMs = dayOf(atMs);
  const before = day ?? { fromMs, lengthMs: minuteMs, counts: [] };
  // A clock that went back into a day of the past: its tens stay as they are.
  if (before.lengthMs !== minuteMs) return before;
  const at = Math.floor((atMs - fromMs) / minuteMs);
  const counts = Array.from(
    { length: Math.max(before.counts.length, at + 1) },
    (_, each) => before.counts[each] ?? null,
  );
  counts[at] = count;
  return { ...before, counts };
}

/**
 * Returns the day by ten minutes. Ten minutes of which at least five are known count as if the others had been like them; of fewer
 * nothing is known.
 */
export function thinDay(day: ArrivalDay): ArrivalDay {
  if (day.lengthMs === tenMinutesMs) return day;
  const perTen = tenMinutesMs / day.lengthMs;
  const counts = Array.from({ length: Math.ceil(day.counts.length / perTen) }, (_, ten) => {
    const known = day.counts.slice(ten * perTen, (ten + 1) * perTen).filter((count) => count !== null);
    if (known.length < perTen / 2) return null;
    return Math.round((known.reduce((sum, count) => sum + count, 0) * perTen) / known.length);
  });
  return { ...day, lengthMs: tenMinutesMs, counts };
}
