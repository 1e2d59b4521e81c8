import { expect, it } from 'vitest';
import { beginNotifying } from '../../../core/monitoring/notify/notify-state.ts';
import type { Store, StoreWriter } from '../../../ports/records/store.ts';

type Write = <T>(work: (tx: StoreWriter) => Promise<T>) => Promise<T>;

/** The part of the store's contract that tells what is remembered of the alerts of a service. */
export function storeNotifyContract(
  writing: (test: (store: Store, write: Write) => Promise<void>) => Promise<void>,
): void {
  it('the alerts of a service are what was set last, and of this service and environment alone', () =>
    writing(async (store, write) => {
      expect(await store.notifyState('digits', 'prod')).toBeNull();
      await write((tx) => tx.setNotifyState('digits', 'prod', beginNotifying(1, 5)));
      await write((tx) => tx.setNotifyState('digits', 'dev', beginNotifying(2, 5)));
      await write((tx) => tx.setNotifyState('digits', 'prod', beginNotifying(3, 6)));
      expect(await store.notifyState('digits', 'prod')).toEqual(beginNotifying(3, 6));
      expect(await store.notifyState('digits', 'dev')).toEqual(beginNotifying(2, 5));
      expect(await store.notifyState('other', 'prod')).toBeNull();
    }));

  it('a transaction that fails leaves the alerts as they were', () =>
    writing(async (store, write) => {
      await write((tx) => tx.setNotifyState('digits', 'prod', beginNotifying(1, 5)));
      const failing = write(async (tx) => {
        await tx.setNotifyState('digits', 'prod', beginNotifying(2, 5));
        throw new Error('no');
      });
      await expect(failing).rejects.toThrow('no');
      expect(await store.notifyState('digits', 'prod')).toMatchObject({ afterSeq: 1 });
    }));
}
