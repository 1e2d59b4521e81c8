import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { exactInteger, parseJson } from './exact-json.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('parseJson', () => {
  test('gives the value, and integers beyond 2^53 exactly when asked', () => {
    const parsed = parseJson(bytes('{"a": [9007199254740993, 1, -18446744073709551615, 1.5]}'), 'it');
    expect(parsed.value).toEqual({ a: [9007199254740992, 1, -18446744073709552000, 1.5] });
    expect(parsed.exact()).toEqual({ a: [9007199254740993n, 1, -18446744073709551615n, 1.5] });
  });

  test.each([
    ['', 'json-empty'],
    ['{', 'json-invalid'],
    ['[NaN]', 'json-non-finite'],
    ['[1, -Infinity]', 'json-non-finite'],
    ['["NaN" 1]', 'json-invalid'],
    ['{"a":1} trailing', 'json-invalid'],
    ['[1,]', 'json-invalid'],
  ])('%j is %s', (text, code) => {
    expect(() => parseJson(bytes(text), 'it')).toThrow(expect.objectContaining({ code, category: 'input' }) as Error);
  });

  test('invalid UTF-8 is an error, not a replacement character', () => {
    expect(() => parseJson(Uint8Array.of(0x22, 0xff, 0x22), 'it')).toThrow(/not valid UTF-8/);
  });

  test('64 levels are read, 65 and 10,000 are refused before they are parsed', () => {
    const nested = (depth: number): Uint8Array => bytes('['.repeat(depth) + ']'.repeat(depth));
    expect(parseJson(nested(64), 'it').value).toBeInstanceOf(Array);
    for (const depth of [65, 10_000, 5_000_000]) expect(() => parseJson(nested(depth), 'it')).toThrow(/deeper than 64/);
    expect(() => parseJson(bytes('{"a":'.repeat(10_000)), 'it')).toThrow(/deeper than 64/);
  });

  const many = 100_001;
  test.each([
    ['members', `{${Array.from({ length: many }, (_, n) => `"k${n}":1`).join()}}`],
    ['arrays', `{"inputs":[${'[],'.repeat(many)}1]}`],
    ['objects that close nothing', `[${'{},'.repeat(many)}`],
    ['all three', `[${'{"a":[]},'.repeat(Math.ceil(many / 3))}1]`],
  ])('more than 100,000 %s are refused before they are parsed', (_, text) => {
    expect(() => parseJson(bytes(text), 'it')).toThrow(expect.objectContaining({ code: 'json-too-many' }) as Error);
  });

  test('a million numbers, and a million colons in text, are fine', () => {
    const text = `{"data":[${'1,'.repeat(1_000_000)}1],"text":"${'a:'.repeat(1_000_000)}"}`;
    expect(parseJson(bytes(text), 'it').value).toMatchObject({ text: expect.any(String) as string });
  });

  test('many brackets that are not deep, or stand in strings, are fine', () => {
    const wide = `[${Array(1000).fill('[[1],{}]').join(',')}]`;
    expect(parseJson(bytes(wide), 'it').value).toHaveLength(1000);
    const text = JSON.stringify(['[{'.repeat(1000), 'a\\"['.repeat(100), '\\']);
    expect(parseJson(bytes(text), 'it').value).toEqual(JSON.parse(text));
  });

  test('agrees with JSON.parse wherever both answer', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 20 }), (text) => {
        expect(parseJson(bytes(text), 'it').value).toEqual(JSON.parse(text));
      }),
    );
  });
});

describe('exactInteger', () => {
  test.each([
    ['9007199254740993', 9007199254740993n],
    ['-9223372036854775808', -9223372036854775808n],
    ['1e20', 100000000000000000000n],
    ['1.5e1', 15n],
    ['1200e-2', 12n],
    ['0.0', 0n],
    ['-0', 0n],
    ['1.5', null],
    ['1e-1', null],
    ['1e400', null],
    ['12e-1', null],
  ])('%s is %s', (source, expected) => {
    expect(exactInteger(source)).toBe(expected);
  });

  test('is the number itself for every 64-bit integer', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }), (value) => {
        expect(exactInteger(`${value}`)).toBe(value);
      }),
    );
  });
});
