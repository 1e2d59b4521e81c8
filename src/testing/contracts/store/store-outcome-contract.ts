import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { outcomesOf } from '../../../core/rollout/outcome.ts';
import type { Store, StoreWriter } from '../../../ports/records/store.ts';
import { anEvent } from '../../builders/store-builders.ts';

type Writing = (
  test: (store: Store, write: <T>(work: (tx: StoreWriter) => Promise<T>) => Promise<T>) => Promise<void>,
) => Promise<void>;

const happened = (kind: string, release: unknown, environment = 'prod') => ({
  ...anEvent(kind, 1, { release }),
  environment,
});

/** The part of the contract that is about what becomes of releases. */
export function storeOutcomeContract(writing: Writing): void {
  describe('outcomes of releases', () => {
    it('are decided by the events of the same transaction, the newest last', () =>
      writing(async (store, write) => {
        await write(async (tx) => {
          await tx.appendEvent(happened('release.created', 1));
          await tx.appendEvent(happened('release.live', 1));
          await tx.appendEvent(happened('release.failed', 2));
          await tx.appendEvent(happened('release.superseded', 3));
          await tx.appendEvent(happened('release.retired', 1));
          await tx.appendEvent(happened('release.live', 'not a number'));
          expect((await tx.releaseOutcomes('digits', 'prod')).get(2)).toBe('failed');
          expect((await store.releaseOutcomes('digits', 'prod')).size).toBe(0);
        });
        await write((tx) => tx.appendEvent(happened('release.live', 3)));
        expect([...(await store.releaseOutcomes('digits', 'prod'))]).toEqual([
          [1, 'was-live'],
          [2, 'failed'],
          [3, 'was-live'],
        ]);
        expect(await store.check()).toEqual([]);
      }));

    it('are those of one service in one environment, and go back with their transaction', () =>
      writing(async (store, write) => {
        await write(async (tx) => {
          await tx.appendEvent(happened('release.live', 1, 'staging'));
          await tx.appendEvent({ ...happened('release.failed', 1), service: 'other' });
        });
        const failure = new Error('on purpose');
        await expect(
          write(async (tx) => {
            await tx.appendEvent(happened('release.failed', 1, 'staging'));
            throw failure;
          }),
        ).rejects.toBe(failure);
        expect([...(await store.releaseOutcomes('digits', 'staging'))]).toEqual([[1, 'was-live']]);
        expect([...(await store.releaseOutcomes('other', 'prod'))]).toEqual([[1, 'failed']]);
        expect(await store.releaseOutcomes('digits', 'prod')).toEqual(new Map());
      }));

    it('are always what a replay of all events gives', () =>
      fc.assert(
        fc.asyncProperty(transactions, (drawn) =>
          writing(async (store, write) => {
            for (const events of drawn) {
              await write(async (tx) => {
                for (const [kind, release, environment] of events) {
                  await tx.appendEvent(happened(kind, release, environment));
                }
              });
            }
            for (const environment of environments) {
              const replayed = outcomesOf(await store.events({ environment }));
              expect(await store.releaseOutcomes('digits', environment)).toEqual(replayed);
            }
            expect(await store.check()).toEqual([]);
          }),
        ),
        { numRuns: 10 },
      ));
  });
}

const environments = ['prod', 'staging'];
const kinds = ['release.created', 'release.live', 'release.failed', 'release.superseded', 'release.retired'];
const transactions = fc.array(
  fc.array(fc.tuple(fc.constantFrom(...kinds), fc.integer({ min: 1, max: 4 }), fc.constantFrom(...environments)), {
    maxLength: 6,
  }),
  { maxLength: 5 },
);
