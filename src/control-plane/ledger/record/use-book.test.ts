import { expect, test } from 'vitest';
import { UseBook } from './use-book.ts';

const at = (monotonicMs: number) => ({ recorder: 'a', monotonicMs, wallMs: monotonicMs });
const read = (claim: string, totalMs: number | null) => ({ claim, device: 'cpu-0', totalMs });
const both = ['r1', 'r2'];

test('what counters grew by is recorded; one that went back or cannot be read records nothing and is never negative', () => {
  const book = new UseBook();
  book.read([read('r1', 500), read('r2', 0)], at(0));
  expect(book.take(both)).toEqual([]);
  book.read([read('r1', 1_500), read('r2', 0)], at(60));
  expect(book.take(both)).toMatchObject([
    { kind: 'use-measured', claim: 'r1', fromMonotonicMs: 0, usedMs: 1_000 },
    { claim: 'r2', usedMs: 0 },
  ]);
  // The first went back, the second cannot be read.
  book.read([read('r1', 20), read('r2', null)], at(120));
  expect(book.take(both)).toEqual([]);
  book.read([read('r1', 50), read('r2', 40)], at(180));
  expect(book.take(both)).toMatchObject([
    { claim: 'r1', fromMonotonicMs: 120, usedMs: 30 },
    { claim: 'r2', fromMonotonicMs: 60, usedMs: 40 },
  ]);
});

test('readings between two records are kept, also those before a counter went back, and each counts once', () => {
  const book = new UseBook();
  book.read([read('r1', 100)], at(0));
  book.read([read('r1', 300)], at(10));
  book.read([read('r1', 700)], at(20));
  // A worker ended with its count.
  book.read([read('r1', 50)], at(30));
  book.read([read('r1', 60)], at(40));
  expect(book.take(['r1'])).toMatchObject([
    { fromMonotonicMs: 0, at: at(20), usedMs: 600 },
    { fromMonotonicMs: 30, at: at(40), usedMs: 10 },
  ]);
  expect(book.take(['r1'])).toEqual([]);
});

test('a replica that ends has its use up to the last reading, and is forgotten', () => {
  const book = new UseBook();
  book.read([read('r1', 500)], at(0));
  book.read([read('r1', 900)], at(10));
  expect(book.knows('r1')).toBe(true);
  expect(book.end(['r1', 'never-read'])).toMatchObject([{ claim: 'r1', at: at(10), usedMs: 400 }]);
  expect([book.knows('r1'), book.take(['r1'])]).toEqual([false, []]);
});

test('amounts that are none are left out', () => {
  const book = new UseBook();
  book.read([read('r2', NaN), read('r3', -1)], at(60));
  expect([book.knows('r2'), book.knows('r3')]).toEqual([false, false]);
});
