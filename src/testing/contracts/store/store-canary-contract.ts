import { describe, expect, it } from 'vitest';
import { canarySamplesAtMost } from '../../../core/rollout/judge/canary.ts';
import type { Store, StoreWriter } from '../../../ports/records/store.ts';
import { aCanary, aCanarySample } from '../../builders/store-builders.ts';

type Write = <T>(work: (tx: StoreWriter) => Promise<T>) => Promise<T>;

/** The part of the store's contract that a rollout in steps and the local journal rest on. */
export function storeCanaryContract(
  writing: (test: (store: Store, write: Write) => Promise<void>) => Promise<void>,
): void {
  describe('steps of a rollout', () => {
    it('move by compare-and-swap on their revision, and come back whole', () =>
      writing(async (store, write) => {
        expect(await store.canary('digits', 'prod')).toBeNull();
        await expect(write((tx) => tx.setCanary(aCanary(), 1))).rejects.toMatchObject({
          code: 'canary-moved',
          category: 'conflict',
          details: { expected: 1, actual: null },
        });
        expect(await write((tx) => tx.setCanary(aCanary(), null))).toEqual({ ...aCanary(), revision: 1 });
        await expect(write((tx) => tx.setCanary(aCanary(3), null))).rejects.toMatchObject({ code: 'canary-moved' });
        const paused = { ...aCanary(), pause: { by: 'ada', atMs: 4, reason: 'lunch' } };
        expect(await write((tx) => tx.setCanary(paused, 1))).toEqual({ ...paused, revision: 2 });
        await expect(write((tx) => tx.setCanary(aCanary(3), 1))).rejects.toMatchObject({
          details: { expected: 1, actual: 2 },
        });
        expect(await store.canary('digits', 'prod')).toEqual({ ...paused, revision: 2 });
        expect(await store.canary('digits', 'staging')).toBeNull();
      }));

    it('end once, and a next one may begin', () =>
      writing(async (store, write) => {
        expect(await write((tx) => tx.endCanary('digits', 'prod'))).toBe(false);
        await write((tx) => tx.setCanary(aCanary(), null));
        expect(await write((tx) => tx.endCanary('digits', 'prod'))).toBe(true);
        expect(await store.canary('digits', 'prod')).toBeNull();
        expect(await write((tx) => tx.setCanary(aCanary(3), null))).toMatchObject({ release: 3, revision: 1 });
      }));

    it('leave samples, oldest first, the newest where there are many', () =>
      writing(async (store, write) => {
        await write(async (tx) => {
          for (let atMs = 0; atMs <= canarySamplesAtMost; atMs += 1) await tx.addCanarySample(aCanarySample(2, atMs));
          await tx.addCanarySample(aCanarySample(3, 7));
        });
        const samples = await store.canarySamples('digits', 'prod', 2);
        expect(samples).toHaveLength(canarySamplesAtMost);
        expect(samples[0]).toEqual(aCanarySample(2, 1));
        expect(samples.at(-1)?.judgement.atMs).toBe(canarySamplesAtMost);
        expect(await store.canarySamples('digits', 'prod', 3)).toEqual([aCanarySample(3, 7)]);
        expect(await store.canarySamples('digits', 'staging', 3)).toEqual([]);
      }));
  });

  it('a journal entry is carried over once', () =>
    writing(async (store, write) => {
      expect(await store.journaled('a')).toBe(false);
      expect(await write((tx) => tx.addJournaled('a', 5))).toBe(true);
      expect(await write((tx) => tx.addJournaled('a', 6))).toBe(false);
      expect(await store.journaled('a')).toBe(true);
      await write(async (tx) => {
        await tx.addJournaled('b', 7);
        throw new Error('rolled back');
      }).catch(() => undefined);
      expect(await store.journaled('b')).toBe(false);
    }));
}
