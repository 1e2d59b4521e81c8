import type { ScheduleEntry } from '../../core/contract/schedule/schedule.ts';
import { expectAhead, type CalendarAhead } from '../../core/scaling/seasons/calendar-ahead.ts';
import { findSeason, type Season, type SeasonTerms } from '../../core/scaling/seasons/find-season.ts';
import { slotAt } from '../../core/scaling/seasons/local-day.ts';
import type { Clock } from '../../ports/process/clock.ts';
import type { StoreReader } from '../../ports/records/store.ts';

export interface CalendarWatchParts {
  readonly service: string;
  readonly environment: string;
  readonly store: Pick<StoreReader, 'arrivalDays'>;
  readonly clock: Clock;
  /** Runs work that nobody waits for; told where it fails. */
  beside(work: Promise<void>): void;
}

/** What a decision asks the calendar with. */
export interface CalendarQuestion extends SeasonTerms {
  readonly schedule: readonly ScheduleEntry[];
  readonly nowMs: number;
}

/** After a read that failed. */
const againAfterMs = 60_000;

/**
 * The calendar of one service. It finds the season of the recorded arrivals once a day of the zone, beside the turns, and anew where the
 * contract changes what it is found by. Decisions go by the season that was found last, and by the schedule as it is asked.
 */
export class CalendarWatch {
  readonly #parts: CalendarWatchParts;
  #season: Season | null = null;
  /** What the season was found for, or is being found for. */
  #foundFor: string | null = null;
  #notBeforeMs = -Infinity;

  constructor(parts: CalendarWatchParts) {
    this.#parts = parts;
  }

  /** As `expectAhead`. @throws RangeError for a zone that is not known. */
  ahead({ schedule, nowMs, ...terms }: CalendarQuestion): CalendarAhead | null {
    const { zone, attainmentShare, horizonMs } = terms;
    const wanted = JSON.stringify([slotAt(zone, nowMs).day, zone, attainmentShare]);
    if (this.#foundFor !== wanted && this.#parts.clock.monotonicMs() >= this.#notBeforeMs) {
      if (this.#season?.zone !== zone) this.#season = null;
      this.#foundFor = wanted;
      this.#parts.beside(this.#find(terms, nowMs, wanted));
    }
    return expectAhead({ season: this.#season, schedule }, nowMs, horizonMs);
  }

  /** The season that decisions go by; null before one was looked for. */
  get season(): Season | null {
    return this.#season;
  }

  async #find(terms: SeasonTerms, nowMs: number, wanted: string): Promise<void> {
    const { store, service, environment, clock } = this.#parts;
    try {
      const season = findSeason(await store.arrivalDays(service, environment, 0), nowMs, terms);
      if (this.#foundFor === wanted) this.#season = season;
    } catch (thrown) {
      this.#foundFor = null;
      this.#notBeforeMs = clock.monotonicMs() + againAfterMs;
      throw thrown;
    }
  }
}
