import { constants, zstdDecompressSync } from 'node:zlib';

/** The simplest that does what `LibraryOptions.decompressZstd` asks for. */
export const decompressZstd = (bytes: Uint8Array, maxBytes: number): Uint8Array =>
  zstdDecompressSync(bytes, { finishFlush: constants.ZSTD_e_continue, maxOutputLength: maxBytes });
