import { describe, expect, it } from 'vitest';
import { choosePoolBooks } from '../../core/cost/prices/pool-books.ts';
import type { PriceBook } from '../../core/cost/prices/price-book.ts';
import type { LedgerRow } from '../../core/cost/ledger/row.ts';
import { hour, hour0, owner } from '../../testing/builders/cost/ledger-builders.ts';
import { priceBook, pricedRow } from '../../testing/builders/cost/price-builders.ts';
import type { CostRequest } from '../../schemas/http/cost/http-cost.ts';
import { priceHour } from '../../core/cost/prices/priced-span.ts';
import { makeCostReport } from './cost-report.ts';
import type { ReadSpans } from './hours/priced-ledger.ts';

const usd: PriceBook = { ...priceBook(), currency: 'USD' };
const empty = { state: 'unallocated', owner: null, claim: null, purpose: null } as const;

const spansOf = (
  rows: readonly LedgerRow[],
  books: ReadonlyMap<string, PriceBook>,
  toMs = hour0 + hour,
): ReadSpans => ({
  spans: [...Map.groupBy(rows, ({ hourMs }) => hourMs)].map(([at, own]) => priceHour(own, books, at, toMs)),
  ...{ errors: [], errorCount: 0, notices: [], toMs, openFromMs: null },
});

const report = (
  rows: readonly LedgerRow[],
  books: Readonly<Record<string, PriceBook>>,
  asked: Partial<CostRequest> = {},
) => {
  const stated = Object.entries(books).map(([pool, book]) => ({ pool, from: pool, book, classes: [] }));
  const pools = choosePoolBooks(stated, []);
  return makeCostReport(hour0, spansOf(rows, pools.books), { by: ['service'], sinceMs: hour, ...asked }, pools);
};

describe('makeCostReport', () => {
  it('keeps two currencies apart: each is added up, and no sum is of both', () => {
    const rows = [
      pricedRow({ answers: 10 }),
      pricedRow({ pool: 'us', device: 'gpu-1' }),
      pricedRow({ pool: 'us', device: 'gpu-2', owner: owner('chat') }),
    ];
    const { currency, currencies, units } = report(rows, { gpus: priceBook(), us: usd });
    expect([currency, currencies]).toEqual([null, ['EUR', 'USD']]);
    expect(units[0]?.total).toMatchObject({ micros: null, moneyMicros: { EUR: 2_500_000, USD: 5_000_000 } });
    expect(units[0]?.groups.map(({ group, moneyMicros }) => [group['service'], moneyMicros])).toEqual([
      ['ranker', { EUR: 2_500_000, USD: 2_500_000 }],
      ['chat', { USD: 2_500_000 }],
    ]);
    expect(units[0]?.groups[0]?.costPer1000AnswersMicros).toBeNull();
  });

  it('has money of one currency beside time without a price, whose answers have no price', () => {
    const rows = [pricedRow({ answers: 10 }), pricedRow({ device: 'gpu-1', deviceClass: 'a10', answers: 10 })];
    const { currency, units, prices } = report(rows, { gpus: priceBook() });
    expect(currency).toBe('EUR');
    expect(units[0]?.total).toMatchObject({ micros: 2_500_000, unpricedMs: hour, costPer1000AnswersMicros: null });
    expect(prices).toMatchObject([
      { pool: 'gpus', source: 'a list', problem: expect.stringContaining('a10') as string },
    ]);
  });

  it('says what is wrong with prices, and to who asks for one service without the names of others', () => {
    const stated = [priceBook(), usd].map((book, index) => ({ pool: 'gpus', from: `s${index}`, book, classes: [] }));
    const pools = choosePoolBooks([], stated);
    const ledger = spansOf([pricedRow()], pools.books);
    const of = (asked: Partial<CostRequest>) =>
      makeCostReport(hour0, ledger, { by: [], sinceMs: hour, ...asked }, pools).prices;
    expect(of({})).toMatchObject([{ source: null, problem: 's0 and s1 state two different price books for it' }]);
    expect(of({ service: 'ranker' })).toMatchObject([{ problem: 'two different price books are stated for it' }]);
  });

  it('charges a commitment of two pools with one book once, and before rows of one service are taken', () => {
    const commitment = { id: 'c1', deviceClass: 'h100', devices: 3, upfrontMicros: 0, microsPerHour: 1_000_000 };
    const book = priceBook({ commitments: [{ ...commitment, fromMs: 0, untilMs: hour0 + hour }] });
    const rows = [pricedRow(), pricedRow({ pool: 'us', device: 'gpu-1', ...empty })];
    const books = { gpus: book, us: { ...book, lateRequest: 1 } };
    const whole = report(rows, books);
    expect(whole.units[0]?.total.micros).toBe(2_000_000);
    expect(whole.unused).toEqual([
      { commitment: 'c1', deviceClass: 'h100', currency: 'EUR', unusedMs: hour, micros: 1_000_000 },
    ]);
    const one = report(rows, books, { service: 'ranker' });
    expect([one.unused, one.units[0]?.total.micros]).toEqual([[], 1_000_000]);
  });

  it('uses up a commitment in an hour that is not over up to the last heartbeat', () => {
    const commitment = { id: 'c1', deviceClass: 'h100', devices: 1, upfrontMicros: 0, microsPerHour: 1_000_000 };
    const book = priceBook({ commitments: [{ ...commitment, fromMs: 0, untilMs: hour0 + hour }] });
    const half = { computeMs: hour / 2, memoryMs: hour / 2 };
    const pools = choosePoolBooks([{ pool: 'gpus', from: 'r', book, classes: [] }], []);
    const toMs = hour0 + hour / 2;
    const ledger = { ...spansOf([pricedRow(half)], pools.books, toMs), openFromMs: hour0 };
    const { unused, units } = makeCostReport(hour0, ledger, { by: [], sinceMs: hour }, pools);
    expect([unused, units[0]?.total.micros]).toEqual([[], 500_000]);
  });
});
