import { expect, it } from 'vitest';
import type { Isolation } from '../../../core/rollout/isolation/isolation.ts';
import type { Store, StoreWriter } from '../../../ports/records/store.ts';

type Write = <T>(work: (tx: StoreWriter) => Promise<T>) => Promise<T>;

const isolation = (replicaId: string): Isolation => ({
  ...{
    replicaId,
    stage: 'waiting',
    reason: 'wrong "answers"',
    by: 'ada',
    askedAtMs: 5,
    sinceMs: null,
    untilMs: 2 ** 52,
  },
});

/** The part of the store's contract that tells which replicas are kept from traffic. */
export function storeIsolationsContract(
  writing: (test: (store: Store, write: Write) => Promise<void>) => Promise<void>,
): void {
  it('isolated replicas are those that were set last, and of this service and environment alone', () =>
    writing(async (store, write) => {
      expect(await store.isolations('digits', 'prod')).toEqual([]);
      await write((tx) => tx.setIsolations('digits', 'prod', [isolation('b'), isolation('a')]));
      await write((tx) => tx.setIsolations('digits', 'dev', [isolation('c')]));
      expect(await store.isolations('digits', 'prod')).toEqual([isolation('b'), isolation('a')]);
      await write((tx) => tx.setIsolations('digits', 'prod', []));
      expect(await store.isolations('digits', 'prod')).toEqual([]);
      expect(await store.isolations('digits', 'dev')).toEqual([isolation('c')]);
    }));

  it('a transaction that fails leaves isolated replicas as they were', () =>
    writing(async (store, write) => {
      await write((tx) => tx.setIsolations('digits', 'prod', [isolation('a')]));
      const failing = write(async (tx) => {
        await tx.setIsolations('digits', 'prod', []);
        throw new Error('no');
      });
      await expect(failing).rejects.toThrow('no');
      expect(await store.isolations('digits', 'prod')).toEqual([isolation('a')]);
    }));
}
