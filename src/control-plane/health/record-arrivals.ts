import {
  arrivalsKept,
  countMinute,
  dayMs,
  dayOf,
  minuteMs,
  tenMinutesMs,
  thinDay,
  type ArrivalDay,
} from '../../core/scaling/seasons/arrival-day.ts';
import type { HistorySpan } from '../../core/health/history.ts';
import type { StoreReader, StoreWriter } from '../../ports/records/store.ts';
import type { ServiceScope } from '../service/service-scope.ts';

/**
 * Adds the requests of one minute to the day that it is of. With the first minute of a day the days whose minutes are no longer kept are
 * thinned to ten minutes. Both are part of the caller's transaction: a kill leaves all of it or nothing.
 */
export async function recordMinute(
  tx: StoreWriter,
  { service, environment }: ServiceScope,
  { fromMs, requests }: Pick<HistorySpan, 'fromMs' | 'requests'>,
): Promise<void> {
  const todayMs = dayOf(fromMs);
  const [today] = (await tx.arrivalDays(service, environment, todayMs)).filter((day) => day.fromMs === todayMs);
  await tx.setArrivalDay(service, environment, countMinute(today ?? null, fromMs, requests));
  if (today !== undefined) return;
  for (const day of await tx.arrivalDays(service, environment, todayMs - arrivalsKept.allMs)) {
    if (day.lengthMs !== minuteMs || day.fromMs >= todayMs - arrivalsKept.minutesMs) continue;
    await tx.setArrivalDay(service, environment, thinDay(day));
  }
}

/**
 * Returns days of arrivals out of the history of signals, for a service whose arrivals were not recorded before: those before today, by ten
 * minutes.
 */
export async function daysOfHistory(
  store: Pick<StoreReader, 'history'>,
  { service, environment }: ServiceScope,
  nowMs: number,
): Promise<readonly ArrivalDay[]> {
  const days = new Map<number, (number | null)[]>();
  for (const { fromMs, requests } of await store.history(service, environment, 'tenMinutes', 0)) {
    const dayFromMs = dayOf(fromMs);
    if (dayFromMs >= dayOf(nowMs)) continue;
    const counts = days.get(dayFromMs) ?? Array<null>(dayMs / tenMinutesMs).fill(null);
    counts[Math.floor((fromMs - dayFromMs) / tenMinutesMs)] = requests;
    days.set(dayFromMs, counts);
  }
  return [...days].map(([fromMs, counts]) => ({ fromMs, lengthMs: tenMinutesMs, counts }));
}
