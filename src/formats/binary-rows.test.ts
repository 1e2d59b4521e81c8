import { readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PlimsollError } from '../core/units/errors.ts';
import { digestOfBytes } from '../core/units/digest.ts';
import { inflate } from '../prove/files/inflate.ts';
import { dataFileOf, type DataFile } from './data-file.ts';
import { dataRowsOfFiles, summarizeData } from './data-rows.ts';

const fixture = (name: string): Uint8Array => new Uint8Array(readFileSync(path.join(import.meta.dirname, name)));
const fileOf = (name: string, bytes = fixture(name)): DataFile => dataFileOf(path.basename(name), bytes, inflate);
const rowsOf = async (...files: readonly DataFile[]): Promise<readonly Readonly<Record<string, unknown>>[]> => {
  const rows = [];
  for await (const { row } of dataRowsOfFiles(files)) rows.push(row);
  return rows;
};
const refusal = async (...files: readonly DataFile[]): Promise<string> => {
  try {
    await rowsOf(...files);
  } catch (thrown) {
    if (thrown instanceof PlimsollError && thrown.code === 'data-invalid') return thrown.message;
    throw thrown;
  }
  return 'accepted';
};
const digest = async (...files: readonly DataFile[]): Promise<string> => {
  let text = '';
  const running = {
    update: (more: string) => void (text += more),
    digest: () => digestOfBytes(new TextEncoder().encode(text)),
  };
  return (await summarizeData(dataRowsOfFiles(files), running)).digest;
};

describe('Parquet', () => {
  const codecs = ['none', 'snappy', 'gzip', 'zstd', 'brotli', 'lz4'];
  it.each(codecs)('reads every kind of column of a file that is compressed with %s', async (codec) => {
    const rows = await rowsOf(fileOf(`parquet/fixtures/rows-${codec}.parquet`));
    expect(rows).toHaveLength(7);
    expect(rows[0]).toEqual({
      id: 0,
      big: '9007199254740993',
      x: 0.1,
      f: Math.fround(0.1),
      name: 'a',
      ok: true,
      day: '2026-11-24',
      at: '2026-11-24T15:04:05.250Z',
      local: '2026-11-24T15:04:05',
      price: 1.1,
      image: [0, 1, 2],
      grid: [
        [1, 2],
        [3, 0],
      ],
      point: { x: 0, label: 'p' },
      raw: 'AP8=',
    });
    expect(rows.map(({ x, f, name, ok }) => [x, f, name, ok]).slice(1, 3)).toEqual([
      [null, 0.25, '', false],
      [2.5, null, null, null],
    ]);
    expect(rows[3]?.['image']).toEqual([]);
    expect(rows[6]?.['grid']).toEqual([
      [1, 2],
      [3, 6],
    ]);
  });
  it('gives the digest of the same rows as JSON lines, and as CSV', async () => {
    const parquet = fileOf('parquet/fixtures/rows-zstd.parquet');
    const rows = await rowsOf(parquet);
    const text = rows.map((row) => JSON.stringify(row)).join('\n');
    expect(await digest(fileOf('rows.jsonl', new TextEncoder().encode(text)))).toBe(await digest(parquet));
  });
  it('ends in a clear error wherever the file is cut', async () => {
    const whole = fixture('parquet/fixtures/rows-zstd.parquet');
    for (const length of [0, 3, 4, 11, 100, whole.length - 9, whole.length - 1]) {
      expect(await refusal(fileOf('a.parquet', whole.slice(0, length)))).toMatch(/no Parquet file|cut off|cannot be/);
    }
  });
  it('never crashes on a file with other bytes in it, and never reads more rows than it has', async () => {
    const whole = fixture('parquet/fixtures/rows-snappy.parquet');
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const bytes = whole.slice();
        bytes[at] = (bytes[at] ?? 0) ^ change;
        expect(await refusal(fileOf('a.parquet', bytes))).not.toBe('');
      }),
      // Found once: a directory whose tree of columns ends early.
      { numRuns: 300, examples: [[4490, 34]] },
    );
  });
});

