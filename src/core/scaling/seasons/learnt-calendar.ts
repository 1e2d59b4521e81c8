import type { ScheduleEntry } from '../../contract/schedule/schedule.ts';
import { dayMs, dayOf, minuteMs, tenMinutesMs, type ArrivalDay } from './arrival-day.ts';
import { expectAhead, steadyUntilMs, type CalendarAhead } from './calendar-ahead.ts';
import { findSeason, type Season } from './find-season.ts';
import { slotAt } from './local-day.ts';

/** What a simulation knows of the calendar. */
export interface CalendarTerms {
  /** The moment of the simulation's beginning, milliseconds since 1970 UTC. */
  readonly beginsAtMs: number;
  readonly zone: string;
  readonly schedule: readonly ScheduleEntry[];
  /** Whether seasons are looked for in what arrived so far. */
  readonly seasons: boolean;
  /** Days that were recorded before the simulation begins, oldest first. Absent: none. */
  readonly recorded?: readonly ArrivalDay[];
}

/**
 * The calendar of a simulation: it counts arrivals as they come, and finds the season of the days that are over, once a day, as a control
 * plane does. It knows nothing of what comes. Moments are milliseconds since the beginning of the simulation.
 */
export class LearntCalendar {
  readonly #terms: CalendarTerms;
  readonly #attainmentShare: number;
  /** Counts of ten minutes by day. */
  readonly #days = new Map<number, number[]>();
  #today: number | null = null;
  #season: Season | null = null;
  #last: { readonly minute: number; readonly horizonMs: number; readonly ahead: CalendarAhead | null } | null = null;

  constructor(terms: CalendarTerms, attainmentShare: number) {
    this.#terms = terms;
    this.#attainmentShare = attainmentShare;
  }

  /** One request arrived. Arrivals come in the order of their times. */
  arrived(nowMs: number): void {
    if (!this.#terms.seasons) return;
    const atMs = this.#terms.beginsAtMs + nowMs;
    const counts = this.#days.get(dayOf(atMs)) ?? [];
    const slot = Math.floor((atMs - dayOf(atMs)) / tenMinutesMs);
    counts[slot] = (counts[slot] ?? 0) + 1;
    this.#days.set(dayOf(atMs), counts);
  }

  /** As `expectAhead`. */
  ahead(nowMs: number, horizonMs: number): CalendarAhead | null {
    const atMs = this.#terms.beginsAtMs + nowMs;
    const minute = Math.floor(atMs / minuteMs);
    if (this.#last?.minute === minute && this.#last.horizonMs === horizonMs) return this.#last.ahead;
    this.#learn(atMs, horizonMs);
    const ahead = expectAhead({ season: this.#season, schedule: this.#terms.schedule }, atMs, horizonMs);
    this.#last = { minute, horizonMs, ahead };
    return ahead;
  }

  /** Until when `ahead` keeps its answer. */
  steadyUntilMs(nowMs: number): number {
    return steadyUntilMs(this.#terms.beginsAtMs + nowMs) - this.#terms.beginsAtMs;
  }

  #learn(atMs: number, horizonMs: number): void {
    const { zone, seasons, beginsAtMs, recorded = [] } = this.#terms;
    const today = slotAt(zone, atMs).day;
    if (!seasons || today === this.#today) return;
    this.#today = today;
    const days: ArrivalDay[] = recorded.filter(({ fromMs }) => fromMs < dayOf(beginsAtMs));
    for (let fromMs = dayOf(beginsAtMs); fromMs < atMs; fromMs += dayMs) {
      const counted = this.#days.get(fromMs) ?? [];
      // Whole spans of the simulation that nothing arrived in are silent, and spans before it are unknown.
      const counts = Array.from({ length: dayMs / tenMinutesMs }, (_, slot) => {
        const spanMs = fromMs + slot * tenMinutesMs;
        return spanMs < beginsAtMs || spanMs + tenMinutesMs > atMs ? null : (counted[slot] ?? 0);
      });
      days.push({ fromMs, lengthMs: tenMinutesMs, counts });
    }
    this.#season = findSeason(days, atMs, { zone, horizonMs, attainmentShare: this.#attainmentShare });
  }
}
