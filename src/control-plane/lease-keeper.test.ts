import { describe, expect, it } from 'vitest';
import { FakeClock } from '../testing/fakes/fake-clock.ts';
import { memoryStore } from '../testing/fakes/memory/memory-store.ts';
import type { Clock } from '../ports/process/clock.ts';
import { leaseTtlMs, takeLease, type LeaseKeeper } from './lease-keeper.ts';

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

const hourMs = 3_600_000;
/** The clock of another machine: it goes as fast, and may show another time. */
function otherClock(clock: FakeClock): Clock & { aheadMs: number } {
  return {
    aheadMs: 0,
    nowMs() {
      return clock.nowMs() + this.aheadMs;
    },
    monotonicMs: () => clock.monotonicMs(),
    sleep: (...asked) => clock.sleep(...asked),
  };
}

describe.each([
  ['the same time', 0],
  ['three hours later', 3 * hourMs],
  ['three hours earlier', -3 * hourMs],
])('two machines, of which the one that stands by shows %s', (_, aheadMs) => {
  /** The first holds and renews; the second stands by. */
  async function standingBy(leftByMs: () => number) {
    const { clock, parts, keeper } = await taken();
    const second = Object.assign(otherClock(clock), { aheadMs });
    let got: LeaseKeeper | null = null;
    void takeLease({ ...parts, clock: second, holder: 'second' }, never, () => undefined).then(
      (lease) => (got = lease),
    );
    const pass = async (seconds: number): Promise<void> => {
      for (let second = 0; second < seconds; second += 1) {
        await clock.advance(1_000);
        if (clock.monotonicMs() < leftByMs()) expect(await keeper.renew()).toBe(true);
      }
    };
    return { keeper, second, pass, got: () => got };
  }

  it('nobody takes a lease that is renewed, also where that clock steps by hours, both ways', async () => {
    const { second, pass, got, keeper } = await standingBy(() => Infinity);
    for (const stepMs of [0, 5 * hourMs, -9 * hourMs, 4 * hourMs]) {
      second.aheadMs += stepMs;
      await pass(30);
      expect(got()).toBeNull();
      expect(keeper.standing()).toBe('held');
    }
  });

  it('a lease that nobody renews is taken after the time that it holds, and never before its holder knows', async () => {
    const { pass, got, keeper } = await standingBy(() => 20_000);
    await pass(20);
    await pass(7);
    expect(got()).toBeNull();
    await pass(5);
    expect(keeper.standing()).toBe('expired');
    expect(got()).not.toBeNull();
    expect(await keeper.renew()).toBe(false);
    await pass(0);
  });
});

it('a clock that steps by hours loses its holder no lease, and the next one waits no longer for it', async () => {
  const base = new FakeClock();
  const clock = otherClock(base);
  const { leases } = memoryStore();
  const parts = { leases, lease: 'l', holder: 'first', isDead: async () => false, clock };
  const keeper = await takeLease(parts, never, () => undefined);
  for (const stepMs of [5 * hourMs, -11 * hourMs, 3 * hourMs]) {
    clock.aheadMs += stepMs;
    for (let second = 0; second < 12; second += 1) {
      await base.advance(1_000);
      expect(await keeper.renew()).toBe(true);
      expect(keeper.held()).toBe(true);
    }
  }
  let got = false;
  void takeLease({ ...parts, clock: base, holder: 'second' }, never, () => undefined).then(() => (got = true));
  await base.advance(leaseTtlMs + 2_000);
  expect(got).toBe(true);
});
