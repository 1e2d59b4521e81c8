import { describe, expect, it } from 'vitest';
import { historyLengths, type HistorySpan } from '../../../core/health/history.ts';
import type { Store, StoreWriter } from '../../../ports/records/store.ts';

type Write = <T>(work: (tx: StoreWriter) => Promise<T>) => Promise<T>;

const minute = (at: number, requests = 10): HistorySpan => ({
  fromMs: at * 60_000,
  toMs: (at + 1) * 60_000,
  requests,
  failed: 1,
  latency: { 60: requests - 1 },
  queueDepth: 3,
  inFlight: 0.1 + 0.2,
  batchFillShare: null,
});

/** The part of the store's contract that the history of signals rests on. */
export function storeHistoryContract(
  writing: (test: (store: Store, write: Write) => Promise<void>) => Promise<void>,
): void {
  describe('the history of a service', () => {
    it('comes back whole and in order, from when it is asked for, and of its own service, environment and length', () =>
      writing(async (store, write) => {
        expect(await store.history('digits', 'prod', 'minute', 0)).toEqual([]);
        await write(async (tx) => {
          await tx.addHistory('digits', 'prod', 'minute', minute(2));
          await tx.addHistory('digits', 'prod', 'minute', minute(1));
          await tx.addHistory('digits', 'prod', 'tenMinutes', minute(0));
          await tx.addHistory('digits', 'staging', 'minute', minute(5));
          await tx.addHistory('other', 'prod', 'minute', minute(6));
        });
        expect(await store.history('digits', 'prod', 'minute', 0)).toEqual([minute(1), minute(2)]);
        expect(await store.history('digits', 'prod', 'minute', 120_000)).toEqual([minute(2)]);
        expect(await store.history('digits', 'prod', 'tenMinutes', 0)).toEqual([minute(0)]);
      }));

    it('takes a span again for what it says last, and forgets what is too old', () =>
      writing(async (store, write) => {
        const kept = historyLengths.minute.keptMs / 60_000;
        await write(async (tx) => {
          await tx.addHistory('digits', 'staging', 'minute', minute(0));
          await tx.addHistory('digits', 'prod', 'minute', minute(0));
          await tx.addHistory('digits', 'prod', 'minute', minute(1));
          await tx.addHistory('digits', 'prod', 'minute', minute(1, 20));
        });
        expect(await store.history('digits', 'prod', 'minute', 0)).toEqual([minute(0), minute(1, 20)]);
        await write((tx) => tx.addHistory('digits', 'prod', 'minute', minute(kept)));
        expect(await store.history('digits', 'prod', 'minute', 0)).toEqual([minute(1, 20), minute(kept)]);
        expect(await store.history('digits', 'staging', 'minute', 0)).toHaveLength(1);
      }));
  });
}
