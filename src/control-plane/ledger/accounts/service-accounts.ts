import { setImmediate as yieldToOthers } from 'node:timers/promises';
import { addToDays, dayMs, type DayMoney, type ServiceAccount } from '../../../core/cost/judgement/service-account.ts';
import { accountKey, sumServiceHours, type ServiceHour } from '../../../core/cost/judgement/service-hours.ts';
import { hourMs, hourOf, type LedgerErrorKind, type LedgerRow } from '../../../core/cost/ledger/row.ts';
import { chargePools } from '../../../core/cost/prices/charge-pools.ts';
import type { PriceBook } from '../../../core/cost/prices/price-book.ts';
import { digestOf, type Digest } from '../../../core/units/digest.ts';
import type { Clock } from '../../../ports/process/clock.ts';
import type { LedgerReader } from '../../../ports/records/ledger-records.ts';
import { addEntries } from '../hours/close-hours.ts';
import { readLedger, type ReadLedger } from '../hours/read-ledger.ts';
import { findAccounted } from './find-accounted.ts';

export interface ServiceAccountsParts {
  readonly store: LedgerReader;
  readonly clock: Clock;
  /** Prices by pool, as they are now. */
  readonly books: () => Promise<ReadonlyMap<string, PriceBook>>;
}

export interface PricedAccount {
  /** Null before the ledger was read, and while nothing is recorded. */
  readonly account: ServiceAccount | null;
  /** The pools that the service holds devices of; null for one without prices. */
  readonly prices: readonly { readonly pool: string; readonly book: PriceBook | null }[];
}

/** The ledger is read again after this time, and later where reading takes long: about 1% of the time. */
const everyMs = 10_000;
const everyAtMostMs = 5 * 60_000;
const restPerRead = 100;
/** Hours that are kept one by one: those of the last day, and two more for what is not over. */
const hoursKeptMs = 26 * hourMs;
/** Older hours are kept as days, and so many days. */
const daysKept = 31;
/** Older hours that one refresh reads. */
const hoursAtOnce = 48;
/** Errors by which time of a service stands with nobody. */
const losesTime: ReadonlySet<LedgerErrorKind> = new Set(['claimed-twice', 'claim-without-device']);

interface Settled {
  /** In order of time. */
  readonly hours: readonly ServiceHour[];
  readonly days: readonly DayMoney[];
}

interface Tail {
  readonly toMs: number;
  readonly hours: ReadonlyMap<string, readonly ServiceHour[]>;
  readonly pools: ReadonlyMap<string, ReadonlySet<string>>;
  readonly errors: ReadonlyMap<string, readonly string[]>;
}

/**
 * What each service held, read from the ledger now and then. Hours that no correction can reach any more are read once, the newest
 * first; those after them again each time. Holds nothing that is not in the store: a new one reads it again.
 */
export class ServiceAccounts {
  readonly #parts: ServiceAccountsParts;
  #settled = new Map<string, Settled>();
  /** Hours that are settled, from and to. Null before the first read. */
  #range: { readonly fromMs: number; readonly toMs: number } | null = null;
  #tail: Tail | null = null;
  #books: ReadonlyMap<string, PriceBook> = new Map();
  #booksDigest: Digest | null = null;
  #dueMs = -Infinity;
  #reading: Promise<void> | null = null;

  constructor(parts: ServiceAccountsParts) {
    this.#parts = parts;
  }

