import { brotliCompressSync, deflateRawSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it, vi } from 'vitest';
import { PlimsollError } from '../../core/units/errors.ts';
import { inflate } from '../../prove/files/inflate.ts';
import {
  dataPage,
  dictionaryPage,
  joinBytes,
  list,
  long,
  int,
  parquetFile,
  run,
  schemaElement,
  secondPage,
  struct,
  varint,
  zigzag,
  type ParquetColumn,
} from '../../testing/builders/files/parquet-encoder.ts';
import { dataFileOf } from '../data-file.ts';
import { parquetRows } from './parquet-rows.ts';
import { ReadingBudget } from './reading-budget.ts';

const rowsAtMost = 3;

/** What the reader says: the first rows, or its refusal. Files here would never end where they were believed. */
async function readBegin(bytes: Uint8Array): Promise<unknown> {
  const rows: unknown[] = [];
  try {
    for await (const { row } of parquetRows(dataFileOf('bomb.parquet', bytes, inflate))) {
      rows.push(row);
      if (rows.length === rowsAtMost) break;
    }
  } catch (thrown) {
    if (thrown instanceof PlimsollError && thrown.code === 'data-invalid') {
      return thrown.next === undefined ? 'no next step' : thrown.message;
    }
    throw thrown;
  }
  return rows;
}

const numbers = (...values: readonly number[]): Uint8Array => new Uint8Array(Int32Array.from(values).buffer);
const textCell = (length: number): Uint8Array => joinBytes(numbers(length), new Uint8Array(length).fill(97));
const column = (facts: Partial<ParquetColumn> & Pick<ParquetColumn, 'pages' | 'values'>): ParquetColumn => ({
  name: 'x',
  type: 'INT32',
  ...facts,
});
const fileOf = (facts: Partial<ParquetColumn> & Pick<ParquetColumn, 'pages' | 'values'>, rows = facts.values) =>
  parquetFile({ columns: [column(facts)], rows });
const dictionary = dictionaryPage({ values: 2, body: numbers(7, 9) });

describe('files of the builder', () => {
  it('are read where they do not lie', async () => {
    expect(await readBegin(fileOf({ pages: [dataPage({ values: 3, body: numbers(1, 2, 3) })], values: 3 }))).toEqual([
      { x: 1 },
      { x: 2 },
      { x: 3 },
    ]);
    const coded = dataPage({ values: 3, encoding: 'RLE_DICTIONARY', body: joinBytes(varint(1), run(3, 1)) });
    expect(await readBegin(fileOf({ pages: [dictionary, coded], values: 3, hasDictionary: true }))).toEqual([
      { x: 9 },
      { x: 9 },
      { x: 9 },
    ]);
  });
  it.each([
    ['GZIP', gzipSync],
    ['GZIP', deflateRawSync],
    ['ZSTD', zstdCompressSync],
    ['BROTLI', brotliCompressSync],
  ] as const)('are read through %s, of both versions of pages', async (codec, pack) => {
    const body = new Uint8Array(pack(numbers(4, 5)));
    const facts = { values: 2, body, unpackedBytes: 8 };
    for (const page of [dataPage(facts), secondPage(facts)]) {
      expect(await readBegin(fileOf({ pages: [page], values: 2, codec }))).toEqual([{ x: 4 }, { x: 5 }]);
    }
  });
});

describe('what pages of a file unpack to in all', () => {
  it('is at most a gigabyte and a thousand times the bytes of the file', () => {
    const page = 256 * 1024 ** 2;
    const budget = new ReadingBudget(page / 1_000);
    for (let pages = 0; pages < 5; pages += 1) budget.addUnpacked(page);
    expect(() => budget.addUnpacked(1)).toThrow('unpacks to more than 1342177281 bytes');
  });

  it('is counted before a page is unpacked', async () => {
    const added = vi.spyOn(ReadingBudget.prototype, 'addUnpacked');
    const body = new Uint8Array(zstdCompressSync(numbers(4, 5)));
    const page = dataPage({ values: 2, body, unpackedBytes: 8 });
    await readBegin(fileOf({ pages: [page], values: 2, codec: 'ZSTD' }));
    expect(added.mock.calls).toEqual([[8]]);
    added.mockRestore();
  });
});

