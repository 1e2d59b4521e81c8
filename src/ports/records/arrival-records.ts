import type { ArrivalDay } from '../../core/scaling/seasons/arrival-day.ts';

export interface ArrivalReader {
  /** Counts of the requests of each UTC day that begins at `sinceMs` or later, oldest first. Days that nobody counted are not there. */
  arrivalDays(service: string, environment: string, sinceMs: number): Promise<readonly ArrivalDay[]>;
}

export interface ArrivalWriter {
  /** Takes the place of the day that begins at the same time, and of those that are older than `arrivalsKept.allMs`. */
  setArrivalDay(service: string, environment: string, day: ArrivalDay): Promise<void>;
}
