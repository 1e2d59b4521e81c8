import { expect, test } from 'vitest';
import { readByteRate } from './quantity-byte-rate.ts';

test.each([
  ['10MB/s', 10_000_000],
  ['4 MiB / s', 4_194_304],
  ['512B/s', 512],
])('%s is %d bytes a second', (text, bytes) => {
  expect(readByteRate(text)).toEqual({ ok: true, value: bytes });
});

test.each([
  ['10MB', /`10MB\/s`/],
  ['10MB/m', /by the second/],
  ['10M/s', /`10MiB` or `10MB`/],
  ['fast', /time is missing/],
])('%s is refused', (text, hint) => {
  const read = readByteRate(text);
  expect(read.ok ? '' : read.hint).toMatch(hint);
});
