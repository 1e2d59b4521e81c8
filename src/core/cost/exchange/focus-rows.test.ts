import { describe, expect, test } from 'vitest';
import { hour, hour0 } from '../../../testing/builders/cost/ledger-builders.ts';
import { priceBook, pricedRow } from '../../../testing/builders/cost/price-builders.ts';
import { chargeRows } from '../prices/charge-rows.ts';
import { readCsv, writeCsv } from './csv-text.ts';
import { focusColumns, focusMandatoryColumns } from './focus-columns.ts';
import { makeFocusRows } from './focus-rows.ts';
import { readMoney } from './money-text.ts';

const parties = { billingAccountId: 'fleet-1', billingAccountName: 'Fleet, "main"', issuer: 'Example GmbH' };
const commitment = {
  id: 'c1',
  deviceClass: 'h100',
  devices: 2,
  fromMs: hour0,
  untilMs: hour0 + hour,
  upfrontMicros: 7,
  microsPerHour: 1_000_000,
};
const ledger = chargeRows(
  [
    pricedRow({ claim: 'a', state: 'serving', cause: null, computeMs: hour / 3, memoryMs: hour / 3 }),
    pricedRow({ claim: 'b', cause: 'warm-pool', computeMs: hour / 3, memoryMs: hour / 3 }),
    pricedRow({ claim: null, owner: null, state: 'unallocated', computeMs: hour / 3, memoryMs: hour / 3 }),
    pricedRow({ device: 'gpu-9', deviceClass: 'unknown', computeMs: hour }),
  ],
  priceBook({ commitments: [commitment] }),
);

describe('makeFocusRows', () => {
  const { rows, unpricedMs } = makeFocusRows(ledger, parties);

  test('costs add up to the ledger, with the unused commitment, to the millionth', () => {
    const total = rows.reduce((sum, { EffectiveCost }) => sum + (readMoney(EffectiveCost ?? '') ?? NaN), 0);
    expect(total).toBe(2_000_007);
    expect(unpricedMs).toBe(hour);
  });

  test('every mandatory column has a value, but for ChargeClass, which only corrections have', () => {
    for (const row of rows) {
      for (const column of focusMandatoryColumns) {
        if (column === 'ChargeClass') expect(row[column]).toBeNull();
        else expect(row[column], column).toMatch(/./);
      }
    }
  });

  test('a row says what it is of, how it was allocated, and whether the capacity was used', () => {
    expect(rows.find(({ x_State }) => x_State === 'idle')).toMatchObject({
      BillingPeriodStart: '2026-01-01T00:00:00Z',
      BillingPeriodEnd: '2026-02-01T00:00:00Z',
      ChargePeriodEnd: '2026-01-01T01:00:00Z',
      ChargeDescription: 'idle (warm-pool) of ranker in prod',
      ConsumedQuantity: '0.333333333',
      ResourceId: 'gpu-0',
      SubAccountId: 'search',
      x_AllocatedMethodId: 'plimsoll/measured-engine/even',
      x_AllocatedResourceId: 'ranker/prod',
      x_Unused: 'false',
      x_ComputeMs: '1200000',
    });
    expect(rows.map(({ x_Unused }) => x_Unused).sort()).toEqual(['false', 'false', 'true', 'true']);
    expect(rows.at(-1)).toMatchObject({
      CommitmentDiscountStatus: 'Unused',
      ResourceId: 'c1',
      x_ComputeMs: String(hour),
    });
  });

  test('a column is in no place twice, and own ones begin with x_', () => {
    expect(new Set(focusColumns).size).toBe(focusColumns.length);
    expect(focusColumns.filter((column) => /^x_/.test(column))).toHaveLength(15);
    expect(focusMandatoryColumns).toHaveLength(21);
  });

  test('the CSV reads back as it was written', () => {
    const read = readCsv(writeCsv(focusColumns, rows));
    expect(read.map(({ fields }) => fields)).toEqual(rows.map((row) => ({ ...row })));
  });

  test('without prices there is no export', () => {
    expect(() => makeFocusRows(chargeRows([pricedRow()], null), parties)).toThrow('has no prices');
  });
});
