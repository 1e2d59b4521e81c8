import type { StoreReader } from '../../../ports/records/store.ts';

/** Capacity that is woken is counted on at this time: a late wake is what hurts, as with starts. */
const wakeQuantile = 0.9;

/**
 * Returns the 90% quantile of wakes, milliseconds; null where there are none.
 * Worked: of 1, 2, 3 and 10 s it is 10 s.
 */
export function findWakeQuantile(wakesMs: readonly number[]): number | null {
  const ordered = [...wakesMs].sort((a, b) => a - b);
  return ordered[Math.ceil(wakeQuantile * ordered.length) - 1] ?? null;
}

/** Returns how long wakes took that are on record, oldest first, milliseconds. */
export async function readWakes(
  store: Pick<StoreReader, 'events'>,
  scope: { readonly service: string; readonly environment: string },
): Promise<readonly number[]> {
  const { service, environment } = scope;
  const events = await store.events({ service, environment, kindPrefix: 'replica.woken', last: 50 });
  return events.flatMap((event) => (event.kind === 'replica.woken' ? (event.data.tookMs ?? []) : []));
}
