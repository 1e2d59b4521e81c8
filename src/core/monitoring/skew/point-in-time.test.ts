import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readTimeMs, rowAsOf, type TimedRow } from './point-in-time.ts';

const at = (atMs: number): TimedRow => ({ atMs, row: { value: atMs } });

it('gives the newest row that is not after the time, and not too old', () => {
  const history = [at(10), at(20), at(30)];
  const value = (atMs: number, maxAgeMs: number | null = null) => rowAsOf(history, atMs, maxAgeMs)?.['value'] ?? null;
  expect([9, 10, 19, 20, 29, 30, 1_000].map((atMs) => value(atMs))).toEqual([null, 10, 10, 20, 20, 30, 30]);
  expect([25, 26, 35, 36].map((atMs) => value(atMs, 5))).toEqual([20, null, 30, null]);
  expect(rowAsOf([], 5, null)).toBeNull();
});

it('is what a look at every row gives', () => {
  const times = fc.uniqueArray(fc.integer({ min: 0, max: 60 }), { maxLength: 20 });
  fc.assert(
    fc.property(times, fc.integer({ min: -1, max: 70 }), fc.option(fc.nat(30)), (atTimes, asOf, maxAge) => {
      const valid = atTimes.filter((time) => time <= asOf && (maxAge === null || asOf - time <= maxAge));
      const expected = valid.length === 0 ? null : { value: Math.max(...valid) };
      expect(rowAsOf(atTimes.toSorted((a, b) => a - b).map(at), asOf, maxAge)).toEqual(expected);
    }),
  );
});

const noon = Date.UTC(2026, 10, 28, 12);
it.each([
  ['2026-11-28T12:00:00Z', noon],
  ['2026-11-28 12:00:00', noon],
  ['2026-11-28 12:00', noon],
  ['2026-11-28 14:00:00+02:00', noon],
  ['2026-11-28T07:00:00-0500', noon],
  ['2026-11-28 12:00:00.123456+00:00', noon + 123],
  ['2026-11-28', Date.UTC(2026, 10, 28)],
  [noon / 1_000, noon],
  [noon, noon],
  [noon * 1_000, noon],
  [BigInt(noon) * 1_000_000n, noon],
  ['yesterday', null],
  ['2026-13-01', null],
  ['2026-11-28T25:00:00Z', null],
  ['', null],
  [-1, null],
  [Number.NaN, null],
  [1e30, null],
  [true, null],
  [null, null],
])('reads %s as a time', (value, expected) => expect(readTimeMs(value)).toBe(expected));
