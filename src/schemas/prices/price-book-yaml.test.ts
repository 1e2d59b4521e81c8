import { expect, it } from 'vitest';
import { yamlOf, type YamlValue } from '../../protocols/yaml-text/yaml.ts';
import { writtenPrices } from './price-book-yaml.ts';
import { readPriceBook } from './read-price-book.ts';

it.each([
  'currency: EUR\naccelerators: { default: 2.50/h }\nlateRequest: 0.002\n',
  `currency: EUR
source: a list
split: even
devices:
  - { class: h100, price: 2.50/h, from: 2026-01-01, until: 2026-07-01, memory: { gb: 80, price: 0.005/h } }
  - { class: h100, purchase: spot, price: 24/d, from: 2026-01-01T06:00:00Z }
cores: [{ price: 0.04/h, from: 2026-01-01 }]
commitments: [{ id: c1, class: h100, devices: 2, from: 2026-01-01, until: 2027-01-01, upfront: 8760, price: 0.5/h }]
discounts: [{ percent: 12.5, from: 2026-02-01 }, { class: h100, percent: 5, from: 2026-02-01 }]
pools: { cheap: spot }
lateRequest: 0.002
`,
])('what is written is read as the same book', (text) => {
  const book = readPriceBook(text, 'prices.yaml');
  const written = yamlOf(writtenPrices(book) as YamlValue);
  expect(readPriceBook(written, 'prices.yaml')).toEqual(book);
  expect(written.includes('accelerators')).toBe(text.includes('accelerators'));
});
