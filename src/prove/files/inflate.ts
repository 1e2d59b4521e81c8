import { pipeline, Readable } from 'node:stream';
import { createGunzip, createInflateRaw } from 'node:zlib';
import type { Inflate } from '../../formats/data-file.ts';

/** Decompresses as it is read; whoever stops reading stops the decompression. Pieces are copied: their memory is used again. */
export const inflate: Inflate = (chunks, form) => {
  const unzip = form === 'gzip' ? createGunzip() : createInflateRaw();
  // What goes wrong with the source ends the iteration of `unzip` with the same error.
  pipeline(Readable.from(copied(chunks), { objectMode: false }), unzip, () => undefined);
  return unzip;
};

async function* copied(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) yield chunk.slice();
}
