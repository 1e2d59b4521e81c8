import { describe, expect, it } from 'vitest';
import { FakeClock } from '../testing/fakes/fake-clock.ts';
import { memoryStore } from '../testing/fakes/memory/memory-store.ts';
import { leaseTtlMs, takeLease } from './lease-keeper.ts';

const never = new AbortController().signal;

async function taken() {
  const [clock, { leases }] = [new FakeClock(), memoryStore()];
  const parts = { leases, lease: 'l', holder: 'first', isDead: async () => false, clock };
  return { clock, leases, parts, keeper: await takeLease(parts, never, () => undefined) };
}

describe('holding a lease', () => {
  it('is over for a process that was suspended, before it asks anybody', async () => {
    const { clock, keeper } = await taken();
    expect(keeper.held()).toBe(true);
    await clock.advance(leaseTtlMs);
    expect(keeper.held()).toBe(false);
    expect(() => keeper.fence()).toThrow(/could not be renewed in time/);
    expect(keeper.standing()).toBe('expired');
  });

  it('goes on as long as it is renewed, under the same token', async () => {
    const { clock, keeper } = await taken();
    const { token } = keeper.fence();
    for (let second = 0; second < 60; second += 1) {
      await clock.advance(1_000);
      expect(await keeper.renew()).toBe(true);
    }
    expect(keeper.fence().token).toBe(token);
  });

  it('ends for good when somebody else took it, and gives nothing back', async () => {
    const { clock, leases, keeper } = await taken();
    await leases.acquire({ lease: 'l', holder: 'second', ttlMs: 1e9, nowMs: clock.nowMs(), isDead: () => true });
    await clock.advance(4_000);
    expect(await keeper.renew()).toBe(false);
    expect(await keeper.renew()).toBe(false);
    await keeper.release();
    expect(await leases.current('l')).toMatchObject({ holder: 'second' });
  });

  it('stands by until it is free, says once for whom, and stops standing by when told to', async () => {
    const { clock, parts, keeper } = await taken();
    const told: string[] = [];
    const waiting = takeLease({ ...parts, holder: 'second' }, never, (holder) => told.push(holder));
    await clock.advance(3_000);
    await keeper.release();
    await clock.advance(1_000);
    expect((await waiting).held()).toBe(true);
    expect(told).toEqual(['first']);
    const stop = new AbortController();
    const third = takeLease({ ...parts, holder: 'third' }, stop.signal, () => undefined);
    const outcome = third.catch(() => 'stopped');
    await clock.advance(500);
    stop.abort();
    expect(await outcome).toBe('stopped');
  });
});
