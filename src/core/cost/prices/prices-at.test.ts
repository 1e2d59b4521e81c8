import { expect, test } from 'vitest';
import { hour0 } from '../../../testing/builders/cost/ledger-builders.ts';
import { priceBook } from '../../../testing/builders/cost/price-builders.ts';
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

const at = (pool: string, atMs: number) => ({ pool, atMs, classes: [] });

test('prices of a second by class, as the pool buys and as of the time', () => {
  expect(pricesAt(book, at('gpus', hour0 - 1))).toEqual({
    currency: 'EUR',
    acceleratorSecond: { h100: 0.001 },
    coreSecond: 0.04 / 3_600,
    lateRequest: 0.002,
  });
  expect(pricesAt(book, at('gpus', hour0))?.acceleratorSecond['h100']).toBeCloseTo(0.0018, 12);
  expect(pricesAt(book, at('cheap', hour0))?.acceleratorSecond['h100']).toBeCloseTo(0.000_45, 12);
});

test('a book without a price for the time says nothing', () => {
  expect(pricesAt(priceBook({ devices: [price], cores: [] }), at('gpus', hour0))).toBeNull();
});

test('a class of the pool stands by its digest as well, unless the book has a price of that', () => {
  const classes = [{ digest: 'sha256:1', text: 'h100, capability 9.0, 80 GiB' }];
  const ask = { pool: 'gpus', atMs: hour0 - 1, classes };
  expect(pricesAt(book, ask)?.acceleratorSecond).toEqual({ h100: 0.001, 'sha256:1': 0.001 });
  const both = priceBook({ devices: [price, { ...price, deviceClass: 'sha256:1', microsPerHour: 7_200_000 }] });
  expect(pricesAt(both, ask)?.acceleratorSecond).toEqual({ h100: 0.001, 'sha256:1': 0.002 });
});
