import type { ScheduleEntry } from '../../contract/schedule/schedule.ts';
import { localTimeOf, momentOf } from '../../units/zone-time.ts';
import { dayMs, minuteMs } from './arrival-day.ts';

/** What a schedule says of a stretch of time. */
export interface ScheduledAhead {
  /** The greatest rate, requests a second; 0 where only replicas are stated. */
  readonly ratePerSecond: number;
  /** The most replicas that are stated; 0 where none are. */
  readonly replicas: number;
}

/**
 * Returns the most of what a schedule states for any moment from `fromMs` to `untilMs`; null where no entry holds then. An entry begins
 * with its first moment, and its end is no longer part of it. A time that clocks skip or repeat is read so that it lasts longer.
 */
export function scheduledBetween(
  schedule: readonly ScheduleEntry[],
  fromMs: number,
  untilMs: number,
): ScheduledAhead | null {
  const holding = schedule.filter((entry) => holdsBetween(entry, fromMs, untilMs));
  if (holding.length === 0) return null;
  return {
    ratePerSecond: Math.max(0, ...holding.map(({ ratePerSecond = 0 }) => ratePerSecond)),
    replicas: Math.max(0, ...holding.map(({ replicas = 0 }) => replicas)),
  };
}

function holdsBetween({ when, zone }: ScheduleEntry, fromMs: number, untilMs: number): boolean {
  const overlaps = (beginLocalMs: number, endLocalMs: number): boolean =>
    momentOf(zone, beginLocalMs, 'first') <= untilMs && momentOf(zone, endLocalMs, 'last') > fromMs;
  if (when.kind === 'once') return overlaps(when.fromLocalMs, when.untilLocalMs);
  // What began the day before may last beyond midnight.
  const first = Math.floor(localTimeOf(zone, fromMs) / dayMs) - 1;
  const last = Math.floor(localTimeOf(zone, untilMs) / dayMs);
  for (let day = first; day <= last; day += 1) {
    // 1970-01-01 was a Thursday, and 0 is Monday.
    if (!when.weekdays.includes((((day + 3) % 7) + 7) % 7)) continue;
    if (overlaps(day * dayMs + when.fromMinute * minuteMs, day * dayMs + when.untilMinute * minuteMs)) return true;
  }
  return false;
}
