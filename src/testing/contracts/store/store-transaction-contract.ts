import { describe, expect, it } from 'vitest';
import type { Store, StoreWriter } from '../../../ports/records/store.ts';
import { aDeployment, aModel, anEvent } from '../../builders/store-builders.ts';

type Write = <T>(work: (tx: StoreWriter) => Promise<T>) => Promise<T>;

/** The part of the contract of stores that makes changes whole: all of a transaction, or nothing of it. */
export function storeTransactionContract(
  writing: (test: (store: Store, write: Write) => Promise<void>) => Promise<void>,
): void {
  describe('transactions', () => {
    it('roll back whole when the work rejects, and give back its error', () =>
      writing(async (store, write) => {
        const failure = new Error('on purpose');
        await expect(
          write(async (tx) => {
            await tx.addModelVersion(aModel());
            await tx.appendEvent(anEvent('model.added'));
            throw failure;
          }),
        ).rejects.toBe(failure);
        expect(await store.modelNames('prod')).toEqual([]);
        expect(await store.events({})).toEqual([]);
        expect((await write((tx) => tx.addModelVersion(aModel()))).version.version).toBe(1);
      }));

    it('see their own writes, which nobody else sees before they commit', () =>
      writing(async (store, write) => {
        await write(async (tx) => {
          await tx.addModelVersion(aModel());
          expect(await tx.modelNames('prod')).toEqual(['digits']);
          expect(await store.modelNames('prod')).toEqual([]);
        });
        expect(await store.modelNames('prod')).toEqual(['digits']);
      }));

    it('run one after another, so that none loses what another read', () =>
      writing(async (store, write) => {
        await write((tx) => tx.setDeployment(aDeployment(0), null));
        await Promise.all(
          Array.from({ length: 20 }, () =>
            write(async (tx) => {
              const present = await tx.deployment('digits', 'prod');
              await Promise.resolve();
              await tx.setDeployment({ ...aDeployment((present?.live ?? 0) + 1) }, present!.revision);
            }),
          ),
        );
        expect((await store.deployment('digits', 'prod'))?.live).toBe(20);
      }));

    it('cannot be used after they ended, nor begun inside one another', () =>
      writing(async (store, write) => {
        let kept: StoreWriter | undefined;
        await write((tx) => Promise.resolve(void (kept = tx)));
        await expect(kept!.appendEvent(anEvent('too.late'))).rejects.toThrow();
        await expect(write(() => write((tx) => tx.modelNames('prod')))).rejects.toMatchObject({
          code: 'store-nested',
        });
        expect(await store.events({})).toEqual([]);
      }));
  });
}
