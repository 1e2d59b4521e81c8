import { constants, zstdDecompressSync } from 'node:zlib';
import { PlimsollError } from '../../core/units/errors.ts';

/** A block decodes to at most this much: RFC 8878, section 3.1.1.2.4. */
const blockBytesAtMost = 128 * 1024;

/**
 * The first bytes of a Zstandard frame, which may be cut off. Decodes whole blocks from the front, and no more of them than
 * are needed, so that a lying frame takes no memory. Throws when the bytes are no frame.
 */
export function decompressZstdStart(bytes: Uint8Array, maxBytes: number): Uint8Array {
  const ends = blockEnds(bytes);
  const wanted = Math.ceil(maxBytes / blockBytesAtMost);
  let out: Uint8Array = new Uint8Array();
  for (let blocks = wanted; ; blocks *= 2) {
    const end = ends[Math.min(blocks, ends.length) - 1] ?? bytes.length;
    const isAll = blocks >= ends.length;
    out = zstdDecompressSync(isAll ? bytes : bytes.subarray(0, end), {
      finishFlush: constants.ZSTD_e_flush,
      maxOutputLength: (Math.min(blocks, ends.length) + 1) * blockBytesAtMost,
    });
    if (out.length >= maxBytes || isAll || blocks > wanted * 16) return out.subarray(0, maxBytes);
  }
}

/** Where each block ends, as far as the bytes go. */
function blockEnds(bytes: Uint8Array): readonly number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 6 || view.getUint32(0, true) !== 0xfd2fb528) {
    throw new PlimsollError({ code: 'zstd-damaged', category: 'input', message: 'these bytes are no Zstandard frame' });
  }
  const descriptor = view.getUint8(4);
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const sizeBytes = [isSingleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6] ?? 0;
  const ends: number[] = [];
  let at = 5 + (isSingleSegment ? 0 : 1) + ([0, 1, 2, 4][descriptor & 3] ?? 0) + sizeBytes;
  while (at + 3 <= bytes.length) {
    const header = view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
    at += 3 + (((header >> 1) & 3) === 1 ? 1 : header >> 3);
    if (at > bytes.length) break;
    ends.push(at);
    if ((header & 1) === 1) break;
  }
  return ends;
}
