import { describe, expect, it } from 'vitest';
import { listDays } from '../../../core/cost/judgement/service-account.ts';
import { deriveLedgerRows } from '../../../core/cost/ledger/derive-rows.ts';
import type { LedgerFact } from '../../../core/cost/ledger/fact.ts';
import { chargeRows } from '../../../core/cost/prices/charge-rows.ts';
import type { PriceBook } from '../../../core/cost/prices/price-book.ts';
import type { LedgerReader } from '../../../ports/records/ledger-records.ts';
import {
  appeared,
  began,
  changed,
  hour,
  hour0,
  minute,
  whole,
  worked,
} from '../../../testing/builders/cost/ledger-builders.ts';
import { ledgerRecordsOf } from '../../../testing/builders/cost/ledger-records.ts';
import { priceBook } from '../../../testing/builders/cost/price-builders.ts';
import { FakeClock } from '../../../testing/fakes/fake-clock.ts';
import { memoryLedgerReader, type LedgerStates } from '../../../testing/fakes/memory/records/memory-ledger.ts';
import { closeHour } from '../hours/close-hours.ts';
import { ServiceAccounts } from './service-accounts.ts';

const a100 = (microsPerHour: number): PriceBook =>
  priceBook({
    devices: [{ deviceClass: 'a100-40', purchase: 'on-demand', fromMs: 0, untilMs: null, microsPerHour, memory: null }],
  });

/** One device of one replica that works for ten minutes of each hour, and accounts each half hour. */
const factsOf = (hours: number): readonly LedgerFact[] => [
  appeared(0, 'gpu-0'),
  began(minute, 'r1', whole('gpu-0')),
  changed(2 * minute, 'r1', 'ready'),
  ...Array.from({ length: 2 * hours }, (_, half) =>
    worked(Math.max(2 * minute, (half * hour) / 2), ((half + 1) * hour) / 2, 'r1', 5 * minute),
  ),
];

/** A ledger of so many whole hours, and half of another; all but the last two hours are closed. */
function makeWorld(hours: number, extra: readonly LedgerFact[] = []) {
  const clock = new FakeClock();
  const state: { -readonly [Key in keyof LedgerStates]: LedgerStates[Key] } = { ledgerRecords: [], ledgerEntries: [] };
  const reader = memoryLedgerReader(() => state);
  const world = { clock, reads: 0, fails: false, micros: 2_500_000 };
  const store: LedgerReader = {
    ...reader,
    async ledgerEntries(...asked) {
      world.reads += 1;
      if (world.fails && world.reads % 7 === 0) throw new Error('the store is away');
      return reader.ledgerEntries(...asked);
    },
  };
  const goTo = async (end: number): Promise<void> => {
    const facts = [...factsOf(end + 1).filter(({ at }) => at.wallMs <= hour0 + (end + 0.5) * hour), ...extra];
    state.ledgerRecords = ledgerRecordsOf(facts, hour0, hour0 + (end + 0.5) * hour);
    const closed = state.ledgerEntries.length;
    const entries = Array.from({ length: Math.max(0, end - 1 - closed) }, (_, index) => closed + index);
    for (const each of entries)
      state.ledgerEntries = [...state.ledgerEntries, await closeHour(reader, hour0 + each * hour, 0)];
    await clock.advance(hour0 + (end + 0.5) * hour - clock.nowMs());
  };
  const accounts = () =>
    new ServiceAccounts({ store, clock, books: async () => new Map([['gpus', a100(world.micros)]]) });
  return { ...{ world, goTo, accounts }, begin: () => goTo(hours) };
}

async function readWhole(accounts: ServiceAccounts, clock: FakeClock) {
  for (let index = 0; index < 3; index += 1) {
    await accounts.refresh();
    await clock.advance(30_000);
  }
  return accounts.find('ranker', 'prod');
}

