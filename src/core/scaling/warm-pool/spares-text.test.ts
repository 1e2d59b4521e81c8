import { expect, it } from 'vitest';
import { formatSpares } from './spares-text.ts';

const counts = { wanted: 2, free: 1, starting: 1 };

it.each([
  [
    { ...counts, takenLastDay: 5, pricePerHour: { micros: 3_600_000, currency: 'USD' } },
    '2 wanted: 1 warm, 1 loading; 5 taken in the last day; 3.60 USD an hour',
  ],
  [
    { ...counts, takenLastDay: 0, pricePerHour: null },
    '2 wanted: 1 warm, 1 loading; 0 taken in the last day; price unknown',
  ],
  [counts, '2 wanted: 1 warm, 1 loading; unknown how many were taken in the last day; price unknown'],
])('%j reads: %s', (spares, text) => {
  expect(formatSpares(spares)).toBe(text);
});
