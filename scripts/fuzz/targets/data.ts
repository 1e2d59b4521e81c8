import type { DataFormat } from '../../../src/formats/data-rows.ts';
import { seedsOf, type FuzzTarget } from '../target.ts';

/** Rows that are read of one input: a small file may declare any number of rows without values. */
const rowsAtMost = 20_000;

/** Reads all rows of a data file, as `plimsoll data` does. */
function dataTarget(parser: DataFormat, rest: Pick<FuzzTarget, 'dictionary' | 'seeds'>): FuzzTarget {
  return {
    parser,
    bytesAtMost: 16 * 1024,
    ...rest,
    async run(bytes) {
      const { dataFileOf } = await import('../../../src/formats/data-file.ts');
      const { dataRows } = await import('../../../src/formats/data-rows.ts');
      const { inflate } = await import('../../../src/prove/files/inflate.ts');
      let rows = 0;
      for await (const { row } of dataRows(dataFileOf(`fuzz.${parser}`, bytes, inflate), parser)) {
        if (typeof row !== 'object') throw new TypeError('a row is an object');
        rows += 1;
        if (rows >= rowsAtMost) break;
      }
      return rows;
    },
  };
}

export const csvTarget = dataTarget('csv', {
  dictionary: [
    ',',
    '"',
    '""',
    '\n',
    '\r\n',
    '\r',
    'a,b\n',
    'true',
    'NaN',
    '1e999',
    '-0',
    '[1,2]',
    '[',
    '__proto__',
    '\ufeff',
  ],
  seeds: () => Promise.resolve([new TextEncoder().encode('x,y,z\n1,"a ""b""\nc",[1;2]\n2.5,,true\n')]),
});

export const npyTarget = dataTarget('npy', {
  dictionary: [
    ...[
      "'descr': ",
      "'<f4'",
      "'>i8'",
      "'|b1'",
      "'|O'",
      "'<U9'",
      "'fortran_order': True",
      "'shape': (0,)",
      '(9999999999,)',
    ],
    [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0],
    [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 3, 0, 255, 255, 255, 255],
  ],
  seeds: seedsOf('npy/fixtures/image.npy', 'npy/fixtures/objects.npy'),
});

export const npzTarget = dataTarget('npz', {
  dictionary: [
    'PK\u0003\u0004',
    'PK\u0001\u0002',
    'PK\u0005\u0006',
    'PK\u0006\u0006',
    'x.npy',
    '../x.npy',
    [255, 255, 255, 255],
    [8, 0],
    [0, 0],
  ],
  seeds: seedsOf('npy/fixtures/stored.npz', 'npy/fixtures/deflated.npz'),
});

export const parquetTarget = dataTarget('parquet', {
  dictionary: [
    'PAR1',
    'schema',
    [0x15, 0x00],
    [0x19, 0xfc],
    [0xff, 0xff, 0xff, 0xff, 0x07],
    [0xff, 0xff, 0xff, 0x7f],
    [0x15, 0x0c],
    [0x15, 0x10],
  ],
  seeds: seedsOf(
    ...['none', 'snappy', 'gzip', 'zstd', 'brotli', 'lz4'].map((codec) => `parquet/fixtures/rows-${codec}.parquet`),
  ),
});

export const zstdTarget: FuzzTarget = {
  parser: 'zstd',
  bytesAtMost: 8 * 1024,
  dictionary: [
    [0x28, 0xb5, 0x2f, 0xfd],
    [0x50, 0x2a, 0x4d, 0x18],
    [0x5f, 0x2a, 0x4d, 0x18, 255, 255, 255, 255],
    ...[[0x04, 0x00], [0x64, 0x00], [0xa4], [0xe4], [3, 0, 0], [1, 0, 0], [0xfb, 0xff, 0x0f], [0x88], [0xff]],
  ],
  async seeds() {
    const { zstdCompressSync } = await import('node:zlib');
    const frames = ['', 'text', 'z'.repeat(5_000)].map((text) => zstdCompressSync(Buffer.from(text)));
    return [...frames, Buffer.concat(frames)].map((bytes) => Uint8Array.from(bytes));
  },
  async run(bytes) {
    const { inflate } = await import('../../../src/prove/files/inflate.ts');
    const { unpacked } = await import('../../../src/formats/data-file.ts');
    const { ZstdFrames } = await import('../../../src/formats/zstd/zstd-frames.ts');
    const whole = new ZstdFrames().cut(bytes);
    const kept = whole.reduce((sum, piece) => sum + piece.length, 0);
    if (kept > bytes.length) throw new RangeError('no more is kept than came');
    let length = 0;
    for await (const piece of unpacked(inflate(inPieces(bytes), 'zstd'), 'the input')) {
      length += piece.length;
      // A reader stops where it has enough: a bomb costs no more than what is read of it.
      if (length > 4 * 1024 * 1024) break;
    }
    return length;
  },
};

async function* inPieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 37) yield bytes.subarray(at, at + 37);
}