describe('bombs', () => {
  const oneByte = Uint8Array.of(0);
  /** A page of `values` of an encoding, in a file that claims as many. */
  const encoded = (encoding: 'DELTA_BINARY_PACKED' | 'DELTA_BYTE_ARRAY', values: number, body: Uint8Array) =>
    fileOf({ type: encoding === 'DELTA_BYTE_ARRAY' ? 'BYTE_ARRAY' : 'INT32', pages: [dataPage({ values, encoding, body })], values }); // prettier-ignore
  const deltas = (block: number, parts: number, values: number, ...rest: readonly Uint8Array[]) =>
    joinBytes(varint(block), varint(parts), varint(values), ...rest);
  /** `values` times the same number, in a handful of bytes. */
  const constant = (values: number, value: number): Uint8Array => {
    const blocks = Math.ceil((values - 1) / 1_048_576);
    const block = joinBytes(zigzag(0), Uint8Array.of(0));
    return deltas(1_048_576, 1, values, zigzag(value), ...Array.from({ length: blocks }, () => block));
  };

  it.each<[string, () => Uint8Array, RegExp]>([
    [
      'a run of a billion indices in a page of three values',
      () =>
        fileOf({
          pages: [dictionary, dataPage({ values: 3, encoding: 'RLE_DICTIONARY', body: joinBytes(varint(1), run(1e9, 1)) })], // prettier-ignore
          values: 3,
          hasDictionary: true,
        }),
      /a run claims 1000000000 values, and 3 are left/,
    ],
    [
      'packed groups without bits that never end',
      () =>
        fileOf({
          pages: [
            dictionary,
            secondPage({ values: 3, encoding: 'RLE_DICTIONARY', body: joinBytes(oneByte, varint(0x7fffffff)) }),
          ],
          values: 3,
          hasDictionary: true,
        }),
      /a run claims \d+ values/,
    ],
    [
      'a run of definition levels beyond the page',
      () => {
        const levels = run(500_000_000, 1);
        const body = joinBytes(numbers(levels.length), levels, numbers(1, 2, 3));
        return fileOf({ pages: [dataPage({ values: 3, body })], values: 3, isOptional: true });
      },
      /a run claims 500000000 values/,
    ],
    [
      'blocks of deltas that lead back to where they are',
      () => encoded('DELTA_BINARY_PACKED', 3, deltas(2 ** 32 - 2, 1, 3, zigzag(0), zigzag(0), Uint8Array.of(8), new Uint8Array(64))), // prettier-ignore
      /blocks of 4294967294 deltas|larger than any page/,
    ],
    [
      'blocks of deltas in no parts',
      () => encoded('DELTA_BINARY_PACKED', 3, deltas(128, 0, 3, zigzag(0), new Uint8Array(64))),
      /in 0 parts/,
    ],
    [
      'a number of a million bytes',
      () => encoded('DELTA_BINARY_PACKED', 3, deltas(128, 4, 3, new Uint8Array(1_000_000).fill(255))),
      /more than 64 bits/,
    ],
    [
      'texts that repeat the one before, a terabyte in all',
      () => {
        const [values, long] = [1_000_000, 1_000_000];
        const block = 1_048_576;
        const same = (value: number, count: number) => new Uint8Array(new Int32Array(count).fill(value).buffer);
        // Prefixes 0, then `long` for each of the others; suffixes `long`, then nothing.
        const head = (first: number, least: number) => deltas(block, 1, values, zigzag(first), zigzag(least), Uint8Array.of(32)); // prettier-ignore
        const prefixes = joinBytes(head(0, 0), same(long, 1), same(0, block - 1));
        const suffixes = joinBytes(head(long, -long), same(0, 1), same(long, block - 1));
        return encoded('DELTA_BYTE_ARRAY', values, joinBytes(prefixes, suffixes, new Uint8Array(long)));
      },
      /texts of one page have more than 268435456 bytes/,
    ],
    [
      'texts that repeat more than the one before has',
      () => encoded('DELTA_BYTE_ARRAY', 3, joinBytes(constant(3, 2_000_000_000), constant(3, 0))),
      /repeats more than there is/,
    ],
    [
      'a page of zstd that unpacks to more than it claims',
      () => {
        const body = new Uint8Array(zstdCompressSync(new Uint8Array(50_000_000)));
        return fileOf({ pages: [dataPage({ values: 2, body, unpackedBytes: 8 })], values: 2, codec: 'ZSTD' });
      },
      /claims to unpack to 8 bytes/,
    ],
    [
      'a page of gzip that unpacks to more than it claims',
      () => {
        const body = new Uint8Array(gzipSync(new Uint8Array(50_000_000)));
        return fileOf({ pages: [dataPage({ values: 2, body, unpackedBytes: 8 })], values: 2, codec: 'GZIP' });
      },
      /claims to unpack to 8 bytes/,
    ],
    [
      'a page of snappy that claims another length inside',
      () => {
        const body = joinBytes(varint(4_000_000_000), Uint8Array.of(0, 0));
        return fileOf({ pages: [dataPage({ values: 2, body, unpackedBytes: 8 })], values: 2, codec: 'SNAPPY' });
      },
      /claims to unpack to 8 bytes/,
    ],
    [
      'billions of rows in many pages of runs',
      () => {
        const page = dataPage({ values: 16_000_000, encoding: 'RLE_DICTIONARY', body: joinBytes(varint(1), run(16_000_000, 1)) }); // prettier-ignore
        return fileOf({ pages: [dictionary, ...Array.from({ length: 200 }, () => page)], values: 3_200_000_000, hasDictionary: true }); // prettier-ignore
      },
      /claims 3200000000 values, and at most \d+ are read/,
    ],
    [
      'one long text of a dictionary in each of a million rows',
      () => {
        const text = dictionaryPage({ values: 1, body: textCell(1_000_000) });
        const page = dataPage({ values: 4_000_000, encoding: 'RLE_DICTIONARY', body: joinBytes(varint(1), run(4_000_000, 0)) }); // prettier-ignore
        return fileOf({ type: 'BYTE_ARRAY', pages: [text, page], values: 4_000_000, hasDictionary: true });
      },
      /bytes of texts/,
    ],
    [
      'ten million texts of no length',
      () => {
        const body = new Uint8Array(zstdCompressSync(new Uint8Array(40_000_000)));
        return fileOf({ type: 'BYTE_ARRAY', pages: [dataPage({ values: 10_000_000, body, unpackedBytes: 40_000_000 })], values: 10_000_000, codec: 'ZSTD' }); // prettier-ignore
      },
      /cells in memory at once/,
    ],
    [
      'a page that says that it unpacks to 300 MiB',
      () =>
        fileOf({ pages: [dataPage({ values: 1, body: oneByte, unpackedBytes: 300 * 1024 ** 2 })], values: 1, codec: 'ZSTD' }), // prettier-ignore
      /claims 314572800 bytes, and at most 268435456 are read/,
    ],
  ])('refuses %s', async (_what, make, message) => {
    const found = await readBegin(make());
    expect(typeof found === 'string' ? found : 'ok').toMatch(message);
  });

  it('refuses indices without a dictionary, and beyond it', async () => {
    const coded = (value: number) =>
      dataPage({ values: 3, encoding: 'RLE_DICTIONARY', body: joinBytes(varint(8), run(3, value)) });
    expect(await readBegin(fileOf({ pages: [coded(1)], values: 3 }))).toMatch(/dictionary that is not there/);
    expect(await readBegin(fileOf({ pages: [dictionary, coded(200)], values: 3, hasDictionary: true }))).toMatch(
      /fewer values than it claims/,
    );
  });
});

