import { describe, expect, it } from 'vitest';
import type { Store } from '../../../ports/records/store.ts';
import { anEvent } from '../../builders/store-builders.ts';

/** The part of the store's contract that keeps two control planes apart: leases and their fencing tokens. */
export function storeLeaseContract(using: (test: (store: Store) => Promise<void>) => Promise<void>): void {
  describe('leases', () => {
    const lease = 'control-plane/digits/prod';
    const ask = (holder: string, nowMs: number) => ({ lease, holder, ttlMs: 1_000, nowMs });

    it('have one holder, and a token that grows with each change of it', () =>
      using(async ({ leases }) => {
        expect(await leases.current(lease)).toBeNull();
        expect(await leases.acquire(ask('a', 0))).toEqual({ lease, holder: 'a', token: 1, expiresAtMs: 1_000 });
        expect(await leases.acquire(ask('b', 500))).toBeNull();
        expect(await leases.acquire(ask('a', 600))).toMatchObject({ token: 1, expiresAtMs: 1_600 });
        expect(await leases.current(lease)).toMatchObject({ holder: 'a', token: 1 });
        expect(await leases.acquire(ask('b', 1_600))).toMatchObject({ holder: 'b', token: 2 });
        expect(await leases.acquire({ ...ask('c', 1_600), lease: 'another' })).toMatchObject({ token: 1 });
      }));

    it('are taken from a holder that is dead, and never from one that only might be', () =>
      using(async ({ leases }) => {
        await leases.acquire(ask('a', 0));
        expect(await leases.acquire({ ...ask('b', 1), isDead: () => false })).toBeNull();
        expect(
          await leases.acquire({ ...ask('b', 1), isDead: (holder) => Promise.resolve(holder === 'a') }),
        ).toMatchObject({ holder: 'b', token: 2 });
      }));

    it('that were lost cannot be renewed, released or written with', () =>
      using(async (store) => {
        const { leases } = store;
        const lost = (await leases.acquire(ask('a', 0)))!;
        const won = (await leases.acquire(ask('b', 5_000)))!;
        expect(await leases.renew(lost, { ttlMs: 1_000, nowMs: 5_001 })).toBeNull();
        await leases.release(lost);
        expect(await leases.current(lease)).toMatchObject({ holder: 'b' });
        let ran = false;
        await expect(
          store.transaction(lost, () => {
            ran = true;
            return Promise.resolve();
          }),
        ).rejects.toMatchObject({ code: 'lease-lost', category: 'conflict' });
        expect(ran).toBe(false);
        await expect(store.transaction({ lease: 'never', token: 0 }, () => Promise.resolve())).rejects.toMatchObject({
          code: 'lease-lost',
        });
        await store.transaction(won, (tx) => tx.appendEvent(anEvent('won')));
        expect(await store.events({})).toHaveLength(1);
      }));

    it('are renewed by their holder, also late when nobody took them', () =>
      using(async ({ leases }) => {
        const held = (await leases.acquire(ask('a', 0)))!;
        expect(await leases.renew(held, { ttlMs: 2_000, nowMs: 9_000 })).toEqual({ ...held, expiresAtMs: 11_000 });
        expect(await leases.acquire(ask('b', 10_000))).toBeNull();
      }));

    it('that were released are free at once, under a new token, and no longer good for writing', () =>
      using(async (store) => {
        const { leases } = store;
        const held = (await leases.acquire(ask('a', 0)))!;
        await leases.release(held);
        expect(await leases.current(lease)).toBeNull();
        await expect(store.transaction(held, () => Promise.resolve())).rejects.toMatchObject({ code: 'lease-lost' });
        expect(await leases.acquire(ask('a', 1))).toMatchObject({ holder: 'a', token: 2 });
      }));

    it('are waited for one ttl at most after the clock stepped backwards', () =>
      using(async ({ leases }) => {
        await leases.acquire(ask('a', 1_000_000));
        expect(await leases.acquire(ask('b', 0))).toBeNull();
        expect(await leases.acquire(ask('b', 999))).toBeNull();
        expect(await leases.acquire(ask('b', 1_000))).toMatchObject({ holder: 'b', token: 2 });
      }));

    it('fence out a holder whose lease the clock ended early by stepping forwards', () =>
      using(async (store) => {
        const early = (await store.leases.acquire(ask('a', 0)))!;
        await store.leases.acquire(ask('b', 1_000_000));
        await expect(store.transaction(early, () => Promise.resolve())).rejects.toMatchObject({ code: 'lease-lost' });
      }));

    it('go to exactly one of many who ask at once', () =>
      using(async ({ leases }) => {
        const holders = Array.from({ length: 10 }, (_, n) => `holder-${n}`);
        const granted = await Promise.all(holders.map((holder) => leases.acquire(ask(holder, 0))));
        expect(granted.filter((one) => one !== null)).toHaveLength(1);
      }));
  });
}
