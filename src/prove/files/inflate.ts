import { pipeline, Readable } from 'node:stream';
import {
  brotliDecompressSync,
  constants,
  createBrotliDecompress,
  createGunzip,
  createInflateRaw,
  createZstdDecompress,
  gunzipSync,
  inflateRawSync,
  zstdDecompressSync,
} from 'node:zlib';
import type { Inflate, PackedForm } from '../../formats/data-file.ts';
import { ZstdFrames } from '../../formats/zstd/zstd-frames.ts';

/** A page of 256 MiB that was compressed at once asks for a window as large. */
const zstd = { params: { [constants.ZSTD_d_windowLogMax]: 28 } };

const streams: Readonly<Record<PackedForm, () => NodeJS.ReadWriteStream & AsyncIterable<Uint8Array>>> = {
  gzip: () => createGunzip(),
  'deflate-raw': () => createInflateRaw(),
  zstd: () => createZstdDecompress(zstd),
  brotli: () => createBrotliDecompress(),
};

const atOnce: Readonly<Record<PackedForm, (packed: Uint8Array, maxOutputLength: number) => Uint8Array>> = {
  gzip: (packed, maxOutputLength) => gunzipSync(packed, { maxOutputLength }),
  'deflate-raw': (packed, maxOutputLength) => inflateRawSync(packed, { maxOutputLength }),
  zstd: (packed, maxOutputLength) => zstdDecompressSync(packed, { ...zstd, maxOutputLength }),
  brotli: (packed, maxOutputLength) => brotliDecompressSync(packed, { maxOutputLength }),
};

/** Decompresses as it is read; whoever stops reading stops the decompression. Pieces are copied: their memory is used again. */
export const inflate: Inflate = Object.assign(
  (chunks: AsyncIterable<Uint8Array>, form: PackedForm) => {
    const unzip = streams[form]();
    const pieces = form === 'zstd' ? cutFrames(chunks) : copied(chunks);
    // What goes wrong with the source ends the iteration of `unzip` with the same error.
    pipeline(Readable.from(pieces, { objectMode: false }), unzip, () => undefined);
    return unzip;
  },
  {
    whole(packed: Uint8Array, form: PackedForm, bytesAtMost: number) {
      try {
        return atOnce[form](packed, bytesAtMost);
      } catch (thrown) {
        if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ERR_BUFFER_TOO_LARGE') return null;
        throw thrown;
      }
    },
  },
);

async function* copied(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) yield chunk.slice();
}

/** A decoder of Zstandard drops what follows its frame in the same piece. */
async function* cutFrames(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const frames = new ZstdFrames();
  for await (const chunk of copied(chunks)) yield* frames.cut(chunk);
}