describe('directories that lie', () => {
  const page = dataPage({ values: 2, body: numbers(1, 2) });
  const honest = column({ pages: [page], values: 2 });

  it('refuses a row group without its columns, which would be rows of nulls for ever', async () => {
    const file = parquetFile({ columns: [honest], rows: 4e15, groups: [{ columns: [], rows: 4e15 }] });
    expect(await readBegin(file)).toMatch(/row group 1 of 1 in bomb.parquet has no column x/);
  });
  it('refuses a column twice, and more rows than a column has values', async () => {
    const twice = parquetFile({ columns: [honest], rows: 2, groups: [{ columns: [0, 0], rows: 2 }] });
    expect(await readBegin(twice)).toMatch(/has 2 columns, and its directory names 1/);
    const tall = parquetFile({ columns: [honest], rows: 9, groups: [{ columns: [0], rows: 9 }] });
    expect(await readBegin(tall)).toMatch(/claims 9 rows, and a column with 2 values/);
    expect(await readBegin(parquetFile({ columns: [honest], rows: -1 }))).toMatch(/claims -1 rows/);
  });
  it('refuses row groups that all claim the same bytes', async () => {
    const groups = Array.from({ length: 1_000 }, () => ({ columns: [0], rows: 2 }));
    const large = column({ pages: [dataPage({ values: 2, body: new Uint8Array(1_000_000) })], values: 2 });
    expect(await readBegin(parquetFile({ columns: [large], rows: 2_000, groups }))).toMatch(
      /columns .* claim \d+ bytes/,
    );
  });
  it('refuses columns that are nested without end, and more columns than there are', async () => {
    const nested = Array.from({ length: 5_000 }, (_, n) =>
      schemaElement(`c${n}`, n < 4_999 ? { children: 1 } : { type: 1 }),
    );
    expect(await readBegin(parquetFile({ columns: [honest], rows: 2, schema: nested }))).toMatch(
      /nested deeper than 64/,
    );
    const claimed = [schemaElement('a', { children: 2_000_000_000 }), schemaElement('b', { type: 1 })];
    expect(await readBegin(parquetFile({ columns: [honest], rows: 2, schema: claimed }))).toMatch(
      /claims 2000000000 columns/,
    );
    const many = Array.from({ length: 20_000 }, (_, n) => schemaElement(`c${n}`, { type: 1 }));
    expect(await readBegin(parquetFile({ columns: [honest], rows: 2, schema: many }))).toMatch(
      /more than 10000 columns/,
    );
  });
  it('refuses a directory of millions of empty structures, of lists within lists, and of endless numbers', async () => {
    const file = (directory: Uint8Array) => parquetFile({ columns: [honest], rows: 2, directory });
    const empty = new Uint8Array(9_000_000);
    const millions = struct(int(1, 2), list(2, 12, [empty], empty.length));
    expect(await readBegin(file(millions))).toMatch(/more than 8000000 parts/);
    const deep = joinBytes(Uint8Array.of(0x19), new Uint8Array(100_000).fill(0x19), Uint8Array.of(0));
    expect(await readBegin(file(deep))).toMatch(/deeper than 32/);
    const endless = joinBytes(Uint8Array.of(0x16), new Uint8Array(2_000_000).fill(0xff), Uint8Array.of(0));
    expect(await readBegin(file(endless))).toMatch(/a number of more than 10 bytes/);
    expect(await readBegin(file(struct(int(1, 2), list(2, 12, [], 2_000_000_000))))).toMatch(/cut off/);
    expect(await readBegin(file(struct(int(1, 2), long(3, 2))))).toMatch(/damaged/);
  });
});
