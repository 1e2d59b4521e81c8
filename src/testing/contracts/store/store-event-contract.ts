import { describe, expect, it } from 'vitest';
import { ChainCheck } from '../../../core/records/audit/verify-chain.ts';
import type { Store, StoreWriter } from '../../../ports/records/store.ts';
import { anEvent } from '../../builders/store-builders.ts';

type Writing = (
  test: (store: Store, write: <T>(work: (tx: StoreWriter) => Promise<T>) => Promise<T>) => Promise<void>,
) => Promise<void>;

/** The part of the contract that is about events. */
export function storeEventContract(writing: Writing): void {
  describe('events', () => {
    it('come back in order of a sequence that grows, whatever the clock does', () =>
      writing(async (store, write) => {
        const stored = await write((tx) => tx.appendEvent(anEvent('release.created', 900)));
        expect(stored).toEqual({ ...anEvent('release.created', 900), seq: stored.seq });
        await write((tx) => tx.appendEvent(anEvent('clock.went-back', 5)));
        const events = await store.events({});
        expect(events.map(({ kind }) => kind)).toEqual(['release.created', 'clock.went-back']);
        expect(events[1]!.seq).toBeGreaterThan(events[0]!.seq);
      }));

    it('are found by service, environment, kind and place in the sequence', () =>
      writing(async (store, write) => {
        await write(async (tx) => {
          for (const kind of ['release.created', 'replica.ready', 'Release.other', 'released', 'replica.failed']) {
            await tx.appendEvent(anEvent(kind));
          }
          await tx.appendEvent({ ...anEvent('replica.ready'), service: 'other' });
          await tx.appendEvent({ ...anEvent('replica.ready'), environment: 'staging' });
        });
        const kinds = async (query: Parameters<Store['events']>[0]) =>
          (await store.events(query)).map(({ kind, service, environment }) => `${service}/${environment}:${kind}`);
        expect(await kinds({ kindPrefix: 'release.' })).toEqual(['digits/prod:release.created']);
        expect(await kinds({ kindPrefix: '%' })).toEqual([]);
        expect(await kinds({ service: 'other' })).toEqual(['other/prod:replica.ready']);
        expect(await kinds({ environment: 'staging' })).toEqual(['digits/staging:replica.ready']);
        const all = await store.events({});
        expect(await store.events({ afterSeq: all[4]!.seq })).toEqual(all.slice(5));
        expect(await store.events({ last: 2 })).toEqual(all.slice(-2));
        expect(await store.events({ limit: 2 })).toEqual(all.slice(0, 2));
        expect(await store.events({ last: 3, afterSeq: all[4]!.seq })).toEqual(all.slice(5));
        expect(await store.events({ last: 2, beforeSeq: all[4]!.seq })).toEqual(all.slice(2, 4));
        expect(await store.events({ afterSeq: all[1]!.seq, beforeSeq: all[4]!.seq })).toEqual(all.slice(2, 4));
        expect(await store.events({ limit: 0 })).toEqual([]);
      }));

    it('take many in one transaction', () =>
      writing(async (store, write) => {
        await write(async (tx) => {
          for (let n = 0; n < 300; n += 1) await tx.appendEvent(anEvent(`many.${n}`));
        });
        expect((await store.events({})).map(({ kind }) => kind)).toEqual(
          Array.from({ length: 300 }, (_, n) => `many.${n}`),
        );
      }));

    it('are sealed in a chain in the transaction that records them', () =>
      writing(async (store, write) => {
        expect(await store.chainHead()).toBeNull();
        await write(async (tx) => {
          for (const kind of ['release.created', 'replica.ready']) await tx.appendEvent(anEvent(kind));
        });
        const undone = write(async (tx) => {
          await tx.appendEvent(anEvent('never.happened'));
          throw new Error('undone');
        });
        await expect(undone).rejects.toThrow('undone');
        await write((tx) => tx.appendEvent(anEvent('release.live')));
        const check = new ChainCheck([]);
        const first = await store.auditEntries({ afterSeq: 0, limit: 2 });
        check.take(first);
        check.take(await store.auditEntries({ afterSeq: first.at(-1)?.seq ?? 0, limit: 2 }));
        const report = check.finish();
        expect(report).toMatchObject({ problems: [], sealed: 3, sealedLate: 0, before: 0, open: 0 });
        expect(await store.chainHead()).toEqual(report.head);
      }));
  });
}
