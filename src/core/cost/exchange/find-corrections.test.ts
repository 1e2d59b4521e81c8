import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hour, hour0 } from '../../../testing/builders/cost/ledger-builders.ts';
import { priceBook, pricedRow } from '../../../testing/builders/cost/price-builders.ts';
import { correctLedgerRows } from '../ledger/correct-rows.ts';
import { mergeRows } from '../ledger/merge-rows.ts';
import type { LedgerRow } from '../ledger/row.ts';
import { chargeRows } from '../prices/charge-rows.ts';
import { findCorrections } from './find-corrections.ts';
import { makeFocusRows } from './focus-rows.ts';
import { readMoney } from './money-text.ts';

const serving = { state: 'serving', cause: null } as const;
const part = (ms: number, over: Partial<LedgerRow> = {}): LedgerRow =>
  pricedRow({ computeMs: ms, memoryMs: ms, ...over });
const charge = (rows: readonly LedgerRow[]) => chargeRows(rows, priceBook());

describe('findCorrections', () => {
  it('takes idle time and its money back, and adds what it was', () => {
    const before = charge([part(hour)]).charges;
    const after = charge([part(hour / 2), part(hour / 2, serving)]).charges;
    expect(
      findCorrections(before, after).map(({ row, effectiveMicros }) => [row.state, row.computeMs, effectiveMicros]),
    ).toEqual([
      ['idle', -hour / 2, -1_250_000],
      ['serving', hour / 2, 1_250_000],
    ]);
    expect(findCorrections(after, after)).toEqual([]);
  });

  it('with the rows before adds up to the rows after, in time and money, whatever was corrected', () => {
    const split = fc
      .tuple(fc.nat(hour), fc.nat(hour), fc.constantFrom('gpu-0', 'gpu-1'))
      .map(([idle, busy, device]) => [part(idle, { device }), part(busy, { device, ...serving })]);
    fc.assert(
      fc.property(split, split, (recorded, recomputed) => {
        const correction = correctLedgerRows({ rows: recorded, errors: [] }, { rows: recomputed, errors: [] });
        const before = charge(recorded).charges;
        const after = charge(mergeRows([...recorded, ...correction.rows])).charges;
        const all = [...before, ...findCorrections(before, after)];
        const sums = (of: typeof all) => [
          of.reduce((sum, { row }) => sum + row.computeMs, 0),
          of.reduce((sum, { effectiveMicros }) => sum + (effectiveMicros ?? 0), 0),
        ];
        expect(sums(all)).toEqual(sums([...charge(recomputed).charges]));
      }),
    );
  });
});

it.each([
  ['in the month of its hour', hour0 + 40 * hour, null],
  ['after the month of its hour', Date.UTC(2026, 1), 'Correction'],
])('a correction that was found %s has this ChargeClass', (_, correctedAtMs, chargeClass) => {
  const ledger = charge([part(hour)]);
  const corrections = findCorrections(ledger.charges, charge([part(hour / 2)]).charges);
  const parties = { billingAccountId: 'f', billingAccountName: 'f', issuer: 'f' };
  const { rows } = makeFocusRows(
    ledger,
    parties,
    corrections.map((each) => ({ charge: each, correctedAtMs })),
  );
  expect(rows.map(({ ChargeClass, x_Correction }) => [ChargeClass, x_Correction])).toEqual([
    [null, null],
    [chargeClass, 'true'],
  ]);
  expect(rows.reduce((sum, { EffectiveCost }) => sum + (readMoney(EffectiveCost ?? '') ?? NaN), 0)).toBe(1_250_000);
});
