import { constants, zstdDecompressSync } from 'node:zlib';
import { seedsOf, type FuzzTarget } from './target.ts';

const decompressZstd = (bytes: Uint8Array, maxBytes: number): Uint8Array =>
  zstdDecompressSync(bytes, { finishFlush: constants.ZSTD_e_continue, maxOutputLength: maxBytes });

const words: FuzzTarget['dictionary'] = [
  ...[
    '.nv_fatbin',
    '.nvFatBinSegment',
    '.note.gnu.property',
    '.note.cuda.fwd_compatibility',
    '.dynamic',
    '.dynstr',
    '.shstrtab',
  ],
  ...[
    'sm_90a',
    '.target sm_80',
    '.version 8.4',
    '{"CUDA version":"12.9","driver":[535],"device":[1]}',
    'libcudart.so.12',
  ],
  ...[
    [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1],
    [0x50, 0xed, 0x55, 0xba, 1, 0, 16, 0],
    [1, 0, 1, 1, 64, 0, 0, 0],
    [2, 0, 1, 1, 64, 0, 0, 0],
  ],
  ...[
    [0x28, 0xb5, 0x2f, 0xfd],
    [190, 0],
    [62, 0],
    [3, 0, 0, 0],
    [6, 0, 0, 0],
    [7, 0, 0, 0],
    [255, 255, 255, 255, 255, 255, 255, 127],
  ],
];

/** A whole shared library. */
export const elfTarget: FuzzTarget = {
  parser: 'elf',
  bytesAtMost: 32 * 1024,
  dictionary: words,
  seeds: seedsOf('fatbin/fixtures/library.so', 'fatbin/fixtures/sm_90a.cubin'),
  async run(bytes) {
    const { sourceOf } = await import('../../src/formats/byte-source.ts');
    const { readLibrary } = await import('../../src/formats/elf/read-library.ts');
    return JSON.stringify(await readLibrary(sourceOf(bytes), 'usr/lib/libx.so.1.2.3', { decompressZstd }));
  },
};

/** The device code alone, as if it were the section of a library. */
export const fatbinTarget: FuzzTarget = {
  parser: 'fatbin',
  bytesAtMost: 32 * 1024,
  dictionary: words,
  seeds: seedsOf(
    'fatbin/fixtures/zstd.fatbin',
    'fatbin/fixtures/lz4.fatbin',
    'fatbin/fixtures/group.fatbin',
    'fatbin/fixtures/plain.fatbin',
  ),
  async run(bytes) {
    const { sourceOf } = await import('../../src/formats/byte-source.ts');
    const { walkFatbins } = await import('../../src/formats/fatbin/walk-fatbins.ts');
    const { ImageTally } = await import('../../src/formats/fatbin/image-tally.ts');
    const { ImageReader } = await import('../../src/formats/fatbin/image-payload.ts');
    const source = sourceOf(bytes);
    const tally = new ImageTally(new ImageReader(source, decompressZstd));
    let cubins = 0;
    const range = { start: 0, end: bytes.length, isDeclared: true };
    await walkFatbins(source, range, tally, { cubinAt: () => void (cubins += 1) });
    return JSON.stringify([await tally.finish(), cubins]);
  },
};
