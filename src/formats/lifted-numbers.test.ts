import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asPlimsollError } from '../core/units/errors.ts';
import { jsonLinesRowLists, jsonLinesRows } from './json-lines.ts';
import { liftNumbers, numberColumnsOf } from './lifted-numbers.ts';

async function* pieces(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  const memory = new Uint8Array(size);
  for (let at = 0; at < bytes.length; at += size) {
    // As files are read: the memory of a piece is used again for the next.
    const piece = bytes.subarray(at, at + size);
    memory.set(piece);
    yield await Promise.resolve(memory.subarray(0, piece.length));
  }
}

const plain = (value: unknown): unknown => (value instanceof Float64Array ? Array.from(value) : value);

/** Rows until the end or the error; lists taken at once, since they do not last. */
async function lifted(text: string, columns: readonly string[], size: number): Promise<unknown[]> {
  const read: unknown[] = [];
  try {
    for await (const rows of jsonLinesRowLists(pieces(text, size), columns)) {
      for (const { line, row } of rows)
        read.push([line, Object.entries(row).map(([name, value]) => [name, plain(value)])]);
    }
  } catch (thrown) {
    const { code, message, details } = asPlimsollError(thrown);
    read.push({ code, message, details });
  }
  return read;
}

/** The oracle: every row by JSON.parse. */
async function parsed(text: string, size: number): Promise<unknown[]> {
  const read: unknown[] = [];
  try {
    for await (const { line, row } of jsonLinesRows(pieces(text, size))) read.push([line, Object.entries(row)]);
  } catch (thrown) {
    const { code, message, details } = asPlimsollError(thrown);
    read.push({ code, message, details });
  }
  return read;
}

const number = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.integer().map(String),
  fc.constantFrom(
    '0',
    '-0',
    '0.5',
    '1e3',
    '1E-5',
    '9007199254740991',
    '9007199254740993',
    '-12345678901234567890',
    '1e400',
  ),
  fc.constantFrom('01', '.5', '+1', 'NaN', '1.', '"1"', 'null', '[1]', ''),
);
const space = fc.constantFrom('', '', '', ' ', '\t', '  ');
const list = fc
  .tuple(
    fc.array(fc.oneof({ weight: 6, arbitrary: number }, { weight: 60, arbitrary: fc.constantFrom('0', '0.25', '7') }), {
      maxLength: 12,
    }),
    space,
  )
  .map(([numbers, gap]) => `[${numbers.join(`${gap},${gap}`)}${gap}]`);
const key = fc.constantFrom('"x"', '"x"', '"x"', '"y"', '"label"', '":"', '","', '"\\u0078"', '"é"');
const value: fc.Arbitrary<string> = fc.oneof(
  { weight: 5, arbitrary: list },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '3',
      '"[1,2]"',
      '"x"',
      '":[1,2]"',
      '"a\\"x\\":[1]"',
      '{"x":[1,2]}',
      '{"y":[]}',
      'true',
      '12345678901234567',
      '"é\u0001"',
    ),
  },
);
const row = fc
  .array(fc.tuple(key, space, value), { maxLength: 4 })
  .map((members) => `{${members.map(([name, gap, text]) => `${name}${gap}:${gap}${text}`).join(',')}}`);
const line = fc.oneof(
  { weight: 12, arbitrary: row },
  { weight: 1, arbitrary: fc.constantFrom('', '  ', '[{"x":[1]}]', 'null', '{"x":[1]') },
);

describe('lists of numbers read from the bytes', () => {
  it('give the rows, the order of columns, and the errors of JSON.parse, whatever the lines', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { maxLength: 12 }),
        fc.constantFrom('\n', '\r\n'),
        fc.integer({ min: 1, max: 200 }),
        async (lines, lineEnd, size) => {
          const text = lines.join(lineEnd);
          expect(await lifted(text, ['x', 'y', ':', ',', 'é'], size)).toEqual(await parsed(text, size));
        },
      ),
      { numRuns: 3_000 },
    );
  });

  it('hand out a file of many long rows in order, no list longer than 64 rows, with every number', async () => {
    const rows = Array.from({ length: 300 }, (_, at) => ({
      x: Array.from({ length: 500 }, (_n, n) => (at * n) / 7),
      at,
    }));
    const text = rows.map((one) => JSON.stringify(one)).join('\n');
    const read: unknown[] = [];
    for await (const list of jsonLinesRowLists(pieces(text, 1 << 20), ['x'])) {
      expect(list.length).toBeLessThanOrEqual(64);
      expect(list.every(({ row: { x } }) => x instanceof Float64Array)).toBe(true);
      read.push(...list.map(({ row: { x, at } }) => ({ x: plain(x), at })));
    }
    expect(read).toEqual(rows);
  });

  it('take a row with more numbers than rows usually share room for', async () => {
    const x = Array.from({ length: 100_000 }, (_, at) => at % 10);
    const text = `${JSON.stringify({ x: [1] })}\n${JSON.stringify({ x })}`;
    expect(await lifted(text, ['x'], 1 << 20)).toEqual([
      [1, [['x', [1]]]],
      [2, [['x', x]]],
    ]);
  });

  it.each([
    ['{"x": [1, 2], "label": 3}', [1, 2]],
    ['{ "x" : [0,0,0.5 ] }', [0, 0, 0.5]],
    ['{"x": [9007199254740991]}', null],
    ['{"x": [0.1234567890123456]}', [0.1234567890123456]],
    ['{"x": []}', null],
    ['{"x": [[1]]}', null],
    ['{"m": {"x": [1]}}', null],
    ['{"x": [1], "x": [2]}', null],
    ['{"x": [1], "x": []}', null],
    ['{"x": [1], "text": "a\\n"}', null],
    ['{"x": [1], "id": 12345678901234567}', null],
  ])('%s is lifted or left', (text, expected) => {
    const found = liftNumbers(new TextEncoder().encode(text), numberColumnsOf(['x']), new Float64Array(50), 0);
    expect(found === null ? null : plain(found.row['x'])).toEqual(expected);
  });

  it('leave columns alone whose name JSON writes otherwise, or that objects take for their own', () => {
    expect(numberColumnsOf(['x', 'a"b', '\n', '__proto__']).map(({ name }) => name)).toEqual(['x']);
  });
});
