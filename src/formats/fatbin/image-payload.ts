import { partOf, sourceOf, type ByteSource } from '../byte-source.ts';
import type { Compression } from './fatbin-headers.ts';
import { decompressLz4 } from './lz4-block.ts';

/** @throws when the bytes are no Zstandard frame, or hold more than `maxBytes`. See `LibraryOptions.decompressZstd`. */
export type DecompressZstd = (bytes: Uint8Array, maxBytes: number) => Uint8Array;

/** Where an image lies in the file, and how. */
export interface ImagePayload {
  readonly at: number;
  readonly storedBytes: number;
  readonly wholeBytes: number;
  readonly compression: Compression;
}

/** Decompressions per file, and one more for so many bytes of it; each gives up to 128 KiB. cuBLASLt needs some 300. */
const zstdCallsAtMost = 256;
const bytesPerZstdCall = 64 * 1024;
/** Sections of all cubins that are read, per file; one cubin of cuDNN has up to 30,000. */
const sectionsAtMost = 1_000_000;
/** Bytes of all images that are decompressed whole: of a small file, and of a large one by its size. */
const wholeBytesAtMost = 64 * 1024 * 1024;
const wholeGrowthAtMost = 4;
/** One image that is decompressed whole: in NVSHMEM the smallest has 67 MB. */
const imageBytesAtMost = 128 * 1024 * 1024;
/** Of one of some size; real ones are 3 to 20 times what is stored of them, in PyTorch up to 80 times. */
const largeBytes = 16 * 1024 * 1024;
const growthAtMost = { small: 256, large: 32 } as const;

/** Reads images out of one file, within bounds that hold for all of them together. A text says why it cannot. */
export class ImageReader {
  readonly #source: ByteSource;
  readonly #decompressZstd: DecompressZstd;
  #zstdCalls = 0;
  #wholeBytes = 0;
  #sections = 0;

  constructor(source: ByteSource, decompressZstd: DecompressZstd) {
    this.#source = source;
    this.#decompressZstd = decompressZstd;
  }

  /** The beginning of an image: `bytes` of it or a little more, fewer where it ends. */
  async head(image: ImagePayload, bytes: number): Promise<Uint8Array | string> {
    const { at, storedBytes, wholeBytes, compression } = image;
    const outBytes = Math.min(bytes, wholeBytes);
    if (compression === 'zstd') {
      const stored = await this.#source.read(at, Math.min(storedBytes, zstdHeaderBytesAtMost + zstdBlockBytes));
      const end = endOfFirstBlock(stored);
      return end === null ? brokenZstd : this.#zstd(stored.subarray(0, end), zstdBlockBytes);
    }
    // LZ4 never needs more than a byte in 255 beyond the bytes that it stands for, and its lengths.
    const stored = await this.#source.read(at, Math.min(storedBytes, outBytes + outBytes / 255 + 64));
    return compression === 'none' ? stored : (decompressLz4(stored, outBytes) ?? brokenLz4);
  }

  /** All of an image, which is not read before it must be. */
  async whole(image: ImagePayload): Promise<ByteSource | string> {
    const { at, storedBytes, wholeBytes, compression } = image;
    if (compression === 'none') return partOf(this.#source, at, storedBytes);
    const growth = wholeBytes > largeBytes ? growthAtMost.large : growthAtMost.small;
    if (wholeBytes > imageBytesAtMost || wholeBytes > storedBytes * growth) {
      return `an image of ${storedBytes} bytes claims to be one of ${wholeBytes}`;
    }
    this.#wholeBytes += wholeBytes;
    const atMost = Math.max(wholeBytesAtMost, this.#source.bytes * wholeGrowthAtMost);
    if (this.#wholeBytes > atMost) return `more than ${atMost} bytes of images would have to be decompressed`;
    const stored = await this.#source.read(at, storedBytes);
    const bytes =
      compression === 'zstd' ? this.#zstd(stored, wholeBytes) : (decompressLz4(stored, wholeBytes) ?? brokenLz4);
    return typeof bytes === 'string' ? bytes : sourceOf(bytes);
  }

  /** See `readElf`. */
  readonly spendSections = (sections: number): boolean => {
    this.#sections += sections;
    return this.#sections <= sectionsAtMost;
  };

  #zstd(bytes: Uint8Array, maxBytes: number): Uint8Array | string {
    this.#zstdCalls += 1;
    const atMost = zstdCallsAtMost + Math.floor(this.#source.bytes / bytesPerZstdCall);
    if (this.#zstdCalls > atMost) return `more than ${atMost} images would have to be decompressed`;
    try {
      return this.#decompressZstd(bytes, maxBytes);
    } catch {
      return brokenZstd;
    }
  }
}

const brokenZstd = 'an image is no sound Zstandard frame';
const brokenLz4 = 'an image is no sound LZ4 block';

/** https://www.rfc-editor.org/rfc/rfc8878, sections 3.1.1.1 and 3.1.1.2. */
const zstdMagic = [0x28, 0xb5, 0x2f, 0xfd];
const zstdBlockBytes = 128 * 1024;
/** Of the frame (18 at most) and of the first block (3). */
const zstdHeaderBytesAtMost = 21;

/** Where the first block of a frame ends, so that no more than one is decompressed. Null for no frame. */
function endOfFirstBlock(bytes: Uint8Array): number | null {
  if (bytes.length < zstdMagic.length + 2 || !zstdMagic.every((byte, index) => bytes[index] === byte)) return null;
  const descriptor = bytes[4] ?? 0;
  const isSingle = (descriptor & 0x20) !== 0;
  const sizeBytes = [isSingle ? 1 : 0, 2, 4, 8][descriptor >> 6] ?? 0;
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3] ?? 0;
  const block = 5 + (isSingle ? 0 : 1) + dictionaryBytes + sizeBytes;
  const header = (bytes[block] ?? 0) | ((bytes[block + 1] ?? 0) << 8) | ((bytes[block + 2] ?? 0) << 16);
  const isRepeated = ((header >> 1) & 3) === 1;
  return Math.min(bytes.length, block + 3 + (isRepeated ? 1 : header >> 3));
}
