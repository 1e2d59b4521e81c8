import { compressors } from 'hyparquet-compressors';
import type { CompressionCodec } from 'hyparquet';
import { badDataFile, unpacked, type Inflate, type PackedForm } from '../data-file.ts';
import { decompressLz4 } from '../fatbin/lz4-block.ts';

/**
 * The bytes of a page, exactly as many as its header claims, in memory of their own. Decompression stops where more would
 * come: a page of a kilobyte can hold a gigabyte.
 * @throws PlimsollError `data-invalid`.
 */
export async function unpackPage(
  packed: Uint8Array,
  claimedBytes: number,
  codec: CompressionCodec,
  inflate: Inflate,
): Promise<Uint8Array> {
  const page = await decompress(packed, claimedBytes, codec, inflate);
  if (page === null || page.length !== claimedBytes) throw notAsClaimed(claimedBytes);
  return page;
}

async function decompress(
  packed: Uint8Array,
  claimedBytes: number,
  codec: CompressionCodec,
  inflate: Inflate,
): Promise<Uint8Array | null> {
  // Of no bytes some writers make no bytes, and decompressors of all kinds refuse those.
  if (claimedBytes === 0) return new Uint8Array();
  switch (codec) {
    case 'UNCOMPRESSED':
      // A view into a larger buffer would let a reader of typed arrays see what is behind the page.
      return new Uint8Array(packed);
    case 'SNAPPY':
      return snappyBytes(packed) === claimedBytes ? (compressors.SNAPPY?.(packed, claimedBytes) ?? null) : null;
    case 'LZ4_RAW':
      return decompressLz4(packed, claimedBytes);
    case 'LZ4':
      return hadoopLz4(packed, claimedBytes) ?? decompressLz4(packed, claimedBytes);
    case 'GZIP':
      return inflatePage(packed, isGzip(packed) ? 'gzip' : 'deflate-raw', claimedBytes, inflate);
    case 'ZSTD':
      return inflatePage(packed, 'zstd', claimedBytes, inflate);
    case 'BROTLI':
      return inflatePage(packed, 'brotli', claimedBytes, inflate);
    default:
      throw badDataFile(
        `its pages are compressed with ${String(codec).slice(0, 40)}, which is not read`,
        'write the file with compression zstd, snappy, gzip, brotli, lz4 or none',
      );
  }
}

const isGzip = (packed: Uint8Array): boolean => packed[0] === 0x1f && packed[1] === 0x8b;

/** Null where it is other than claimed. */
async function inflatePage(
  packed: Uint8Array,
  form: PackedForm,
  claimedBytes: number,
  inflate: Inflate,
): Promise<Uint8Array | null> {
  const page = inflate.whole(packed, form, claimedBytes);
  if (page === null || page.length === claimedBytes || form !== 'zstd')
    return page === null ? null : new Uint8Array(page);
  return collectFrames(packed, claimedBytes, inflate);
}

async function collectFrames(packed: Uint8Array, claimedBytes: number, inflate: Inflate): Promise<Uint8Array | null> {
  const page = new Uint8Array(claimedBytes);
  let filled = 0;
  async function* whole(): AsyncGenerator<Uint8Array> {
    yield packed;
  }
  for await (const piece of unpacked(inflate(whole(), 'zstd'), 'a page')) {
    if (piece.length > claimedBytes - filled) return null;
    page.set(piece, filled);
    filled += piece.length;
  }
  return page.subarray(0, filled);
}

/** What a Snappy block says of its own length, in front; null where it says nothing. */
function snappyBytes(packed: Uint8Array): number | null {
  let value = 0;
  for (let at = 0; at < 5; at += 1) {
    const byte = packed[at];
    if (byte === undefined) return null;
    value += (byte & 127) * 2 ** (7 * at);
    if (byte < 128) return value;
  }
  return null;
}

/** Blocks with their lengths in front, as Hadoop writes them; null for anything else. */
function hadoopLz4(packed: Uint8Array, claimedBytes: number): Uint8Array | null {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  const page = new Uint8Array(claimedBytes);
  let filled = 0;
  for (let at = 0; at < packed.length;) {
    if (at + 8 > packed.length) return null;
    const [bytes, packedBytes] = [view.getUint32(at), view.getUint32(at + 4)];
    at += 8;
    if (packedBytes === 0 || packedBytes > packed.length - at || bytes > claimedBytes - filled) return null;
    const block = decompressLz4(packed.subarray(at, at + packedBytes), bytes);
    if (block?.length !== bytes) return null;
    page.set(block, filled);
    filled += bytes;
    at += packedBytes;
  }
  return page.subarray(0, filled);
}

function notAsClaimed(claimedBytes: number): Error {
  return badDataFile(`a page claims to unpack to ${claimedBytes} bytes, and unpacks to another number of bytes`);
}
