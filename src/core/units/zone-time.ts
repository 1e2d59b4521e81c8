const dayMs = 86_400_000;
/** Offsets of all zones change at a quarter of an hour. */
const quarterMs = 900_000;

const formats = new Map<string, Intl.DateTimeFormat>();
/** The newest offset that was asked of each zone: the same moment is asked for again and again. */
const newest = new Map<string, { readonly quarter: number; readonly offsetMs: number }>();

/** Returns whether `zone` is a name of the IANA time zone database that this Node knows, such as `Europe/Berlin`, or `UTC`. */
export function isZone(zone: string): boolean {
  if (!/^[A-Za-z][A-Za-z0-9_+-]*(\/[A-Za-z0-9_+-]+)*$/.test(zone)) return false;
  try {
    formatOf(zone);
    return true;
  } catch {
    return false;
  }
}

/** Returns the milliseconds that clocks of `zone` are ahead of UTC at `atMs`. @throws RangeError for a zone that is not known. */
export function zoneOffsetMs(zone: string, atMs: number): number {
  if (zone === 'UTC') return 0;
  const quarter = Math.floor(atMs / quarterMs);
  const known = newest.get(zone);
  if (known?.quarter === quarter) return known.offsetMs;
  const parts = new Map(
    formatOf(zone)
      .formatToParts(quarter * quarterMs)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const part = (name: Intl.DateTimeFormatPartTypes): number => parts.get(name) ?? 0;
  const local = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
  const offsetMs = local - quarter * quarterMs;
  newest.set(zone, { quarter, offsetMs });
  return offsetMs;
}

/** Returns what clocks of `zone` show at `atMs`, as milliseconds since 1970-01-01T00:00 of that clock. */
export const localTimeOf = (zone: string, atMs: number): number => atMs + zoneOffsetMs(zone, atMs);

/**
 * Returns the moment at which clocks of `zone` show `localMs`, in milliseconds since 1970 UTC.
 *
 * | the clock shows it | moment |
 * |---|---|
 * | once | that one |
 * | twice (clocks go back) | the first or the last, as `which` says |
 * | never (clocks go forward) | as much later as the clocks go forward |
 *
 * Worked: 02:30 on 2026-03-29 does not exist in Europe/Berlin; it is 03:30 there, 01:30 UTC.
 */
export function momentOf(zone: string, localMs: number, which: 'first' | 'last'): number {
  const [before, after] = [localMs - dayMs, localMs + dayMs].map((nearMs) => localMs - zoneOffsetMs(zone, nearMs)) as [
    number,
    number,
  ];
  const shown = [before, after].filter((atMs) => localTimeOf(zone, atMs) === localMs);
  if (shown.length === 0) return before;
  return which === 'first' ? Math.min(...shown) : Math.max(...shown);
}

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  formats.set(zone, made);
  return made;
}
