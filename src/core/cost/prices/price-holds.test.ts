import { expect, it } from 'vitest';
import type { DeviceLayout } from '../ledger/fact.ts';
import { priceHolds, type PricedDevice } from './price-holds.ts';
import type { PriceBook } from './price-book.ts';
import { bookOfShort } from './short-prices.ts';

const book: PriceBook = {
  ...bookOfShort({ currency: 'USD', acceleratorSecond: { gpu: 4 / 3_600 }, lateRequest: null }),
  cores: [{ purchase: 'on-demand', fromMs: 0, untilMs: null, microsPerHour: 100_000 }],
};
const layouts: Readonly<Record<string, DeviceLayout>> = {
  whole: { kind: 'whole' },
  half: { kind: 'shared', sharing: 'mps', shares: 2 },
  mig: { kind: 'mig', instances: [] },
  cores: { kind: 'cores', cores: 8 },
};
const deviceOf = (name: string): PricedDevice | null => {
  const layout = layouts[name];
  return layout === undefined ? null : { pool: 'local', deviceClass: name === 'cores' ? 'cpu' : 'gpu', layout };
};

it.each([
  [[{ device: 'whole', slot: 'whole' }], 4_000_000],
  [[{ device: 'half', slot: '1' }], 2_000_000],
  [[{ device: 'cores', milliCores: 500 }], 50_000],
  [
    [
      { device: 'whole', slot: 'whole' },
      { device: 'cores', milliCores: 500 },
    ],
    4_050_000,
  ],
  [[{ device: 'mig', slot: 'a' }], null],
  [[{ device: 'gone', slot: 'whole' }], null],
  [[{ device: 'whole', milliCores: 500 }], null],
  [[], 0],
])('%j cost %j an hour', (holds, micros) => {
  expect(priceHolds(holds, deviceOf, book, 0)).toBe(micros);
});

it('knows no price where the book has none', () => {
  const cores = [{ device: 'cores', milliCores: 500 }];
  expect(priceHolds(cores, deviceOf, { ...book, cores: [] }, 0)).toBeNull();
});
