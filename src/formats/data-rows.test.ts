import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, digestOfBytes } from '../core/units/digest.ts';
import { PlimsollError } from '../core/units/errors.ts';
import {
  canonicalRow,
  dataFormatOf,
  dataRows,
  summarizeData,
  type DataFormat,
  type RunningDigest,
} from './data-rows.ts';
import { inflate } from '../prove/files/inflate.ts';
import { dataFileOf, type DataFile } from './data-file.ts';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** The file in pieces of `size` bytes. */
const inPieces = (bytes: Uint8Array, size = 7) =>
  async function* pieces(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.slice(at, at + size));
  };

function runningDigest(): RunningDigest {
  let text = '';
  return { update: (more) => void (text += more), digest: () => digestOfBytes(bytesOf(text)) };
}

const pieces = (bytes: Uint8Array, size?: number): DataFile => ({
  ...dataFileOf('rows', bytes, inflate),
  chunks: inPieces(bytes, size),
});
const rowsOf = async (text: string | Uint8Array, format: DataFormat, size?: number) => {
  const rows = [];
  for await (const row of dataRows(pieces(typeof text === 'string' ? bytesOf(text) : text, size), format))
    rows.push(row);
  return rows;
};
const summaryOf = (text: string, format: DataFormat) =>
  summarizeData(dataRows(pieces(bytesOf(text)), format), runningDigest());
const refusal = async (text: string | Uint8Array, format: DataFormat): Promise<string> => {
  try {
    await summarizeData(dataRows(pieces(typeof text === 'string' ? bytesOf(text) : text), format), runningDigest());
  } catch (thrown) {
    if (thrown instanceof PlimsollError && thrown.code === 'data-invalid') return thrown.message;
    throw thrown;
  }
  return 'accepted';
};

