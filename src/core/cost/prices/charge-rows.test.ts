import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hour, hour0 } from '../../../testing/builders/cost/ledger-builders.ts';
import { priceBook, pricedRow } from '../../../testing/builders/cost/price-builders.ts';
import type { LedgerRow } from '../ledger/row.ts';
import { chargeRows } from './charge-rows.ts';
import type { PriceBook } from './price-book.ts';

const [row, book] = [pricedRow, priceBook];
const costs = (rows: readonly LedgerRow[], prices: PriceBook | null) =>
  chargeRows(rows, prices).charges.map(({ effectiveMicros }) => effectiveMicros);
const commitment = {
  id: 'c1',
  deviceClass: 'h100',
  devices: 2,
  fromMs: hour0,
  untilMs: hour0 + 3 * hour,
  upfrontMicros: 10,
  microsPerHour: 1_000_000,
};

describe('chargeRows', () => {
  test('a device of an hour costs its price, split by both accounts', () => {
    const rows = [
      row({ claim: 'a', computeMs: hour / 4, memoryMs: hour / 2 }),
      row({ claim: 'b', computeMs: (3 * hour) / 4, memoryMs: hour / 2 }),
    ];
    expect(costs(rows, book())).toEqual([937_500, 1_562_500]);
    expect(costs(rows, book({ split: 'compute-slices' }))).toEqual([625_000, 1_875_000]);
    expect(costs(rows, book({ split: 'memory-slices' }))).toEqual([1_250_000, 1_250_000]);
  });

  test('by price: the memory account carries the price of the memory', () => {
    const memory = { gb: 80, microsPerGbHour: 12_500 };
    const [price] = book().devices;
    if (price === undefined) throw new Error('no price');
    const priced = book({ split: 'by-price', devices: [{ ...price, memory }] });
    // 2.50 for the device and 1.00 for 80 GB.
    const rows = [row({ claim: 'a', computeMs: hour, memoryMs: 0 }), row({ claim: 'b', computeMs: 0, memoryMs: hour })];
    expect(costs(rows, priced)).toEqual([2_500_000, 1_000_000]);
  });

  test('without a book, and of a class without a price, there is no money, and no 0', () => {
    expect(costs([row()], null)).toEqual([null]);
    expect(costs([row({ deviceClass: 'b200' })], book())).toEqual([null]);
    expect(costs([row({ pool: 'cheap' })], book({ pools: { cheap: 'spot' } }))).toEqual([null]);
  });

  test('the default price is for classes without one; cores have a price of their own', () => {
    const [price] = book().devices;
    if (price === undefined) throw new Error('no price');
    const prices = book({ devices: [price, { ...price, deviceClass: 'default', microsPerHour: 7 }] });
    expect(costs([row({ deviceClass: 'b200' })], prices)).toEqual([7]);
    expect(costs([row({ unit: 'core', computeMs: 4 * hour, memoryMs: 4 * hour })], prices)).toEqual([160_000]);
  });

  test('discounts leave the list cost as it is', () => {
    const discounts = [
      { fromMs: 0, untilMs: null, deviceClass: null, basisPoints: 1_000 },
      { fromMs: 0, untilMs: null, deviceClass: 'h100', basisPoints: 500 },
      { fromMs: hour0 + hour, untilMs: null, deviceClass: null, basisPoints: 5_000 },
    ];
    // 2.50 * 0.90 * 0.95
    expect(chargeRows([row()], book({ discounts })).charges[0]).toMatchObject({
      listMicros: 2_500_000,
      contractedMicros: 2_137_500,
      effectiveMicros: 2_137_500,
    });
  });

  test('a commitment pays for its devices; what it pays for and nobody has is unused and owned by nobody', () => {
    const { charges, unused } = chargeRows([row()], book({ commitments: [commitment] }));
    // 10 upfront over 3 hours: 3, 3 and 4; the first hour has 3, and 2.00 for two devices.
    expect(charges[0]).toMatchObject({ listMicros: 2_500_000, effectiveMicros: 1_000_002 });
    expect(unused).toEqual([
      { hourMs: hour0, commitment: 'c1', deviceClass: 'h100', unusedMs: hour, micros: 1_000_001 },
    ]);
  });

  test('devices beyond a commitment cost their price, in order of their name', () => {
    const rows = ['gpu-2', 'gpu-0', 'gpu-1'].map((device) => row({ device }));
    const { charges, unused } = chargeRows(rows, book({ commitments: [commitment] }));
    expect(charges.map(({ row: { device }, effectiveMicros }) => [device, effectiveMicros])).toEqual([
      ['gpu-0', 1_000_002],
      ['gpu-1', 1_000_001],
      ['gpu-2', 2_500_000],
    ]);
    expect(unused).toEqual([]);
  });

  test('a class that only a commitment prices has money as far as it is covered, and none beyond', () => {
    const prices = book({ devices: [], commitments: [{ ...commitment, devices: 1 }] });
    expect(chargeRows([row()], prices).charges[0]).toMatchObject({ listMicros: null, effectiveMicros: 1_000_003 });
    expect(costs([row({ device: 'a' }), row({ device: 'b' })], prices)).toEqual([1_000_003, null]);
    const half = { ...commitment, devices: 1, untilMs: hour0 + hour / 2 };
    expect(costs([row()], book({ devices: [], commitments: [half] }))).toEqual([null]);
  });

  test('two commitments do not pay for one device twice', () => {
    const commitments = ['c1', 'c2'].map((id) => ({ ...commitment, id, devices: 1, upfrontMicros: 0 }));
    const { charges, unused } = chargeRows([row()], book({ commitments }));
    expect(charges[0]?.effectiveMicros).toBe(1_000_000);
    expect(unused).toMatchObject([{ commitment: 'c2', unusedMs: hour, micros: 1_000_000 }]);
  });

  test('all hours of a commitment add up to what was paid', () => {
    const rows = [0, 1, 2].map((index) => row({ hourMs: hour0 + index * hour }));
    const { charges, unused } = chargeRows(rows, book({ commitments: [commitment] }));
    const paid = [...charges.map(({ effectiveMicros }) => effectiveMicros ?? 0), ...unused.map(({ micros }) => micros)];
    expect(paid.reduce((sum, micros) => sum + micros, 0)).toBe(10 + 3 * 2 * 1_000_000);
  });

  test('charges add up to the cost of the device, to the millionth, whatever the rows are', () => {
    const part = fc.nat(1_000_000);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(part, part), { minLength: 1, maxLength: 8 }),
        fc.nat(50_000_000),
        fc.constantFrom('even', 'compute-slices', 'memory-slices', 'by-price'),
        (parts, microsPerHour, split) => {
          const rows = parts.map(([computeMs, memoryMs], index) => row({ claim: `r${index}`, computeMs, memoryMs }));
          const existedMs = parts.reduce((sum, [computeMs]) => sum + computeMs, 0);
          const memory = { gb: 3, microsPerGbHour: 1_000 };
          const price = { deviceClass: 'h100', purchase: 'on-demand', fromMs: 0, untilMs: null, memory } as const;
          const prices = book({ split, devices: [{ ...price, microsPerHour }] });
          const sum = costs(rows, prices).reduce<number>((all, micros) => all + (micros ?? 0), 0);
          expect(sum).toBe(Number((BigInt(microsPerHour + 3_000) * BigInt(existedMs)) / 3_600_000n));
        },
      ),
    );
  });
});
