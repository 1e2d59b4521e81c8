import { historyPoints, type HistoryPoint } from '../../core/health/history.ts';
import type { StoreReader } from '../../ports/records/store.ts';
import type { ServiceScope } from '../service/service-scope.ts';

/** Returns the signals that were recorded since a time, oldest first: ten minutes a point, and one minute for the newest. */
export async function readHistory(
  store: Pick<StoreReader, 'history'>,
  { service, environment }: ServiceScope,
  sinceMs: number,
): Promise<readonly HistoryPoint[]> {
  const [minutes, tens] = await Promise.all([
    store.history(service, environment, 'minute', sinceMs),
    store.history(service, environment, 'tenMinutes', sinceMs),
  ]);
  return historyPoints(minutes, tens);
}
