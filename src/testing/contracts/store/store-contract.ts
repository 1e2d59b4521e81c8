import { describe, expect, it } from 'vitest';
import { digestOf } from '../../../core/units/digest.ts';
import type { Store, StoreWriter } from '../../../ports/records/store.ts';
import { storeBundleContract } from './store-bundle-contract.ts';
import { storeCanaryContract } from './store-canary-contract.ts';
import { storeEventContract } from './store-event-contract.ts';
import { storeOutcomeContract } from './store-outcome-contract.ts';
import { storeClaimContract } from './store-claim-contract.ts';
import { storeEnvironmentContract } from './store-environment-contract.ts';
import { storeLedgerContract } from './store-ledger-contract.ts';
import { storeIsolationsContract } from './store-isolations-contract.ts';
import { storeRegistryContract } from './store-registry-contract.ts';
import { storeReplayContract } from './store-replay-contract.ts';
import { storeNotifyContract } from './store-notify-contract.ts';
import { storeFleetContract } from './store-fleet-contract.ts';
import { storeDriftContract } from './store-drift-contract.ts';
import { storeArrivalsContract } from './store-arrivals-contract.ts';
import { storeHistoryContract } from './store-history-contract.ts';
import { storeLabelContract } from './store-label-contract.ts';
import { storeScalingContract } from './store-scaling-contract.ts';
import { storeTransactionContract } from './store-transaction-contract.ts';
import { storeLeaseContract } from './store-lease-contract.ts';
import { aDeployment, anEvent, aRelease, aTable, fenceOf } from '../../builders/store-builders.ts';

export interface StoreUnderTest {
  readonly store: Store;
  close?(): Promise<void>;
}

