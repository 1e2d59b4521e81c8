import type { Kysely } from 'kysely';
import type { Tables } from './tables.ts';

/**
 * The next number of a series. The row stays locked until the end of the transaction, on every dialect, so that numbers
 * become visible in their order: whoever has read event 7 has not missed event 6.
 *
 * @param count takes so many numbers; the last of them is returned.
 */
export async function nextOf(tx: Kysely<Tables>, series: string, count = 1): Promise<number> {
  const row = await tx
    .insertInto('counters')
    .values({ series, value: count })
    .onConflict((conflict) =>
      conflict.column('series').doUpdateSet((counter) => ({ value: counter('counters.value', '+', count) })),
    )
    .returning('value')
    .executeTakeFirstOrThrow();
  return row.value;
}

/** Undoes a `nextOf` of the same transaction whose number was not needed. */
export async function giveBack(tx: Kysely<Tables>, series: string): Promise<void> {
  await tx
    .updateTable('counters')
    .set((counter) => ({ value: counter('value', '-', 1) }))
    .where('series', '=', series)
    .execute();
}

/** Names are DNS labels and hold no slash; where one does, JSON text keeps two series apart all the same. */
export function seriesOf(kind: string, ...names: readonly string[]): string {
  return JSON.stringify([kind, ...names]);
}
