import { describe, expect, it } from 'vitest';
import { priceBook } from '../../../testing/builders/cost/price-builders.ts';
import { digestOf } from '../../units/digest.ts';
import { pricesDigest, priceTexts } from './price-texts.ts';
import { asPriceBook, bookOfShort, isShortBook } from './short-prices.ts';

const short = (perSecond: number, lateRequest: number | null = null) => ({
  ...{ currency: 'EUR', acceleratorSecond: { default: perSecond }, lateRequest },
});

describe('the short form as a book', () => {
  it('has the digest that the short form had', () => {
    const before = { 'prices.currency': 'EUR', 'prices.accelerators.default': '2.50/h', 'prices.lateRequest': '0.002' };
    expect(pricesDigest(bookOfShort(short(2.5 / 3_600, 0.002)))).toBe(digestOf(before));
    // 100 a day has no end in decimals.
    const endless = { 'prices.currency': 'EUR', 'prices.accelerators.default': '4.16666666667/h' };
    expect(pricesDigest(bookOfShort(short(100 / 86_400)))).toBe(digestOf(endless));
  });

  it('is what an earlier record says, and a book stays what it is', () => {
    const book = asPriceBook(short(2.5 / 3_600));
    expect([isShortBook(book), isShortBook(priceBook())]).toEqual([true, false]);
    expect(book.devices).toMatchObject([
      { deviceClass: 'default', microsPerHour: 2_500_000, fromMs: 0, untilMs: null },
    ]);
    expect(asPriceBook(book)).toBe(book);
  });
});

it('says each part of a book under a key of its own', () => {
  const fromMs = Date.UTC(2026, 0);
  const valid = { fromMs, untilMs: Date.UTC(2027, 0) };
  const book = priceBook({
    devices: [
      { deviceClass: 'h100', purchase: 'spot', microsPerHour: 1e6, memory: { gb: 80, microsPerGbHour: 5e3 }, ...valid },
    ],
    commitments: [{ id: 'c1', deviceClass: 'h100', devices: 8, upfrontMicros: 5e6, microsPerHour: 9e5, ...valid }],
    discounts: [{ deviceClass: null, basisPoints: 500, fromMs, untilMs: null }],
    pools: { cheap: 'spot' },
  });
  expect(priceTexts(book)).toEqual({
    'prices.currency': 'EUR',
    'prices.split': 'even',
    'prices.devices.h100 spot from 2026-01-01 until 2027-01-01': '1.00/h, memory 80 GB at 0.005/h',
    'prices.cores on-demand from 1970-01-01': '0.04/h',
    'prices.commitments.c1': '8 h100 from 2026-01-01 until 2027-01-01, 5.00 upfront, 0.90/h',
    'prices.discounts.1': '5% of all from 2026-01-01',
    'prices.pools.cheap': 'spot',
  });
});