/** What every implementation of the port must do. */
export function storeContract(name: string, make: () => Promise<StoreUnderTest>): void {
  const using = async (test: (store: Store) => Promise<void>): Promise<void> => {
    const subject = await make();
    try {
      await test(subject.store);
    } finally {
      await subject.store.close();
      await subject.close?.();
    }
  };
  const writing = (
    test: (store: Store, write: <T>(work: (tx: StoreWriter) => Promise<T>) => Promise<T>) => Promise<void>,
  ) =>
    using(async (store) => {
      const fence = await fenceOf(store);
      await test(store, (work) => store.transaction(fence, work));
    });

  describe(`store contract: ${name}`, () => {
    storeRegistryContract(writing);

    it('releases are numbered per service and environment and never change', () =>
      writing(async (store, write) => {
        const first = await write((tx) => tx.addRelease(aRelease()));
        expect(first).toEqual({ ...aRelease(), number: 1 });
        await write((tx) => tx.addRelease(aRelease()));
        await write((tx) => tx.addRelease({ ...aRelease(), environment: 'staging' }));
        expect((await store.releases('digits', 'prod')).map(({ number }) => number)).toEqual([1, 2]);
        expect(await store.release('digits', 'prod', 1)).toEqual(first);
        expect((await store.releases('digits', 'staging')).map(({ number }) => number)).toEqual([1]);
        expect(await store.release('digits', 'prod', 3)).toBeNull();
        await write((tx) => tx.addRelease({ ...aRelease(), service: 'audio' }));
        expect(await store.released()).toEqual([
          { service: 'audio', environment: 'prod' },
          { service: 'digits', environment: 'prod' },
          { service: 'digits', environment: 'staging' },
        ]);
      }));

    it('a deployment moves by compare-and-swap on its revision', () =>
      writing(async (store, write) => {
        expect(await store.deployment('digits', 'prod')).toBeNull();
        await expect(write((tx) => tx.setDeployment(aDeployment(1), 1))).rejects.toMatchObject({
          code: 'deployment-moved',
          details: { expected: 1, actual: null },
        });
        expect(await write((tx) => tx.setDeployment(aDeployment(1), null))).toEqual({ ...aDeployment(1), revision: 1 });
        await expect(write((tx) => tx.setDeployment(aDeployment(2), null))).rejects.toMatchObject({
          code: 'deployment-moved',
        });
        expect(await write((tx) => tx.setDeployment(aDeployment(2), 1))).toMatchObject({ live: 2, revision: 2 });
        await expect(write((tx) => tx.setDeployment(aDeployment(3), 1))).rejects.toMatchObject({
          code: 'deployment-moved',
          category: 'conflict',
          details: { expected: 1, actual: 2 },
        });
        expect(await store.deployment('digits', 'prod')).toEqual({ ...aDeployment(2), revision: 2 });
      }));

    storeCanaryContract(writing);
    storeScalingContract(writing);
    storeHistoryContract(writing);
    storeArrivalsContract(writing);
    storeDriftContract(writing);
    storeLabelContract(writing);
    storeFleetContract(writing);
    storeClaimContract(writing);
    storeEnvironmentContract(writing);
    storeNotifyContract(writing);
    storeIsolationsContract(writing);
    storeLedgerContract(writing);
    storeReplayContract(writing);
    storeBundleContract(writing);

    it('bars stand until they are lifted, and may be set again', () =>
      writing(async (store, write) => {
        const bar = {
          service: 'digits',
          environment: 'prod',
          axis: 'model' as const,
          digest: digestOf('two'),
          reason: 'worse',
          by: 'ada',
          atMs: 3,
        };
        await write((tx) => tx.addBar(bar));
        await write((tx) => tx.addBar({ ...bar, reason: 'said twice' }));
        await write((tx) => tx.addBar({ ...bar, axis: 'code' }));
        expect(await store.bars('digits', 'prod')).toEqual([bar, { ...bar, axis: 'code' }]);
        const lift = () => write((tx) => tx.liftBar('digits', 'prod', 'model', bar.digest));
        expect(await lift()).toBe(true);
        expect(await lift()).toBe(false);
        expect(await store.bars('digits', 'prod')).toEqual([{ ...bar, axis: 'code' }]);
        await write((tx) => tx.addBar(bar));
        expect(await store.bars('digits', 'prod')).toHaveLength(2);
      }));

    it('waivers and invalidations are kept in order', () =>
      writing(async (store, write) => {
        const waiver = { kind: 'cost' as const, reason: 'later', untilMs: 9, by: 'ada', atMs: 2 };
        const invalidation = {
          kind: 'hardware' as const,
          environment: 'prod',
          reason: 'driver moved',
          remedy: 'plimsoll verify',
          atMs: 3,
        };
        const named = { ...invalidation, evidence: digestOf('measured') };
        await write(async (tx) => {
          await tx.addWaiver('digits', 'prod', waiver);
          await tx.addWaiver('digits', 'prod', { ...waiver, kind: 'capacity', failing: true });
          await tx.addInvalidation('digits', invalidation);
          await tx.addInvalidation('digits', named);
          await tx.addInvalidation('digits', { ...invalidation, environment: 'staging' });
        });
        expect(await store.waivers('digits', 'prod')).toEqual([waiver, { ...waiver, kind: 'capacity', failing: true }]);
        expect(await store.waivers('digits', 'staging')).toEqual([]);
        expect(await store.invalidations('digits', 'prod')).toEqual([invalidation, named]);
      }));

    it('waivers of one kind are withdrawn, and the others stay', () =>
      writing(async (store, write) => {
        const waiver = { kind: 'cost' as const, reason: 'later', untilMs: 9, by: 'ada', atMs: 2 };
        const other = { ...waiver, kind: 'capacity' as const };
        await write(async (tx) => {
          await tx.addWaiver('digits', 'prod', waiver);
          await tx.addWaiver('digits', 'prod', other);
          await tx.addWaiver('digits', 'prod', { ...waiver, reason: 'later still' });
          await tx.addWaiver('digits', 'staging', waiver);
        });
        const withdraw = () => write((tx) => tx.withdrawWaivers('digits', 'prod', 'cost'));
        expect(await withdraw()).toEqual([waiver, { ...waiver, reason: 'later still' }]);
        expect(await withdraw()).toEqual([]);
        expect(await store.waivers('digits', 'prod')).toEqual([other]);
        expect(await store.waivers('digits', 'staging')).toEqual([waiver]);
        await write((tx) => tx.addWaiver('digits', 'prod', waiver));
        expect(await store.waivers('digits', 'prod')).toEqual([other, waiver]);
      }));

    it('routing generations only grow', () =>
      writing(async (store, write) => {
        expect(await store.routing('digits', 'prod')).toBeNull();
        await write((tx) => tx.setRouting(aTable(1)));
        await write((tx) => tx.setRouting(aTable(5)));
        for (const generation of [4, 5]) {
          await expect(write((tx) => tx.setRouting(aTable(generation)))).rejects.toMatchObject({
            code: 'generation-not-newer',
            category: 'conflict',
          });
        }
        expect(await store.routing('digits', 'prod')).toEqual(aTable(5));
      }));

    it('admissions are kept by replica and forgotten', () =>
      writing(async (store, write) => {
        const admission = { service: 'digits', environment: 'prod', replicaId: 'r1', golden: digestOf('g'), atMs: 1 };
        await write((tx) => tx.admit({ ...admission, replicaId: 'r2', golden: null }));
        await write((tx) => tx.admit(admission));
        await write((tx) => tx.admit({ ...admission, atMs: 2 }));
        expect(await store.admissions('digits', 'prod')).toEqual([
          { ...admission, atMs: 2 },
          { ...admission, replicaId: 'r2', golden: null },
        ]);
        await write((tx) => tx.forgetAdmission('r1'));
        await write((tx) => tx.forgetAdmission('r1'));
        expect((await store.admissions('digits', 'prod')).map(({ replicaId }) => replicaId)).toEqual(['r2']);
      }));

    storeEventContract(writing);
    storeOutcomeContract(writing);

    storeTransactionContract(writing);
    storeLeaseContract(using);

    it('finds nothing wrong with itself', () =>
      writing(async (store, write) => {
        await write((tx) => tx.appendEvent(anEvent('fine')));
        expect(await store.check()).toEqual([]);
      }));
  });
}
