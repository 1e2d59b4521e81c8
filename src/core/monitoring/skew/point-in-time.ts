import type { SkewRow } from './skew.ts';

/** The features of one entity from one time on. */
export interface TimedRow {
  /** Milliseconds since 1970. */
  readonly atMs: number;
  readonly row: SkewRow;
}

/**
 * The features of an entity as training would have them at a time: those of the newest row that is not after it, and not older than
 * `maxAgeMs`. Null where there is none. As the point-in-time join of feature stores
 * (https://docs.feast.dev/getting-started/concepts/point-in-time-joins).
 * @param history of one entity, in order of time.
 * @param maxAgeMs null for any age.
 */
export function rowAsOf(history: readonly TimedRow[], atMs: number, maxAgeMs: number | null): SkewRow | null {
  let [low, high] = [0, history.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((history[middle]?.atMs ?? Infinity) <= atMs) low = middle + 1;
    else high = middle;
  }
  const found = history[low - 1];
  if (found === undefined || (maxAgeMs !== null && atMs - found.atMs > maxAgeMs)) return null;
  return found.row;
}

const dayText = /^\d{4}-\d\d-\d\d$/;
const timeText = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?) ?(Z|[+-]\d\d:?\d\d)?$/;

/**
 * A time of a data file, in milliseconds since 1970; null for what is none.
 *
 * | value | read as |
 * |---|---|
 * | a day; a day and a time, without a zone | UTC, as Feast takes it |
 * | a day and a time with a zone | that time |
 * | a number below 1e11, 1e14, 1e17; above | seconds, milliseconds, microseconds; nanoseconds since 1970 |
 */
export function readTimeMs(value: unknown): number | null {
  if (typeof value === 'bigint') return readTimeMs(Number(value));
  if (typeof value === 'number') {
    if (!(value >= 0 && value < 1e20)) return null;
    const perMs = value < 1e11 ? 1e-3 : value < 1e14 ? 1 : value < 1e17 ? 1e3 : 1e6;
    return Math.floor(value / perMs);
  }
  if (typeof value !== 'string') return null;
  if (dayText.test(value)) return validMs(Date.parse(`${value}T00:00:00Z`));
  const [, day, time, zone = 'Z'] = timeText.exec(value) ?? [];
  if (day === undefined || time === undefined) return null;
  return validMs(Date.parse(`${day}T${time}${zone.length === 5 ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone}`));
}

const validMs = (ms: number): number | null => (Number.isNaN(ms) ? null : ms);