describe('JSON lines', () => {
  it('are rows with the line they stand on, whatever the pieces and the line ends', async () => {
    const text = '\uFEFF{"a": 1}\r\n\n  {"a": [0, 0.5], "é": "\u{1F6A2}"}\n{"a": null}';
    for (const size of [1, 2, 3, 1000]) {
      expect(await rowsOf(text, 'json-lines', size)).toEqual([
        { line: 1, row: { a: 1 } },
        { line: 3, row: { a: [0, 0.5], é: '\u{1F6A2}' } },
        { line: 4, row: { a: null } },
      ]);
    }
  });

  it.each([
    ['{"a": 1}\n{"a": }\n', 'line 2, column 7: not JSON: expected a value, and there is "}"'],
    ['{"a": 1,}', 'line 1, column 9: not JSON: expected a key in double quotes, and there is "}"'],
    ["{'a': 1}", `line 1, column 2: not JSON: expected a key in double quotes, and there is "'"`],
    ['{"a" 1}', 'line 1, column 6: not JSON: expected a colon, and there is "1"'],
    ['{"a": [1 2]}', 'line 1, column 10: not JSON: expected a comma or ], and there is "2"'],
    ['{"a": [1, 2', 'line 1, column 12: not JSON: expected a comma or ], and the line ends'],
    ['{"a": "b', 'line 1, column 9: not JSON: expected the closing double quote, and the line ends'],
    ['{"a": "\\x"}', 'line 1, column 8: not JSON: expected an escape that JSON has, and there is "\\\\"'],
    ['{"a": 01}', 'line 1, column 8: not JSON: expected a comma or }, and there is "1"'],
    ['{"a": NaN}', 'line 1, column 7: not JSON: expected a value, and there is "N"'],
    ['{} {}', 'line 1, column 4: not JSON: expected the end of the line, and there is "{"'],
    ['[1, 2]', 'line 1, column 1: a row is a JSON object, as {"image": [0, 0.5], "label": 3}, and this is a list'],
    ['null', 'line 1, column 1: a row is a JSON object, as {"image": [0, 0.5], "label": 3}, and this is null'],
    [
      '{"s": "12345678901234567890", "a": 12345678901234567890}',
      'line 1, column 36: the integer 12345678901234567890 is beyond 2^53, where JSON numbers lose their last digits',
    ],
    [
      '{"a": 1234567890123456, "b": [12345678901234567]}',
      'line 1, column 31: the integer 12345678901234567 is beyond 2^53, where JSON numbers lose their last digits',
    ],
    ['{"a": 1e999}', 'line 1, column 1: a number beyond what 64-bit floats hold'],
    [`{"a": ${'['.repeat(10_000)}${']'.repeat(10_000)}}`, 'line 1, column 1: values nested more than 32 deep'],
  ])('refuse %s', async (text, message) => {
    expect(await refusal(text, 'json-lines')).toBe(message);
  });

  it('take long decimals, and integers up to 2^53', async () => {
    expect(
      await refusal('{"a": 0.12345678901234567, "b": 9007199254740991, "c": 1.2345678901234567e10}', 'json-lines'),
    ).toBe('accepted');
  });

  it('refuse what is not UTF-8, with its place', async () => {
    const text = Uint8Array.from([...bytesOf('{"a": 1}\n{"a": "é'), 0xff, ...bytesOf('"}\n')]);
    expect(await refusal(text, 'json-lines')).toBe('line 2, column 9: not UTF-8 text');
  });

  it('report the place where the engine too finds the fault, for any text', async () => {
    const json = fc.json().map((text) => `{"a":${text}}`);
    const broken = fc
      .tuple(json, fc.nat(60), fc.constantFrom('', '}', '"', ',', '[', 'x', '0', ':', '\\'))
      .map(([text, at, insert]) => text.slice(0, at) + insert + text.slice(at + 1));
    await fc.assert(
      fc.asyncProperty(broken, async (text) => {
        fc.pre(!/[\n\r]/.test(text));
        const message = await refusal(text, 'json-lines');
        let engine = 'fine';
        try {
          JSON.parse(text);
        } catch {
          engine = 'wrong';
        }
        if (engine === 'wrong' && text.trim() !== '') expect(message).toMatch(/not JSON: expected [^J]/);
        else expect(message).not.toMatch(/not JSON/);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('CSV', () => {
  it('is rows of typed values, with quotes, commas and line ends inside cells', async () => {
    const text = 'id,name,share,ok,image,code\r\n1,"a, ""b""\nc",0.5,true,"[0, 0.25]",007\n2,,,false,"[1, 1]",12\n';
    expect(await rowsOf(text, 'csv')).toEqual([
      { line: 2, row: { id: 1, name: 'a, "b"\nc', share: 0.5, ok: true, image: [0, 0.25], code: '007' } },
      { line: 4, row: { id: 2, name: '', share: null, ok: false, image: [1, 1], code: '12' } },
    ]);
  });

  it('keeps long integers exact as text', async () => {
    expect(await rowsOf('id\n12345678901234567890\n1\n', 'csv')).toEqual([
      { line: 2, row: { id: '12345678901234567890' } },
      { line: 3, row: { id: '1' } },
    ]);
  });

  it.each([
    ['a,b\n1\n', 'line 2, column 1: 1 cells, and the header names 2 columns'],
    ['a,b\n1,2\n1,2,3\n', 'line 3, column 1: 3 cells, and the header names 2 columns'],
    ['a,a\n1,2\n', 'line 1, column 1: the header names the column a twice'],
    ['a,\n1,2\n', 'line 1, column 2: column 2 of the header has no name'],
    ['a\n"b\nc\n', 'line 2, column 1: a quote that is opened in this record is never closed'],
    ['a\n"b"c\n', 'line 2, column 4: a quoted cell that goes on after its closing quote'],
    ['a\nb"c"\n', 'line 2, column 2: a quote inside a cell that does not begin with one'],
  ])('refuses %j', async (text, message) => {
    expect(await refusal(text, 'csv')).toBe(message);
  });

  it('gives back any cells that were written by its rules', async () => {
    const cell = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', ' ', '1', 'é') });
    const table = fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 5 });
    const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
    await fc.assert(
      fc.asyncProperty(table, fc.integer({ min: 1, max: 20 }), async (rows, size) => {
        const line = (row: readonly string[]) => row.map((text) => quoted(`~${text}`)).join(',');
        const text = `x,y\n${rows.map(line).join('\n')}\n`;
        expect((await rowsOf(text, 'csv', size)).map(({ row }) => [row['x'], row['y']])).toEqual(
          rows.map((row) => [`~${row[0]}`, `~${row[1]}`]),
        );
      }),
    );
  });
});

describe('the summary', () => {
  it('digests the content and not the container', async () => {
    const expected = digestOfBytes(bytesOf('{"a":1,"b":"x"}\n{"a":0.5,"b":"y"}\n'));
    const forms: readonly (readonly [string, DataFormat])[] = [
      ['{"a":1,"b":"x"}\n{"a":0.5,"b":"y"}\n', 'json-lines'],
      ['\n{ "b": "x", "a": 1.0 }\r\n{"b":"\\u0079","a":5e-1}', 'json-lines'],
      ['a,b\n1,x\n0.5,y\n', 'csv'],
      ['"b","a"\r\n"x",1\r\ny,0.5', 'csv'],
    ];
    for (const [text, format] of forms) expect((await summaryOf(text, format)).digest).toBe(expected);
    for (const text of [
      '{"a":1,"b":"x"}\n',
      '{"a":0.5,"b":"y"}\n{"a":1,"b":"x"}\n',
      '{"a":"1","b":"x"}\n{"a":0.5,"b":"y"}',
    ]) {
      expect((await summaryOf(text, 'json-lines')).digest).not.toBe(expected);
    }
  });

  it('tells the type of every column', async () => {
    const rows = [
      {
        i: 1,
        n: 1,
        t: 'a',
        b: true,
        list: [0, 1],
        ragged: [1],
        deep: [
          [1, 2],
          [3, 4],
        ],
        o: { k: 1 },
        m: 1,
        some: 1,
        e: [],
      },
      {
        i: 2,
        n: 0.5,
        t: 'b',
        b: false,
        list: [0, 0.5],
        ragged: [],
        deep: [
          [1, 2],
          [3, 4],
        ],
        o: {},
        m: 'x',
        some: null,
        e: [],
      },
      {
        i: 3,
        n: 2,
        t: '',
        b: true,
        list: [1, 1],
        ragged: [1, 2],
        deep: [
          [1, 2],
          [3, 4],
        ],
        o: {},
        m: [1],
        late: 'here',
        e: [],
      },
    ];
    const { columns, rows: count } = await summaryOf(rows.map((row) => JSON.stringify(row)).join('\n'), 'json-lines');
    expect(count).toBe(3);
    expect(Object.fromEntries(columns.map(({ name, type }) => [name, type]))).toEqual({
      i: 'integer',
      n: 'number',
      t: 'text',
      b: 'boolean',
      list: 'number[2]',
      ragged: 'integer[]',
      deep: 'integer[2,2]',
      o: 'object',
      m: 'mixed',
      some: 'integer?',
      late: 'text?',
      e: 'null[0]',
    });
  });

  it('writes rows as canonical JSON does', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const row = JSON.parse(JSON.stringify(value)) as Record<string, unknown>;
        expect(canonicalRow(row)).toBe(canonicalJson(row));
      }),
    );
  });
});

it('tells formats by the ending of a name', () => {
  expect(['a.jsonl', 'b.NDJSON', 'c.csv', 'd.json', 'csv', 'e.csv.gz'].map(dataFormatOf)).toEqual([
    'json-lines',
    'json-lines',
    'csv',
    null,
    null,
    null,
  ]);
});
