import { expect, test } from 'vitest';
import { UseBook } from './use-book.ts';

const at = (monotonicMs: number) => ({ recorder: 'a', monotonicMs, wallMs: monotonicMs });
const read = (claim: string, totalMs: number | null) => ({ claim, device: 'cpu-0', totalMs });

test('what counters grew by is recorded; one that went back or cannot be read records nothing and is never negative', () => {
  const book = new UseBook();
  expect(book.take([read('r1', 500), read('r2', 0)], at(0))).toEqual([]);
  expect(book.take([read('r1', 1_500), read('r2', 0)], at(60))).toMatchObject([
    { kind: 'use-measured', claim: 'r1', fromMonotonicMs: 0, usedMs: 1_000 },
    { claim: 'r2', usedMs: 0 },
  ]);
  // The first went back, the second cannot be read.
  expect(book.take([read('r1', 20), read('r2', null)], at(120))).toEqual([]);
  expect(book.take([read('r1', 50), read('r2', 40)], at(180))).toMatchObject([
    { claim: 'r1', fromMonotonicMs: 120, usedMs: 30 },
    { claim: 'r2', fromMonotonicMs: 60, usedMs: 40 },
  ]);
});

test('a replica that is gone is forgotten, and amounts that are none are left out', () => {
  const book = new UseBook();
  book.take([read('r1', 500)], at(0));
  expect(book.knows('r1')).toBe(true);
  book.take([read('r2', NaN), read('r3', -1)], at(60));
  expect([book.knows('r1'), book.knows('r2'), book.knows('r3')]).toEqual([false, false, false]);
});
