import { expect, test } from 'vitest';
import { hour0 } from '../../../testing/builders/ledger-builders.ts';
import { priceBook } from '../../../testing/builders/price-builders.ts';
import { pricesAt } from './prices-at.ts';

const price = {
  deviceClass: 'h100',
  purchase: 'on-demand',
  fromMs: 0,
  untilMs: hour0,
  microsPerHour: 3_600_000,
  memory: null,
} as const;
const book = priceBook({
  devices: [
    price,
    { ...price, fromMs: hour0, untilMs: null, microsPerHour: 7_200_000 },
    { ...price, purchase: 'spot', untilMs: null, microsPerHour: 1_800_000 },
  ],
  discounts: [{ deviceClass: null, basisPoints: 1_000, fromMs: hour0, untilMs: null }],
  pools: { cheap: 'spot' },
  lateRequest: 0.002,
});

test('prices of a second by class, as the pool buys and as of the time', () => {
  expect(pricesAt(book, 'gpus', hour0 - 1)).toEqual({
    currency: 'EUR',
    acceleratorSecond: { h100: 0.001 },
    lateRequest: 0.002,
  });
  expect(pricesAt(book, 'gpus', hour0)?.acceleratorSecond['h100']).toBeCloseTo(0.0018, 12);
  expect(pricesAt(book, 'cheap', hour0)?.acceleratorSecond['h100']).toBeCloseTo(0.000_45, 12);
});

test('a book without a price for the time says nothing', () => {
  expect(pricesAt(priceBook({ devices: [price] }), 'gpus', hour0)).toBeNull();
});
