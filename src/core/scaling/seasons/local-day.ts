import { zoneOffsetMs } from '../../units/zone-time.ts';
import { dayMs, tenMinutesMs, thinDay, type ArrivalDay } from './arrival-day.ts';

/** Slots of a day: ten minutes each. */
export const slotsOfDay = dayMs / tenMinutesMs;

/** Arrivals of one day of a zone. */
export interface LocalDay {
  /** Days since 1970-01-01 by the zone's calendar. */
  readonly number: number;
  /** 0 is Monday. */
  readonly weekday: number;
  /** Requests a second of each slot of the clock; null where nobody counted. */
  readonly rates: readonly (number | null)[];
}

export interface LocalSlot {
  readonly day: number;
  readonly weekday: number;
  readonly slot: number;
}

/** Returns which slot of which day clocks of `zone` show at `atMs`. */
export function slotAt(zone: string, atMs: number): LocalSlot {
  return slotOf(atMs + zoneOffsetMs(zone, atMs));
}

function slotOf(localMs: number): LocalSlot {
  const day = Math.floor(localMs / dayMs);
  return { day, weekday: weekdayOf(day), slot: Math.floor((localMs - day * dayMs) / tenMinutesMs) };
}

/** 1970-01-01 was a Thursday. */
const weekdayOf = (day: number): number => (((day + 3) % 7) + 7) % 7;

/**
 * Returns the days of a zone that arrivals were counted in, oldest first, without holes: a day of which nothing is known has nulls. A slot
 * that comes twice, because clocks go back, has the mean; one that never comes is unknown. Where the zone is no whole number of slots ahead
 * of UTC, a count belongs to the slot in which it begins.
 */
export function localDaysOf(days: readonly ArrivalDay[], zone: string): readonly LocalDay[] {
  const slots = new Map<number, { sum: number; counted: number }[]>();
  for (const { fromMs, counts } of days.map(thinDay)) {
    const offsetMs = offsetsOf(zone, fromMs);
    counts.forEach((count, at) => {
      if (count === null) return;
      const atMs = fromMs + at * tenMinutesMs;
      const { day, slot } = slotOf(atMs + offsetMs(atMs));
      const of = slots.get(day) ?? Array.from({ length: slotsOfDay }, () => ({ sum: 0, counted: 0 }));
      const cell = of[slot];
      if (cell === undefined) return;
      cell.sum += count;
      cell.counted += 1;
      slots.set(day, of);
    });
  }
  if (slots.size === 0) return [];
  const [first, last] = [Math.min(...slots.keys()), Math.max(...slots.keys())];
  const empty = Array<null>(slotsOfDay).fill(null);
  return Array.from({ length: last - first + 1 }, (_, index) => {
    const number = first + index;
    const rates = slots
      .get(number)
      ?.map(({ sum, counted }) => (counted === 0 ? null : (sum * 1_000) / (counted * tenMinutesMs)));
    return { number, weekday: weekdayOf(number), rates: rates ?? empty };
  });
}

/** Asking for an offset takes some microseconds: a day that begins and ends with the same one has no other between. */
function offsetsOf(zone: string, fromMs: number): (atMs: number) => number {
  const offsetMs = zoneOffsetMs(zone, fromMs);
  if (zoneOffsetMs(zone, fromMs + dayMs) === offsetMs) return () => offsetMs;
  return (atMs) => zoneOffsetMs(zone, atMs);
}
