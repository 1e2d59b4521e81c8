import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hour, hour0 } from '../../../testing/builders/cost/ledger-builders.ts';
import { priceBook, pricedRow } from '../../../testing/builders/cost/price-builders.ts';
import { chargeRows } from '../prices/charge-rows.ts';
import { readInvoice, type InvoiceLine } from './read-invoice.ts';
import { costHours, reconcileInvoice } from './reconcile.ts';

const charged = chargeRows(
  ['gpu-0', 'gpu-1'].flatMap((device) => [0, 1].map((index) => pricedRow({ device, hourMs: hour0 + index * hour }))),
  priceBook(),
);
const ledger = costHours(charged);
const line = (over: Partial<InvoiceLine> = {}): InvoiceLine => ({
  line: 2,
  resource: 'gpu-0',
  fromMs: hour0,
  toMs: hour0 + 2 * hour,
  currency: 'EUR',
  micros: 5_000_000,
  description: '',
  ...over,
});
const reconcile = (lines: readonly InvoiceLine[]) => reconcileInvoice(lines, ledger, (device) => device);

describe('reconcileInvoice', () => {
  test('an invoice that says the same leaves nothing unexplained', () => {
    const result = reconcile([line(), line({ line: 3, resource: 'gpu-1' })]);
    expect(result).toMatchObject({ unexplainedMicros: 0, billedMicros: 10_000_000, ledgerMicros: 10_000_000 });
    expect(result.matched.map(({ differenceMicros }) => differenceMicros)).toEqual([0, 0]);
  });

  test('three kinds of unexplained money, added up as a number', () => {
    const result = reconcile([
      line({ micros: 5_100_000 }),
      line({ line: 3, micros: -50_000 }),
      line({ line: 4, resource: 'disk-7', micros: 400_000 }),
      line({ line: 5, resource: null, micros: 30_000 }),
      line({ line: 6, currency: 'USD' }),
    ]);
    expect(result.matched).toMatchObject([{ lines: [2, 3], billedMicros: 5_050_000, differenceMicros: 50_000 }]);
    expect(result.billedOnly.map(({ line: number }) => number)).toEqual([5, 4].sort());
    expect(result.ledgerOnly).toEqual([{ resource: 'gpu-1', micros: 5_000_000 }]);
    expect(result.otherCurrency).toHaveLength(1);
    expect(result.unexplainedMicros).toBe(50_000 + 400_000 + 30_000 + 5_000_000);
  });

  test('hourly lines and a line of the month beside them do not count an hour twice', () => {
    const hourly = line({ toMs: hour0 + hour, micros: 2_500_000 });
    const result = reconcile([line({ line: 9, micros: 2_500_000 }), hourly, line({ line: 4, resource: 'gpu-1' })]);
    expect(result).toMatchObject({ unexplainedMicros: 0, ledgerOnly: [] });
  });

  test('boards of one instance are billed as the instance', () => {
    const result = reconcileInvoice([line({ resource: 'i-1', micros: 10_000_000 })], ledger, () => 'i-1');
    expect(result).toMatchObject({ unexplainedMicros: 0, ledgerOnly: [], billedOnly: [] });
  });

  test('billed less ledger is what the three kinds add up to, whatever the invoice says', () => {
    const anyLine = fc.record({
      resource: fc.constantFrom('gpu-0', 'gpu-1', 'disk', null),
      from: fc.nat(2),
      hours: fc.integer({ min: 1, max: 3 }),
      micros: fc.integer({ min: -1_000_000, max: 9_000_000 }),
    });
    fc.assert(
      fc.property(fc.array(anyLine, { maxLength: 8 }), (drawn) => {
        const lines = drawn.map(({ resource, from, hours, micros }, index) => {
          const fromMs = hour0 + from * hour;
          return line({ line: index + 2, resource, micros, fromMs, toMs: fromMs + hours * hour });
        });
        const { matched, billedOnly, ledgerOnly, billedMicros, ledgerMicros } = reconcile(lines);
        const net =
          matched.reduce((sum, { differenceMicros }) => sum + differenceMicros, 0) +
          billedOnly.reduce((sum, { micros }) => sum + micros, 0) -
          ledgerOnly.reduce((sum, { micros }) => sum + micros, 0);
        expect(net).toBe(billedMicros - ledgerMicros);
        expect(ledgerMicros).toBe(10_000_000);
      }),
    );
  });
});

describe('readInvoice', () => {
  const head = 'BilledCost,BillingCurrency,ChargePeriodStart,ChargePeriodEnd,ResourceId,ChargeDescription\r\n';

  test('reads lines, with their number in the file', () => {
    const text = `\uFEFF${head}1.5,EUR,2026-01-01,2026-01-02 00:00:00,i-1,"two\nlines, ""quoted"""\n-2e-3,EUR,2026-01-01T00:00:00Z,2026-01-01T01:00:00+01:00,,\n`;
    const { lines, problems } = readInvoice(text);
    expect(problems).toMatchObject([
      { line: 4, message: 'line 4: ChargePeriodStart and ChargePeriodEnd are no period' },
    ]);
    expect(lines).toEqual([
      {
        line: 2,
        resource: 'i-1',
        fromMs: hour0,
        toMs: hour0 + 24 * hour,
        currency: 'EUR',
        micros: 1_500_000,
        description: 'two\nlines, "quoted"',
      },
    ]);
  });

  test.each([
    [',EUR,2026-01-01,2026-01-02,i,', 'BilledCost is empty'],
    ['abc,EUR,2026-01-01,2026-01-02,i,', 'BilledCost is abc'],
    ['1,,2026-01-01,2026-01-02,i,', 'BillingCurrency is empty'],
    ['1,EUR,yesterday,2026-01-02,i,', 'are no period'],
  ])('%s is a problem and no 0', (row, message) => {
    const { lines, problems } = readInvoice(`${head}${row}\n`);
    expect(lines).toEqual([]);
    expect(problems[0]?.message).toContain(message);
  });

  test.each([
    ['1,EUR\n', 'line 2: 2 fields'],
    ['"open', 'line 2: a quote is open'],
    ['"a"b,EUR,,,,\n', 'line 2: text follows'],
  ])('%j is refused with its line', (row, message) => {
    expect(() => readInvoice(`${head}${row}`)).toThrow(message);
  });
});
