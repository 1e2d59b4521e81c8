import { pipeline, Readable } from 'node:stream';
import { constants, createBrotliDecompress, createGunzip, createInflateRaw, createZstdDecompress } from 'node:zlib';
import type { Inflate, PackedForm } from '../../formats/data-file.ts';
import { ZstdFrames } from '../../formats/zstd/zstd-frames.ts';

/** A page of 256 MiB that was compressed at once asks for a window as large. */
const zstdWindowLogMax = 28;

const decompressors: Readonly<Record<PackedForm, () => NodeJS.ReadWriteStream & AsyncIterable<Uint8Array>>> = {
  gzip: () => createGunzip(),
  'deflate-raw': () => createInflateRaw(),
  zstd: () => createZstdDecompress({ params: { [constants.ZSTD_d_windowLogMax]: zstdWindowLogMax } }),
  brotli: () => createBrotliDecompress(),
};

/** Decompresses as it is read; whoever stops reading stops the decompression. Pieces are copied: their memory is used again. */
export const inflate: Inflate = (chunks, form) => {
  const unzip = decompressors[form]();
  const pieces = form === 'zstd' ? cutFrames(chunks) : copied(chunks);
  // What goes wrong with the source ends the iteration of `unzip` with the same error.
  pipeline(Readable.from(pieces, { objectMode: false }), unzip, () => undefined);
  return unzip;
};

async function* copied(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) yield chunk.slice();
}

/** A decoder of Zstandard drops what follows its frame in the same piece. */
async function* cutFrames(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const frames = new ZstdFrames();
  for await (const chunk of copied(chunks)) yield* frames.cut(chunk);
}