  /** As of the last refresh. */
  find(service: string, environment: string): PricedAccount {
    const key = accountKey(service, environment);
    if (this.#tail === null || this.#range === null) return { account: null, prices: [] };
    const { hours = [], days = [] } = this.#settled.get(key) ?? {};
    const { toMs, pools, errors } = this.#tail;
    const account: ServiceAccount = {
      ...{ fromMs: this.#range.fromMs, toMs, days },
      hours: [...hours, ...(this.#tail.hours.get(key) ?? [])],
      errors: errors.get(key) ?? [],
    };
    const prices = [...(pools.get(key) ?? [])].map((pool) => ({ pool, book: this.#books.get(pool) ?? null }));
    return { account, prices };
  }

  /** Reads the ledger where that is due. Services that ask at the same time wait for one read. */
  async refresh(): Promise<void> {
    if (this.#reading === null && this.#parts.clock.monotonicMs() < this.#dueMs) return;
    this.#reading ??= this.#readAnew().finally(() => {
      this.#reading = null;
    });
    await this.#reading;
  }

  /** Of a read that failed nobody knows which hours it has: the next one begins anew. */
  async #readAnew(): Promise<void> {
    try {
      await this.#read();
    } catch (thrown) {
      this.#forget();
      throw thrown;
    }
  }

  #forget(): void {
    this.#settled = new Map();
    this.#range = null;
  }

  async #read(): Promise<void> {
    const { clock } = this.#parts;
    const beganMs = clock.monotonicMs();
    this.#dueMs = beganMs + everyMs;
    await this.#readBooks();
    const { store } = this.#parts;
    const nowMs = clock.nowMs();
    const [last, first] = [await store.lastLedgerHour(), await store.firstLedgerRecord()];
    if (first === null) return;
    // Corrections reach the last hour that is closed, and the one before it.
    const finalMs = last === null ? hourOf(first.atMs) : last - hourMs;
    const range = this.#range ?? { fromMs: finalMs, toMs: finalMs };
    for (let hour = range.toMs; hour < finalMs; hour += hourMs) await this.#settle(hour, nowMs);
    const oldestMs = hourOf(nowMs - daysKept * dayMs);
    const fromMs = Math.max(Math.min(oldestMs, range.fromMs), range.fromMs - hoursAtOnce * hourMs);
    for (let hour = range.fromMs - hourMs; hour >= fromMs; hour -= hourMs) await this.#settle(hour, nowMs);
    const toMs = Math.max(range.toMs, finalMs);
    this.#range = { fromMs, toMs };
    this.#fold(nowMs);
    this.#tail = this.#sumTail(await readLedger(store, toMs, await findAccounted(store, nowMs)));
    const tookMs = clock.monotonicMs() - beganMs;
    this.#dueMs = clock.monotonicMs() + Math.min(everyAtMostMs, Math.max(everyMs, restPerRead * tookMs));
  }

  /** Other prices make other money of all hours. */
  async #readBooks(): Promise<void> {
    const books = await this.#parts.books();
    const digest = digestOf([...books].sort(([a], [b]) => (a < b ? -1 : 1)));
    this.#books = books;
    if (digest === this.#booksDigest) return;
    this.#booksDigest = digest;
    this.#forget();
  }

  async #settle(hour: number, nowMs: number): Promise<void> {
    const entries = await this.#parts.store.ledgerEntries(hour, hour + hourMs);
    if (entries.length === 0) return;
    for (const [key, sum] of this.#sum(addEntries(entries).rows)) {
      const { hours, days } = this.#settled.get(key) ?? { hours: [], days: [] };
      const isKept = hour >= nowMs - hoursKeptMs;
      const next = isKept
        ? { hours: [...hours, sum].sort((a, b) => a.hourMs - b.hourMs), days }
        : { hours, days: addToDays(days, [sum]) };
      this.#settled.set(key, next);
    }
    await yieldToOthers();
  }

  /** Hours that are a day old become days, and days that are a month old are forgotten. */
  #fold(nowMs: number): void {
    for (const [key, { hours, days }] of this.#settled) {
      const old = hours.filter((hour) => hour.hourMs < nowMs - hoursKeptMs);
      const kept = addToDays(days, old).filter((day) => day.dayMs >= nowMs - (daysKept + 1) * dayMs);
      if (hours.length + kept.length === 0) this.#settled.delete(key);
      else this.#settled.set(key, { hours: hours.slice(old.length), days: kept });
    }
  }

  #sumTail({ rows, errors, toMs }: ReadLedger): Tail {
    const hours = new Map<string, ServiceHour[]>();
    for (const [, ofHour] of [...Map.groupBy(rows, (row) => row.hourMs)].sort(([a], [b]) => a - b)) {
      for (const [key, sum] of this.#sum(ofHour, toMs)) hours.set(key, [...(hours.get(key) ?? []), sum]);
    }
    const pools = new Map<string, Set<string>>();
    const claims = new Map<string, string>();
    for (const { owner, claim, pool } of rows) {
      if (owner === null) continue;
      const key = accountKey(owner.service, owner.environment);
      if (claim !== null) claims.set(claim, key);
      pools.set(key, (pools.get(key) ?? new Set()).add(pool));
    }
    const told = new Map<string, string[]>();
    for (const error of errors.filter(({ kind }) => losesTime.has(kind))) {
      for (const key of new Set(error.claims.flatMap((claim) => claims.get(claim) ?? [])))
        told.set(key, [...(told.get(key) ?? []), error.message]);
    }
    return { toMs, hours, pools, errors: told };
  }

  /** Of the rows of one hour. */
  #sum(rows: readonly LedgerRow[], untilMs?: number): ReadonlyMap<string, ServiceHour> {
    return sumServiceHours(chargePools(rows, this.#books, untilMs).charges);
  }
}
