import { readyTimeMs } from '../../coldstart/start-times.ts';
import type { StartDistribution } from '../../coldstart/start-distribution.ts';
import { startQuantile } from '../own/turn.ts';

/** Returns how far ahead the calendar is asked, milliseconds: until what is ordered now serves, and is decided on again. */
export const calendarHorizonMs = (starts: StartDistribution, periodMs: number): number =>
  readyTimeMs(starts, startQuantile) + periodMs;
