import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonCursor, JsonCursorError } from './json-cursor.ts';

const cursorOver = (text: string): JsonCursor => new JsonCursor(new TextEncoder().encode(text));
const pass = (text: string): 'passed' | JsonCursorError => {
  const cursor = cursorOver(text);
  try {
    cursor.skip();
    cursor.end();
    return 'passed';
  } catch (thrown) {
    if (thrown instanceof JsonCursorError) return thrown;
    throw thrown;
  }
};

describe('the JSON cursor', () => {
  it('steps over every sound JSON, however it is spaced', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 8 }), fc.constantFrom(undefined, 1, '\t'), (value, space) => {
        expect(pass(JSON.stringify(value, null, space))).toBe('passed');
      }),
    );
  });

  it('passes no value that JSON.parse refuses', () => {
    const word = fc.string({ unit: fc.constantFrom(...'0123456789-+.eEtrufalsn'), minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(word, (text) => {
        const sound = ((): boolean => {
          try {
            JSON.parse(text);
            return true;
          } catch {
            return false;
          }
        })();
        expect(pass(text) === 'passed').toBe(sound);
      }),
      { numRuns: 5_000 },
    );
  });

  it.each([
    ['', 0, /a value is expected/],
    ['[1', 2, /, or ] is expected/],
    ['{"a":1,}', 7, /text in quotes/],
    ['{"a" 1}', 5, /: is expected/],
    ['[01]', 1, /a value is expected/],
    ['"a\nb"', 2, /control character/],
    ['[] []', 3, /something follows/],
  ])('says of %j where it is wrong', (text, offset, message) => {
    const error = pass(text);
    expect(error).toBeInstanceOf(JsonCursorError);
    expect(error).toMatchObject({ offset, message: expect.stringMatching(message) });
  });

  it('reads every text and every whole number as JSON.parse does', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.maxSafeNat(), (text, count) => {
        expect(cursorOver(JSON.stringify(text)).string()).toBe(text);
        expect(cursorOver(` ${count} `).count()).toBe(count);
        expect(cursorOver(`${count}.5`).word()).toBe(`${count}.5`);
      }),
    );
  });
});
