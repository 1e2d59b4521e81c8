import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { liftNumberArrays, placeOf } from './lifted-arrays.ts';
import type { PlimsollError } from '../../core/units/errors.ts';
import { parseInferRequest } from './infer-request.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const lift = (text: string) => {
  const lifted = liftNumberArrays(bytes(text));
  if (lifted === null) return null;
  return {
    json: JSON.parse(new TextDecoder().decode(lifted.bytes)) as unknown,
    arrays: lifted.arrays.map(({ dimensions, values }) => ({ dimensions, values: [...values] })),
  };
};
const padding = `"padding":"${'x'.repeat(64)}"`;

describe('liftNumberArrays', () => {
  test('takes flat and nested arrays out, in order', () => {
    expect(lift(`{${padding},"a":{"data":[1,2]},"b":{ "data" : [ [ 1, 2 ,3] , [4,5,6]] }}`)).toEqual({
      json: { padding: 'x'.repeat(64), a: { data: placeOf(0) }, b: { data: placeOf(1) } },
      arrays: [
        { dimensions: [2], values: [1, 2] },
        { dimensions: [2, 3], values: [1, 2, 3, 4, 5, 6] },
      ],
    });
  });

  test('three levels', () => {
    expect(lift(`{${padding},"data":[[[1],[2]],[[3],[4]],[[5],[6]]]}`)?.arrays).toEqual([
      { dimensions: [3, 2, 1], values: [1, 2, 3, 4, 5, 6] },
    ]);
  });

  test.each([
    ['ragged rows', '"data":[[1,2],[3]]'],
    ['a row short of a level', '"data":[[[1]],[2]]'],
    ['text among numbers', '"data":[1,"a"]'],
    ['an unclosed array', '"data":[1,2'],
    ['an unclosed level', '"data":[[1],[2]'],
    ['an empty array', '"data":[]'],
    ['a backslash in the rest', '"data":[1],"id":"\\u0001" + "0"'],
    ['no array', '"data":1'],
    ['another key', '"datum":[1]'],
  ])('gives up on %s', (_, member) => {
    expect(lift(`{${padding},${member}}`)).toBeNull();
  });

  test('what a string says is not taken out', () => {
    expect(lift(`{${padding},"id":"data","x":[1]}`)).toBeNull();
  });
});

/** A request whose text has every freedom that JSON leaves, valid or not. */
const space = fc.constantFrom('', '', ' ', '\n\t');
const requestText = fc
  .record({
    data: fc.oneof(
      fc.array(
        fc.oneof(
          fc.integer(),
          fc.double({ noNaN: true }),
          fc.constantFrom('1e3', '-0', '9007199254740993', '"NaN"', 'true', 'x'),
        ),
        {
          maxLength: 6,
        },
      ),
      fc.array(fc.array(fc.integer({ min: -9, max: 300 }), { minLength: 1, maxLength: 3 }), { maxLength: 3 }),
    ),
    datatype: fc.constantFrom('FP32', 'FP64', 'FP16', 'INT64', 'UINT64', 'INT8', 'UINT8', 'INT32', 'BOOL', 'BYTES'),
    shape: fc.array(fc.nat(3), { maxLength: 3 }),
    id: fc.constantFrom('"a"', '"data"', '"\\u00010"', '"\\"data\\":[1]"', '"}"'),
    gap: space,
  })
  .map(({ data, datatype, shape, id, gap }) => {
    const items: readonly unknown[] = data;
    const row = (item: unknown): string => (Array.isArray(item) ? `[${item.join(`${gap},`)}]` : String(item));
    const text = `[${items.map(row).join(`,${gap}`)}]`;
    return `{"id":${id},"inputs":[{"name":"x","datatype":"${datatype}","shape":[${shape}],${gap}"data"${gap}:${gap}${text}}]}`;
  });

test('the fast way and the general way give the same tensors and the same errors', () => {
  const outcome = (text: string): unknown => {
    try {
      return parseInferRequest(bytes(text), null);
    } catch (thrown) {
      return (thrown as PlimsollError).code;
    }
  };
  // An escaped character in an ignored member sends a request the general way.
  const general = (text: string): string => text.replace('{"id"', '{"ignored":"\\u0041","id"');
  fc.assert(
    fc.property(requestText, (text) => {
      expect(outcome(text)).toEqual(outcome(general(text)));
    }),
    { numRuns: 3000 },
  );
});
