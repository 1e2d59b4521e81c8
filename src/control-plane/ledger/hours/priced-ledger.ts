import { setImmediate } from 'node:timers/promises';
import type { DerivedLedger } from '../../../core/cost/ledger/derive-rows.ts';
import { hourMs, isNotice } from '../../../core/cost/ledger/row.ts';
import type { PriceBook } from '../../../core/cost/prices/price-book.ts';
import { addSpans, priceHour, type PricedSpan } from '../../../core/cost/prices/priced-span.ts';
import { digestOf, type Digest } from '../../../core/units/digest.ts';
import type { LedgerReader } from '../../../ports/records/ledger-records.ts';
import { addEntries } from './close-hours.ts';
import { readLedger } from './read-ledger.ts';

type LedgerErrors = DerivedLedger['errors'];

/** The account of a time with its money, in order of time. */
export interface ReadSpans {
  readonly spans: readonly PricedSpan[];
  /** The first ones. */
  readonly errors: LedgerErrors;
  readonly errorCount: number;
  /** What is told though no fact is wrong: the first ones. */
  readonly notices: LedgerErrors;
  /** As `ReadLedger` has them. */
  readonly toMs: number;
  readonly openFromMs: number | null;
}

export interface SpansRequest {
  /** Start of an hour. */
  readonly fromMs: number;
  readonly nowMs: number;
  readonly books: ReadonlyMap<string, PriceBook>;
  /** Whether hours are told apart; else whole days may stand as one. */
  readonly isHourly: boolean;
}

interface KeptSpan {
  readonly span: PricedSpan;
  readonly errors: LedgerErrors;
  readonly errorCount: number;
  readonly notices: LedgerErrors;
}

const dayMs = 24 * hourMs;
export const errorsAtMost = 100;
/** Charges that are kept of hours and days that are over: about 100 MB at most. What is beyond is read anew each time. */
const chargesAtMost = 200_000;

function divideErrors(all: LedgerErrors): Omit<KeptSpan, 'span'> {
  const errors = all.filter((error) => !isNotice(error));
  const notices = all.filter(isNotice).slice(0, errorsAtMost);
  return { errors: errors.slice(0, errorsAtMost), errorCount: errors.length, notices };
}

/**
 * Reads the ledger hour by hour and prices it. Hours that no correction reaches any more are priced once, and so are whole days of
 * them. Between two hours everything else of the process has its turn. Holds nothing that is not in the store.
 */
export class PricedLedger {
  readonly #store: LedgerReader;
  /** By length and start, the one that was used last at the end. */
  readonly #kept = new Map<string, KeptSpan>();
  #charges = 0;
  #booksDigest: Digest | null = null;
  #reading: Promise<unknown> = Promise.resolve();

  constructor(store: LedgerReader) {
    this.#store = store;
  }

  /** One read after the other, so that two who ask for the same hours price them once. */
  read(request: SpansRequest): Promise<ReadSpans> {
    const reading = this.#reading.then(
      () => this.#read(request),
      () => this.#read(request),
    );
    this.#reading = reading;
    return reading;
  }

  async #read({ fromMs, nowMs, books, isHourly }: SpansRequest): Promise<ReadSpans> {
    this.#forgetOtherPrices(books);
    const last = await this.#store.lastLedgerHour();
    // Corrections reach the last hour that is closed, and the one before it.
    const finalMs = last === null ? fromMs : Math.max(fromMs, last - hourMs);
    const kept: KeptSpan[] = [];
    for (let at = fromMs; at < finalMs;) {
      const isDay = !isHourly && at % dayMs === 0 && at + dayMs <= finalMs;
      kept.push(isDay ? await this.#day(at, books) : await this.#hour(at, books));
      at += isDay ? dayMs : hourMs;
    }
    const tail = await readLedger(this.#store, finalMs, nowMs);
    const told = divideErrors(tail.errors);
    const open: PricedSpan[] = [];
    for (const [hour, rows] of [...Map.groupBy(tail.rows, (row) => row.hourMs)].sort(([a], [b]) => a - b)) {
      open.push(priceHour(rows, books, hour, tail.toMs));
      await setImmediate();
    }
    return {
      spans: [...kept.map(({ span }) => span), ...open],
      errors: [...kept.flatMap(({ errors }) => errors), ...told.errors].slice(0, errorsAtMost),
      errorCount: kept.reduce((sum, { errorCount }) => sum + errorCount, told.errorCount),
      notices: [...kept.flatMap(({ notices }) => notices), ...told.notices].slice(0, errorsAtMost),
      toMs: tail.toMs,
      openFromMs: tail.openFromMs,
    };
  }

  async #day(fromMs: number, books: SpansRequest['books']): Promise<KeptSpan> {
    const known = this.#use(dayMs, fromMs);
    if (known !== undefined) return known;
    const hours: KeptSpan[] = [];
    for (let at = fromMs; at < fromMs + dayMs; at += hourMs) {
      hours.push(this.#use(hourMs, at) ?? (await this.#price(at, books)));
    }
    return this.#keep(dayMs, {
      span: addSpans(
        hours.map(({ span }) => span),
        fromMs,
      ),
      errors: hours.flatMap(({ errors }) => errors).slice(0, errorsAtMost),
      errorCount: hours.reduce((sum, { errorCount }) => sum + errorCount, 0),
      notices: hours.flatMap(({ notices }) => notices).slice(0, errorsAtMost),
    });
  }

  async #hour(fromMs: number, books: SpansRequest['books']): Promise<KeptSpan> {
    return this.#use(hourMs, fromMs) ?? this.#keep(hourMs, await this.#price(fromMs, books));
  }

  async #price(fromMs: number, books: SpansRequest['books']): Promise<KeptSpan> {
    const { rows, errors } = addEntries(await this.#store.ledgerEntries(fromMs, fromMs + hourMs));
    await setImmediate();
    const span = priceHour(rows, books, fromMs);
    await setImmediate();
    return { span, ...divideErrors(errors) };
  }

  #use(lengthMs: number, fromMs: number): KeptSpan | undefined {
    const key = `${lengthMs}/${fromMs}`;
    const known = this.#kept.get(key);
    if (known === undefined) return undefined;
    this.#kept.delete(key);
    this.#kept.set(key, known);
    return known;
  }

  #keep(lengthMs: number, one: KeptSpan): KeptSpan {
    this.#kept.set(`${lengthMs}/${one.span.fromMs}`, one);
    this.#charges += one.span.charges.length;
    for (const [key, { span }] of this.#kept) {
      if (this.#charges <= chargesAtMost) break;
      this.#kept.delete(key);
      this.#charges -= span.charges.length;
    }
    return one;
  }

  /** Other prices make other money of all hours. */
  #forgetOtherPrices(books: SpansRequest['books']): void {
    const digest = digestOf([...books].sort(([a], [b]) => (a < b ? -1 : 1)));
    if (digest === this.#booksDigest) return;
    this.#booksDigest = digest;
    this.#kept.clear();
    this.#charges = 0;
  }
}