describe('accounts of services', () => {
  it('are what all rows of the ledger add up to, hours of the last day one by one', async () => {
    const { world, accounts, begin } = makeWorld(50);
    await begin();
    const { account, prices } = await readWhole(accounts(), world.clock);
    if (account === null) throw new Error('no account');
    const window = { fromMs: hour0, toMs: hour0 + 51 * hour };
    const rows = deriveLedgerRows(factsOf(51), window).rows.filter(({ hourMs }) => hourMs < hour0 + 50 * hour);
    const charges = chargeRows(rows, a100(2_500_000)).charges.filter(({ row }) => row.owner !== null);
    const micros = charges.reduce((sum, { effectiveMicros }) => sum + (effectiveMicros ?? 0), 0);
    const spent = listDays(account).reduce((sum, day) => sum + day.micros, 0);
    // Half an hour of the device is of the hour that is not over.
    expect(spent).toBe(micros + 1_250_000);
    expect(account.toMs).toBe(hour0 + 50.5 * hour);
    expect(account.hours.map(({ hourMs }) => (hourMs - hour0) / hour)).toEqual(
      Array.from({ length: 26 }, (_, index) => 25 + index),
    );
    expect(account.days).toHaveLength(2);
    expect(account.hours.at(-2)).toMatchObject({
      stateMs: { serving: 10 * minute, idle: 50 * minute },
      currency: 'EUR',
    });
    expect(prices).toMatchObject([{ pool: 'gpus', book: { currency: 'EUR' } }]);
  });

  it('read anew and read on from hour to hour are the same', async () => {
    const { world, accounts, begin, goTo } = makeWorld(1);
    await begin();
    const followed = accounts();
    for (let end = 1; end <= 55; end += 1) {
      await goTo(end);
      await followed.refresh();
    }
    const { account } = followed.find('ranker', 'prod');
    const anew = (await readWhole(accounts(), world.clock)).account;
    const { fromMs: _, ...again } = anew ?? {};
    expect(account).toMatchObject(again);
    expect(account?.days).toHaveLength(2);
  });

  it('count no hour twice where the store was away in the middle', async () => {
    const { world, accounts, begin } = makeWorld(40);
    await begin();
    const troubled = accounts();
    world.fails = true;
    await expect(troubled.refresh()).rejects.toThrow('away');
    world.fails = false;
    await world.clock.advance(30_000);
    await troubled.refresh();
    const { account } = troubled.find('ranker', 'prod');
    expect(account?.days).toEqual((await readWhole(accounts(), world.clock)).account?.days);
  });

  it('follow prices that change', async () => {
    const { world, accounts, begin } = makeWorld(10);
    await begin();
    const read = accounts();
    await read.refresh();
    const moneyOf = (): number =>
      listDays(read.find('ranker', 'prod').account ?? { days: [], hours: [] }).reduce(
        (sum, day) => sum + day.micros,
        0,
      );
    const before = moneyOf();
    world.micros = 5_000_000;
    await world.clock.advance(30_000);
    await read.refresh();
    expect([before > 0, moneyOf()]).toEqual([true, 2 * before]);
  });

  it('are read once in 10 seconds, however many services ask', async () => {
    const { world, accounts, begin } = makeWorld(5);
    await begin();
    const read = accounts();
    await Promise.all([read.refresh(), read.refresh()]);
    const { reads } = world;
    await world.clock.advance(9_000);
    await read.refresh();
    expect(world.reads).toBe(reads);
    await world.clock.advance(1_000);
    await read.refresh();
    expect(world.reads).toBeGreaterThan(reads);
  });

  it('name no fault where two replicas take turns on one device: both have an account', async () => {
    const { accounts, begin } = makeWorld(2, [
      began(hour, 'r2', whole('gpu-0'), 'other'),
      appeared(0, 'gpu-1'),
      began(minute, 'r3', whole('gpu-1'), 'third'),
    ]);
    await begin();
    const read = accounts();
    await read.refresh();
    for (const service of ['ranker', 'other', 'third']) {
      const { account } = read.find(service, 'prod');
      expect(account?.errors).toEqual([]);
      expect(account?.hours.length).toBeGreaterThan(0);
    }
  });

  it('are null before anything is recorded', async () => {
    const { accounts } = makeWorld(0);
    const read = accounts();
    await read.refresh();
    expect(read.find('ranker', 'prod')).toEqual({ account: null, prices: [] });
  });
});
