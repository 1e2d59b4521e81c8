import { describe, expect, it } from 'vitest';
import { priceBook } from '../../../testing/builders/cost/price-builders.ts';
import { choosePoolBooks, type StatedBook } from './pool-books.ts';
import type { PriceBook } from './price-book.ts';

const [device] = priceBook().devices;
if (device === undefined) throw new Error('the book has no device');
const stated = (from: string, book: StatedBook['book'], over: Partial<StatedBook> = {}): StatedBook => ({
  ...{ pool: 'gpus', from, book, classes: [] },
  ...over,
});
const dearer = priceBook({ devices: [{ ...device, microsPerHour: 3_000_000 }] });
const problemsOf = (...of: Parameters<typeof choosePoolBooks>) =>
  choosePoolBooks(...of).problems.map(({ pool, kind }) => `${pool} ${kind}`);

describe('choosePoolBooks', () => {
  it('takes the book of records before that of contracts', () => {
    const { books, problems } = choosePoolBooks(
      [stated('the record of prod', dearer)],
      [stated('a in prod', priceBook())],
    );
    expect(books).toEqual(new Map([['gpus', dearer]]));
    expect(problems).toEqual([]);
  });

  it('takes books that differ in the late request, in source or in the order of entries for the same', () => {
    const spot = { ...device, purchase: 'spot', microsPerHour: 1 } as const;
    const one = priceBook({ devices: [device, spot] });
    const other: PriceBook = { ...one, devices: [spot, device], lateRequest: 2, source: 'another list' };
    expect(choosePoolBooks([], [stated('a', one), stated('b', other)])).toEqual({
      books: new Map([['gpus', one]]),
      problems: [],
    });
  });

  it.each([
    ['two contracts', [], [stated('a', priceBook()), stated('b', dearer)], ['gpus two-books']],
    ['two records', [stated('a', priceBook()), stated('b', dearer)], [stated('c', dearer)], ['gpus two-books']],
    [
      'a contract that cannot be read',
      [],
      [stated('a', priceBook()), stated('b', { unreadable: 'no' })],
      ['gpus unreadable'],
    ],
    ['a record, and such a contract', [stated('r', dearer)], [stated('b', { unreadable: 'no' })], []],
    ['two pools', [stated('a', priceBook()), stated('b', dearer, { pool: 'other' })], [], []],
  ] as const)('says of %s what is wrong', (_, records, contracts, problems) => {
    expect(problemsOf(records, contracts)).toEqual(problems);
  });

  it('names the product of a digest, and refuses two prices of one product', () => {
    const classes = ['1', '2'].map((digest) => ({ digest, text: `h100, driver ${digest}` }));
    const of = (first: number, second: number): PriceBook =>
      priceBook({
        devices: [
          { ...device, deviceClass: '1', microsPerHour: first },
          { ...device, deviceClass: '2', microsPerHour: second },
        ],
      });
    const { books } = choosePoolBooks([stated('r', of(5, 5), { classes })], []);
    expect(books.get('gpus')?.devices).toEqual([{ ...device, microsPerHour: 5 }]);
    expect(problemsOf([stated('r', of(5, 6), { classes })], [])).toEqual(['gpus two-prices']);
  });
});
