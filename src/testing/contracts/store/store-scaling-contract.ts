import { describe, expect, it } from 'vitest';
import { scalingRecordsAtMost } from '../../../core/scaling/acting/scaling-record.ts';
import type { Store, StoreWriter } from '../../../ports/records/store.ts';

type Write = <T>(work: (tx: StoreWriter) => Promise<T>) => Promise<T>;

/** The part of the store's contract that decisions of scaling rest on. */
export function storeScalingContract(
  writing: (test: (store: Store, write: Write) => Promise<void>) => Promise<void>,
): void {
  describe('decisions of scaling', () => {
    it('come back whole, by their event, and beside them what was decided last', () =>
      writing(async (store, write) => {
        const record = { recordVersion: 1, grounds: { state: { level: 0.1 + 0.2, seen: null }, few: [1e-7, 5] } };
        expect(await store.scalingRecord('digits', 'prod', 7)).toBeNull();
        expect(await store.scalingMemory('digits', 'prod')).toBeNull();
        await write(async (tx) => {
          await tx.addScalingRecord('digits', 'prod', 7, record);
          await tx.setScalingMemory('digits', 'prod', record);
          await tx.setScalingMemory('digits', 'prod', { later: true });
        });
        expect(await store.scalingRecord('digits', 'prod', 7)).toEqual(record);
        expect(await store.scalingMemory('digits', 'prod')).toEqual({ later: true });
        expect(await store.scalingRecord('digits', 'staging', 7)).toBeNull();
        expect(await store.scalingMemory('digits', 'staging')).toBeNull();
      }));

    it('are kept as long as they are among the newest, and take nothing of another environment along', () =>
      writing(async (store, write) => {
        await write(async (tx) => {
          await tx.addScalingRecord('digits', 'staging', 1, { of: 'staging' });
          await tx.setScalingMemory('digits', 'prod', { of: 'memory' });
          for (let seq = 2; seq <= scalingRecordsAtMost + 3; seq += 1) {
            await tx.addScalingRecord('digits', 'prod', seq, { seq });
          }
        });
        const kept = async (seq: number) => (await store.scalingRecord('digits', 'prod', seq)) !== null;
        expect([await kept(2), await kept(3), await kept(4), await kept(scalingRecordsAtMost + 3)]).toEqual([
          false,
          false,
          true,
          true,
        ]);
        expect(await store.scalingRecord('digits', 'staging', 1)).toEqual({ of: 'staging' });
        expect(await store.scalingMemory('digits', 'prod')).toEqual({ of: 'memory' });
      }));
  });
}
