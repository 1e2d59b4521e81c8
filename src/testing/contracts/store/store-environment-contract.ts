import { expect, it } from 'vitest';
import { bookOfShort } from '../../../core/cost/prices/short-prices.ts';
import type { EnvironmentRecord } from '../../../core/fleet/environment/environment-record.ts';
import type { Store, StoreWriter } from '../../../ports/records/store.ts';

type Write = <T>(work: (tx: StoreWriter) => Promise<T>) => Promise<T>;

const record = (environment: string, atMs: number, more: Partial<EnvironmentRecord> = {}) => ({
  environment,
  by: 'mia',
  atMs,
  prices: bookOfShort({ currency: 'EUR', acceleratorSecond: { default: 2.5 / 3_600 }, lateRequest: null }),
  ...more,
});

/** The part of the store's contract that tells what holds for each environment. */
export function storeEnvironmentContract(
  writing: (test: (store: Store, write: Write) => Promise<void>) => Promise<void>,
): void {
  it('the record of an environment is the one that was set last, and each is one version more', () =>
    writing(async (store, write) => {
      expect(await store.environmentRecord('prod')).toBeNull();
      expect(await store.environmentRecords()).toEqual([]);
      await write(async (tx) => {
        expect(await tx.setEnvironmentRecord(record('prod', 1))).toEqual({ ...record('prod', 1), version: 1 });
        await tx.setEnvironmentRecord(record('dev', 2));
        const policy = { neverWaived: ['evaluation'], allowedRegistries: [] } as const;
        await tx.setEnvironmentRecord({ environment: 'prod', by: 'joe', atMs: 3, policy });
        expect(await tx.environmentRecord('prod')).toMatchObject({ version: 2, by: 'joe', policy });
      });
      const prod = await store.environmentRecord('prod');
      expect(prod).toMatchObject({ version: 2, atMs: 3 });
      expect(prod).not.toHaveProperty('prices');
      expect(await store.environmentRecords()).toEqual([{ ...record('dev', 2), version: 1 }, prod]);
    }));

  it('a record that moved meanwhile is not replaced', () =>
    writing(async (store, write) => {
      await write((tx) => tx.setEnvironmentRecord(record('prod', 1), 0));
      const late = write((tx) => tx.setEnvironmentRecord(record('prod', 2), 0));
      await expect(late).rejects.toMatchObject({ code: 'environment-moved' });
      await write((tx) => tx.setEnvironmentRecord(record('prod', 3), 1));
      expect(await store.environmentRecord('prod')).toEqual({ ...record('prod', 3), version: 2 });
    }));

  it('a transaction that fails leaves the record as it was', () =>
    writing(async (store, write) => {
      await write((tx) => tx.setEnvironmentRecord(record('prod', 1)));
      const failing = write(async (tx) => {
        await tx.setEnvironmentRecord(record('prod', 2));
        throw new Error('no');
      });
      await expect(failing).rejects.toThrow('no');
      expect(await store.environmentRecord('prod')).toMatchObject({ version: 1, atMs: 1 });
    }));
}
