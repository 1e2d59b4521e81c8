import type { ScheduleEntry } from '../../contract/schedule/schedule.ts';
import { minuteMs, tenMinutesMs } from './arrival-day.ts';
import { expectMost, type Season } from './find-season.ts';
import { scheduledBetween } from './schedule-ahead.ts';

/** What the calendar expects at most between now and one horizon ahead. JSON-safe. */
export interface CalendarAhead {
  /** Requests a second. */
  readonly ratePerSecond: number;
  readonly why: 'season' | 'schedule';
  /** Replicas that the schedule states. Absent: none are stated. */
  readonly replicas?: number;
}

export interface Calendar {
  /** Null while none was found. */
  readonly season: Season | null;
  readonly schedule: readonly ScheduleEntry[];
}

/**
 * A rise lies anywhere in its ten minutes, and the mean of these is too low for the rest of them: the season is looked at half of them
 * further ahead.
 */
const withinSlotMs = tenMinutesMs / 2;
const seasonQuantile = 0.5;

/**
 * Returns what the calendar expects at most from now until `horizonMs` ahead; null where it expects nothing. The answer is the same for all
 * moments of one minute (of UTC): it looks from the first of them to one horizon beyond the last.
 *
 * | season | schedule | rate | why |
 * |---|---|---|---|
 * | nothing | nothing | null | |
 * | a rate | nothing, or a lower rate | the season's | season |
 * | nothing, or no higher a rate | a rate, or replicas | the schedule's | schedule |
 */
export function expectAhead({ season, schedule }: Calendar, nowMs: number, horizonMs: number): CalendarAhead | null {
  const fromMs = Math.floor(nowMs / minuteMs) * minuteMs;
  const untilMs = fromMs + minuteMs + horizonMs;
  const usual = season === null ? null : expectMost(season, fromMs, untilMs + withinSlotMs, seasonQuantile);
  const stated = scheduledBetween(schedule, fromMs, untilMs);
  if (stated === null) return usual === null ? null : { ratePerSecond: usual, why: 'season' };
  const replicas = stated.replicas > 0 ? { replicas: stated.replicas } : {};
  if (usual !== null && usual > stated.ratePerSecond) return { ratePerSecond: usual, why: 'season', ...replicas };
  return { ratePerSecond: stated.ratePerSecond, why: 'schedule', ...replicas };
}

/** Returns until when `expectAhead` keeps its answer, milliseconds. */
export const steadyUntilMs = (nowMs: number): number => (Math.floor(nowMs / minuteMs) + 1) * minuteMs;
