import type { BatchCounters } from '../../schemas/replica/replica-metrics.ts';

/** Mean rows per batch over the largest batch, of the batches between two readings; null when there were none. */
export function batchFillBetween(
  pairs: readonly { readonly before: BatchCounters; readonly now: BatchCounters }[],
): number | null {
  let rows = 0;
  let room = 0;
  for (const { before, now } of pairs) {
    if (now.batches < before.batches) continue;
    rows += now.rows - before.rows;
    room += (now.batches - before.batches) * now.limitRows;
  }
  return room > 0 ? Math.min(1, rows / room) : null;
}
