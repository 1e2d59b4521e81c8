import { describe, expect, it } from 'vitest';
import { PlimsollError } from '../../core/units/errors.ts';
import { readPriceBook } from './read-price-book.ts';

const head = 'currency: EUR\nsource: list of 2026-11-01\n';
const read = (text: string) => readPriceBook(head + text, 'prices.yaml');
const failed = (text: string): { message: string; next: string | undefined } => {
  try {
    read(text);
  } catch (error) {
    if (error instanceof PlimsollError) return { message: error.message, next: error.next };
  }
  throw new Error('it was read');
};

describe('a price book', () => {
  it('is read into whole millionths an hour and wall milliseconds', () => {
    const book = read(`
devices:
  - { class: h100, price: 2.50/h, from: 2026-01-01, until: 2026-07-01, memory: { gb: 80, price: 0.005/h } }
  - { class: h100, price: 0.0007/s, from: 2026-07-01, currency: EUR }
  - { class: h100, purchase: spot, price: 24/d, from: 2026-01-01 }
cores: [{ price: 0.04/h, from: 2026-01-01 }]
commitments: [{ id: c1, class: h100, devices: 2, from: 2026-01-01, until: 2027-01-01, upfront: 8760, price: 0.5/h }]
discounts: [{ percent: 12.5, from: 2026-02-01 }]
pools: { cheap: spot }
lateRequest: 0.002
`);
    expect(book.devices.map(({ microsPerHour }) => microsPerHour)).toEqual([2_500_000, 2_520_000, 1_000_000]);
    expect(book.devices[0]).toMatchObject({
      fromMs: Date.UTC(2026, 0),
      untilMs: Date.UTC(2026, 6),
      memory: { gb: 80, microsPerGbHour: 5_000 },
    });
    expect(book).toMatchObject({
      split: 'by-price',
      cores: [{ microsPerHour: 40_000, untilMs: null }],
      commitments: [{ upfrontMicros: 8_760_000_000, microsPerHour: 500_000, devices: 2 }],
      discounts: [{ basisPoints: 1_250, deviceClass: null }],
      pools: { cheap: 'spot' },
      lateRequest: 0.002,
    });
  });

  it.each([
    [
      'a hole in time',
      'devices: [{ class: a, price: 1/h, from: 2026-01-01, until: 2026-02-01 }, { class: a, price: 2/h, from: 2026-03-01 }]',
      '`devices[1]`: a, on-demand has no price from 2026-02-01 to 2026-03-01',
      'add a price for that time',
    ],
    [
      'two prices at one time',
      'cores: [{ price: 1/h, from: 2026-01-01 }, { price: 2/h, from: 2026-03-01 }]',
      '`cores[1]`: cores, on-demand has two prices from 2026-03-01 on',
      'write `until: 2026-03-01` at cores[0]',
    ],
    [
      'two currencies',
      'devices: [{ class: a, price: 1/h, from: 2026-01-01, currency: USD }]',
      '`devices[0]`: the price is in USD, and the book in EUR',
      'write the price in EUR',
    ],
    [
      'a price below zero',
      'devices: [{ class: a, price: -1/h, from: 2026-01-01 }]',
      '`devices[0]`: the price is -1, below zero',
      'write a price of 0 or more',
    ],
    [
      'a discount of 110%',
      'discounts: [{ percent: 110, from: 2026-01-01 }]',
      '`discounts[0]`: a discount of 110%',
      'percent: 10',
    ],
    [
      'a commitment that ends before it begins',
      'commitments: [{ id: c, class: a, devices: 1, from: 2026-02-01, until: 2026-01-01 }]',
      'c ends before it begins',
      'write `until` after `from`',
    ],
    ['an unknown key', 'device: []', 'did you mean `devices`?', 'docs/cost.md'],
    [
      'another form of price',
      'cores: [{ price: 3, from: 2026-01-01 }]',
      '`cores.0.price`: expected an amount per time',
      'docs/',
    ],
    ['no day', 'cores: [{ price: 3/h, from: soon }]', '`cores.0.from`: expected a day', 'docs/'],
  ])('%s is refused with what, where and what to do', (_, text, message, next) => {
    const error = failed(text);
    expect(error.message).toMatch(/^prices\.yaml: /);
    expect(error.message).toContain(message);
    expect(error.next).toContain(next);
  });
});
