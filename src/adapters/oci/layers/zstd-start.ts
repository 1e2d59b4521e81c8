import { constants, zstdDecompressSync } from 'node:zlib';

/**
 * What a Zstandard frame holds, of which only the beginning may be there. `LibraryOptions.decompressZstd`: its caller gives
 * no more blocks than it wants. The chunk is what comes out, so that thousands of calls leave no larger buffers behind.
 */
export const decompressZstdStart = (bytes: Uint8Array, maxBytes: number): Uint8Array =>
  zstdDecompressSync(bytes, {
    finishFlush: constants.ZSTD_e_continue,
    maxOutputLength: maxBytes,
    chunkSize: Math.max(1024, Math.min(maxBytes, 128 * 1024)),
  });
