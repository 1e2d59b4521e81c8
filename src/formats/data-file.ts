import { PlimsollError } from '../core/units/errors.ts';
import { sourceOf, type ByteSource } from './byte-source.ts';

export type PackedForm = 'gzip' | 'deflate-raw' | 'zstd' | 'brotli';

export interface Inflate {
  /** Decompresses a stream piece by piece; what is behind the end of the stream is dropped. Rejects where it is damaged. */
  (chunks: AsyncIterable<Uint8Array>, form: PackedForm): AsyncIterable<Uint8Array>;
  /** All at once; null where more than `bytesAtMost` would come. Of Zstandard, one frame. Throws where it is damaged. */
  whole(packed: Uint8Array, form: PackedForm, bytesAtMost: number): Uint8Array | null;
}

/** A file of rows, in the two ways that readers need: from its start, and at any place. */
export interface DataFile {
  /** Its name or path: the ending tells the format, and for one array the name of its column. */
  readonly name: string;
  /** From its start, each time it is called. */
  chunks(): AsyncIterable<Uint8Array>;
  readonly source: ByteSource;
  readonly inflate: Inflate;
}

/** A file that is in memory already. */
export function dataFileOf(name: string, bytes: Uint8Array, inflate: Inflate): DataFile {
  return {
    name,
    async *chunks() {
      yield bytes;
    },
    source: sourceOf(bytes),
    inflate,
  };
}

/** What is wrong with a binary file of rows. `row` counts from 1. */
export function badDataFile(
  what: string,
  next?: string,
  details: Readonly<Record<string, unknown>> = {},
): PlimsollError {
  return new PlimsollError({
    code: 'data-invalid',
    category: 'input',
    message: what,
    next: next ?? 'write the file again with the program that made it, or copy it again',
    details,
  });
}

/** Names what is damaged, where the decompressor knows only that something is. */
export async function* unpacked(chunks: AsyncIterable<Uint8Array>, what: string): AsyncGenerator<Uint8Array> {
  try {
    yield* chunks;
  } catch (thrown) {
    const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
    if (!/^(Z_|ZSTD_|ERR_|zstd-damaged)/.test(code)) throw thrown;
    throw badDataFile(`${what} is cut off, or its compressed bytes are damaged`, undefined, { zlib: code });
  }
}
