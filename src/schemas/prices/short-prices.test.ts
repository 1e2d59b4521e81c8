import { describe, expect, it } from 'vitest';
import { digest } from '../../testing/builders/evidence-builders.ts';
import { acceleratorSecondOf, pricedTerms, type Prices } from '../../core/cost/priced-terms.ts';
import { pricesAt } from '../../core/cost/prices/prices-at.ts';
import { readPriceBook } from './read-price-book.ts';

const [cpu, gpu] = [digest('cpu'), digest('gpu')];
const read = (text: string): Prices => {
  const prices = pricesAt(readPriceBook(text, 'prices.yaml'), { pool: 'local', atMs: 1, classes: [] });
  if (prices === null) throw new Error('the book has no price');
  return prices;
};
const on = (...classes: readonly string[]) => ({ classes, cores: null });

describe('prices', () => {
  it('are amounts per time by device class, the dearest of several', () => {
    const prices = read(`currency: EUR\naccelerators: { default: 3.60/h, '${gpu}': 0.002/s }\nlateRequest: 0.01\n`);
    expect(prices).toMatchObject({ currency: 'EUR', lateRequest: 0.01 });
    expect(acceleratorSecondOf(prices, on())).toBeCloseTo(0.001, 12);
    expect(acceleratorSecondOf(prices, on(cpu))).toBeCloseTo(0.001, 12);
    expect(acceleratorSecondOf(prices, on(cpu, gpu))).toBeCloseTo(0.002, 12);
    expect(pricedTerms(prices, on(gpu))).toEqual({ acceleratorSecondPrice: 0.002, lateRequestPrice: 0.01 });
  });

  it('of 0, and of a class that has none, are as not stated', () => {
    const stated = { acceleratorSecondPrice: 1, lateRequestPrice: 0 };
    expect(pricedTerms(read('currency: EUR\naccelerators: { default: 0/h }\n'), on(cpu))).toEqual(stated);
    const other = read(`currency: EUR\naccelerators: { '${gpu}': 1/h }\n`);
    expect(acceleratorSecondOf(other, on(cpu))).toBeNull();
    expect(pricedTerms(other, on(cpu))).toEqual(stated);
    expect(pricedTerms(null, on())).toEqual(stated);
  });

  it.each([
    ['currency: EUR\naccelerators: { default: -1/h }\n', '`accelerators.default`: a price is not below zero'],
    ['currency: EUR\naccelerators: { default: 2 }\n', 'an amount per time such as `2.50/h`'],
    ['currency: EUR\naccelerators: { default: 2/fortnight }\n', 'an amount per time such as `2.50/h`'],
    ['currency: EUR\naccelerators: {}\n', 'at least `default`'],
    ['currency: EUR\naccelerators: { h100: 2/h }\n', 'the digest of a device class'],
    ['currency: euro\naccelerators: { default: 2/h }\n', 'three capital letters'],
    ['currency: EUR\naccelerator: { default: 2/h }\n', 'did you mean `accelerators`?'],
    ['currency: EUR\naccelerators: { default: 2/h }\nlateRequest: -1\n', '`lateRequest`: a price is not below zero'],
    ['{', 'it is not YAML'],
    ['', 'the file'],
  ])('%j are refused, with what is wrong', (text, said) => {
    expect(() => read(text)).toThrow(said);
    expect(() => read(text)).toThrow(/^prices\.yaml: /);
  });
});
