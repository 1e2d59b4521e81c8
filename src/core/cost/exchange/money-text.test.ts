import fc from 'fast-check';
import { expect, test } from 'vitest';
import { moneyText, readMoney } from './money-text.ts';

test.each([
  ['1.5', 1_500_000],
  ['-0.000001', -1],
  ['12', 12_000_000],
  ['1e-6', 1],
  ['0.0000005', 1],
  ['0.00000049', 0],
  ['-0', 0],
  ['1,5', null],
  ['', null],
  ['NaN', null],
  ['1e30', null],
])('%j is %j millionths', (text, micros) => {
  expect(readMoney(text)).toBe(micros);
});

test('text and money are the same, without a double between them', () => {
  expect(moneyText(9_007_199_254_740_991)).toBe('9007199254.740991');
  fc.assert(
    fc.property(fc.maxSafeInteger(), (micros) => {
      expect(readMoney(moneyText(micros))).toBe(micros);
    }),
  );
});