describe('NumPy', () => {
  it('reads an array as a column that is named for its file', async () => {
    expect(await rowsOf(fileOf('npy/fixtures/image.npy'))).toEqual([
      { image: [[0, 0.125, 0.25], [0.375, 0.5, 0.625]] },
      { image: [[0.75, 0.875, 1], [1.125, 1.25, 1.375]] },
    ]); // prettier-ignore
  });
  it('reads the arrays of an archive side by side, integers beyond 2^53 as text', async () => {
    expect(await rowsOf(fileOf('npy/fixtures/stored.npz'))).toEqual([
      { image: [0, 1], label: '3', name: 'a' },
      { image: [2, 3], label: '1', name: 'bc' },
      { image: [4, 5], label: '1152921504606846976', name: '' },
    ]);
    expect(await rowsOf(fileOf('npy/fixtures/deflated.npz'))).toEqual([
      { image: [0, 0, 0, 0], label: true },
      { image: [0, 0, 0, 0], label: false },
      { image: [0, 0, 0, 0], label: true },
    ]);
  });
  const header = (text: string, body = 0): Uint8Array => {
    const bytes = new TextEncoder().encode(`NUMPY  vv${text}`);
    bytes.set([0x93], 0);
    const whole = new Uint8Array(10 + text.length + body);
    whole.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, text.length & 255, text.length >> 8]);
    whole.set(new TextEncoder().encode(text), 10);
    return whole;
  };
  it.each<[string, Uint8Array, RegExp]>([
    ['a pickle', fixture('npy/fixtures/objects.npy'), /Python objects.*pickle/],
    ['another format', new TextEncoder().encode('PK no array at all'), /does not begin with/],
    ['a huge shape', header("{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000, 1000), }"), /declares/],
    [
      'a shape beyond all numbers',
      header("{'descr': '<f4', 'shape': (99999999999, 99999999999), }"),
      /cannot be right/,
    ],
    [
      'columns first',
      header("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 2), }", 16),
      /ascontiguousarray|column by column/,
    ],
    ['records', header("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,), }", 8), /array of records/],
    ['one value', header("{'descr': '<f4', 'fortran_order': False, 'shape': (), }", 4), /a single value/],
  ])('refuses %s', async (_what, bytes, message) => {
    expect(await refusal(fileOf('x.npy', bytes))).toMatch(message);
  });
  it('refuses an archive that is cut off, damaged, or promises more than deflate can give', async () => {
    const whole = fixture('npy/fixtures/deflated.npz');
    expect(await refusal(fileOf('x.npz', whole.slice(0, -30)))).toMatch(/no zip directory|damaged/);
    const bomb = whole.slice();
    const directory = bomb.findLastIndex((byte, at) => byte === 0x50 && bomb[at + 1] === 0x4b && bomb[at + 2] === 1);
    bomb.set([0xff, 0xff, 0xff, 0x7f], directory + 24);
    expect(await refusal(fileOf('x.npz', bomb))).toMatch(/which cannot be/);
  });
});

describe('IDX', () => {
  it('reads images and labels side by side, plain and gzipped', async () => {
    expect(
      await rowsOf(fileOf('idx/fixtures/images-idx3-ubyte'), fileOf('idx/fixtures/labels-idx1-ubyte.gz')),
    ).toEqual([
      { images: [[0, 1], [2, 3]], labels: 5 },
      { images: [[4, 5], [6, 7]], labels: 7 },
    ]); // prettier-ignore
  });
  it('says what is wrong with a file that is cut off, of other lengths, or none', async () => {
    const images = fixture('idx/fixtures/images-idx3-ubyte');
    const labels = fixture('idx/fixtures/labels-idx1-ubyte.gz');
    expect(await refusal(fileOf('a.idx', images.slice(0, -1)))).toMatch(
      /declares 2 x 2 x 2 values, so 24 bytes, and has 23/,
    );
    expect(await refusal(fileOf('a.idx', images.slice(0, 3)))).toMatch(/no IDX file/);
    expect(await refusal(fileOf('a.idx.gz', labels.slice(0, -9)))).toMatch(/damaged/);
    const huge = images.slice();
    huge.set([0xff, 0xff, 0xff, 0xff], 4);
    expect(await refusal(fileOf('a.idx', huge))).toMatch(/declares 4294967295/);
    const short = images.slice(0, 20);
    short.set([0, 0, 0, 1], 4);
    expect(await refusal(fileOf('a.idx', short), fileOf('idx/fixtures/labels-idx1-ubyte.gz'))).toMatch(
      /has 1 rows and labels.* has 2|has 1 rows and labels has 2/,
    );
  });
});
