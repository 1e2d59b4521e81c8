import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { leastMost, readNumberRow } from './number-rows.ts';

/** The numbers of the row, or null when the reader gave up. */
function read(text: string, room = 1000): number[] | null {
  const bytes = new TextEncoder().encode(text);
  const out = new Float64Array(room);
  const end = { at: 1, count: 0, long: false, most: leastMost };
  if (!readNumberRow(bytes, out, end)) return null;
  expect(end.at).toBe(bytes.length);
  expect(end.most).toBe(Math.max(leastMost, ...out.subarray(0, end.count).map(Math.abs)));
  return [...out.subarray(0, end.count)];
}

const digit = fc.constantFrom(...'0123456789');
const digits = (min: number, max: number) => fc.string({ unit: digit, minLength: min, maxLength: max });
/** Anything that JSON calls a number, mostly of the lengths where rounding is hard. */
const numberText = fc
  .tuple(
    fc.constantFrom('', '-'),
    fc.oneof(
      fc.constant('0'),
      fc.tuple(fc.constantFrom(...'123456789'), digits(0, 19)).map((parts) => parts.join('')),
    ),
    fc.oneof(
      fc.constant(''),
      digits(1, 25).map((text) => `.${text}`),
    ),
    fc.oneof(
      { weight: 3, arbitrary: fc.constant('') },
      { weight: 1, arbitrary: fc.integer({ min: -45, max: 45 }).map((e) => `e${e}`) },
    ),
  )
  .map((parts) => parts.join(''));

describe('readNumberRow', () => {
  test('whatever it answers is what JSON.parse answers, to the bit', () => {
    let answered = 0;
    fc.assert(
      fc.property(fc.array(numberText, { minLength: 1, maxLength: 5 }), (numbers) => {
        const text = `[${numbers.join(',')}]`;
        const values = read(text);
        if (values === null) return;
        answered += 1;
        expect(values).toEqual(JSON.parse(text));
      }),
      { numRuns: 20_000 },
    );
    expect(answered).toBeGreaterThan(1000);
  });

  test('every double that a program prints is read back as itself, and hardly any is given up', () => {
    let givenUp = 0;
    const values = fc.oneof(
      fc.float({ noNaN: true, noDefaultInfinity: true, min: Math.fround(1e-15), max: Math.fround(1e15) }),
      fc
        .double({ noNaN: true, noDefaultInfinity: true, min: -1e15, max: 1e15 })
        .filter((value) => Math.abs(value) > 1e-15),
    );
    fc.assert(
      fc.property(values, (value) => {
        const read1 = read(`[${value}]`);
        if (read1 === null) givenUp += 1;
        else expect(Object.is(read1[0], value)).toBe(true);
      }),
      { numRuns: 20_000 },
    );
    expect(givenUp).toBeLessThan(100);
  });

  test('halfway cases round to even or are given up, never to the wrong side', () => {
    // 2^53 + 1 lies exactly between two doubles; so does its tenth of a decimal shift.
    for (const text of [
      '9007199254740993',
      '9007199254740995',
      '900719925474099.3',
      '9007199254740993.0',
      '0.1234567890123456789',
    ]) {
      expect([null, JSON.parse(text)]).toContainEqual(read(`[${text}]`)?.[0] ?? null);
    }
  });

  test.each(['[1]', '[-0]', '[ 1 ,\n2\t,\r3 ]', '[0.5,1e3,1E+3,5e-3]', '[1234567890123456]'])('reads %j', (text) => {
    expect(read(text)).toEqual(JSON.parse(text));
  });

  test.each([
    '[]',
    '[,1]',
    '[1,]',
    '[01]',
    '[-]',
    '[+1]',
    '[.5]',
    '[1.]',
    '[1e]',
    '[1e+]',
    '[1 2]',
    '[1',
    '[1x]',
    '["1"]',
    '[true]',
    '[[1]]',
    '[NaN]',
    '[- 1]',
    '[1e1000]',
    '[0x1]',
  ])('gives up on %j', (text) => {
    expect(read(text)).toBeNull();
  });

  test('gives up when there is no room', () => {
    expect(read('[1,2,3]', 2)).toBeNull();
  });
});
