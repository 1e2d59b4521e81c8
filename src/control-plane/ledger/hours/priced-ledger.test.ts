import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LedgerRow } from '../../../core/cost/ledger/row.ts';
import { summariseLedger } from '../../../core/cost/ledger/query/summarise.ts';
import { chargePools } from '../../../core/cost/prices/charge-pools.ts';
import type { LedgerEntry, LedgerReader } from '../../../ports/records/ledger-records.ts';
import { hour, hour0, owner } from '../../../testing/builders/cost/ledger-builders.ts';
import { priceBook, pricedRow } from '../../../testing/builders/cost/price-builders.ts';
import { PricedLedger, type SpansRequest } from './priced-ledger.ts';

const books = new Map([['gpus', priceBook()]]);
const row = (hours: number, over: Partial<LedgerRow> = {}): LedgerRow =>
  pricedRow({ hourMs: hour0 + hours * hour, ...over });

/** Hours that are closed, and which of them were asked for. */
function open(entries: LedgerEntry[], lastHour: number) {
  const asked: number[] = [];
  const reader: LedgerReader = {
    ledgerRecords: () => Promise.resolve([]),
    lastLedgerRecord: () => Promise.resolve(null),
    firstLedgerRecord: () => Promise.resolve(null),
    lastLedgerHour: () => Promise.resolve(hour0 + lastHour * hour),
    ledgerEntries(fromMs, toMs) {
      asked.push((fromMs - hour0) / hour);
      return Promise.resolve(entries.filter(({ hourMs }) => hourMs >= fromMs && hourMs < toMs));
    },
  };
  const ledger = new PricedLedger(reader);
  const read = async (fromHour: number, over: Partial<SpansRequest> = {}) => {
    asked.length = 0;
    const fromMs = hour0 + fromHour * hour;
    return ledger.read({ fromMs, nowMs: hour0 + lastHour * hour, books, isHourly: false, ...over });
  };
  return { read, asked };
}
const entry = (hours: number, rows: readonly LedgerRow[], number = 1): LedgerEntry => ({
  ...{ hourMs: hour0 + hours * hour, entry: number, derivedAtMs: 0, rows, newErrors: [], withdrawnErrors: [] },
});
const sumOf = (spans: Awaited<ReturnType<ReturnType<typeof open>['read']>>['spans']) =>
  summariseLedger(
    spans.flatMap(({ charges }) => charges),
    ['service', 'state'],
  );

describe('a ledger with its money', () => {
  it('is what its rows are with their money, whatever the hours and days that it is read by', async () => {
    const state = fc.constantFrom('idle', 'serving', 'loading' as const);
    const drawn = fc.record({
      hours: fc.nat(60),
      device: fc.constantFrom('gpu-0', 'gpu-1', 'gpu-2'),
      deviceClass: fc.constantFrom('h100', 'a10'),
      service: fc.constantFrom('ranker', 'chat'),
      state,
      computeMs: fc.integer({ min: 1, max: 1_000_000 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(drawn, { maxLength: 40 }), fc.nat(60), fc.boolean(), async (all, from, isHourly) => {
        const rows = all.map(({ hours, service, computeMs, ...over }) =>
          row(hours, { ...over, owner: owner(service), computeMs, memoryMs: computeMs }),
        );
        const entries = [...Map.groupBy(rows, ({ hourMs }) => hourMs)].map(([at, own]) =>
          entry((at - hour0) / hour, own),
        );
        const { read } = open(entries, 62);
        const { spans } = await read(from, { isHourly });
        const whole = rows.filter(({ hourMs }) => hourMs >= hour0 + from * hour);
        expect(sumOf(spans)).toEqual(summariseLedger(chargePools(whole, books).charges, ['service', 'state']));
        if (isHourly)
          expect(spans.every(({ fromMs, charges }) => charges.every((each) => each.row.hourMs === fromMs))).toBe(true);
        expect(sumOf((await read(from)).spans)).toEqual(sumOf(spans));
        const devices = new Set(spans.flatMap(({ holders }) => holders.flatMap((holder) => holder.devices)));
        expect([...devices].sort()).toEqual([...new Set(whole.map(({ device }) => device))].sort());
      }),
    );
  });

  it('reads what is over once, and what a correction may still reach each time', async () => {
    const entries = Array.from({ length: 51 }, (_, hours) => entry(hours, [row(hours)]));
    const { read, asked } = open(entries, 50);
    expect((await read(0)).spans).toHaveLength(2 + 1);
    expect(asked).toEqual([...Array.from({ length: 49 }, (_, hours) => hours)]);
    await read(0);
    expect(asked).toEqual([]);
    await read(1);
    expect(asked).toEqual(Array.from({ length: 23 }, (_, hours) => hours + 1));
    await read(0, { books: new Map([['gpus', priceBook({ currency: 'USD' })]]) });
    expect(asked).toHaveLength(49);
  });

  it('takes hours as one with what corrects them', async () => {
    const corrected = [entry(0, [row(0)]), entry(0, [row(0, { computeMs: -hour / 2, memoryMs: -hour / 2 })], 2)];
    const { spans } = await open(corrected, 9).read(0);
    expect(sumOf(spans)).toMatchObject([{ computeMs: hour / 2, micros: 1_250_000 }]);
  });

  it('lets other work have its turn between two hours', async () => {
    const { read } = open(
      Array.from({ length: 30 }, (_, hours) => entry(hours, [row(hours)])),
      40,
    );
    let [turns, isOver] = [0, false];
    const turn = (): void => {
      turns += 1;
      if (!isOver) setImmediate(turn);
    };
    setImmediate(turn);
    await read(0);
    isOver = true;
    expect(turns).toBeGreaterThanOrEqual(30);
  });
});
