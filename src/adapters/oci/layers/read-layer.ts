import { createHash } from 'node:crypto';
import type { LayerFacts } from '../../../core/image/image-layer.ts';
import { PlimsollError } from '../../../core/units/errors.ts';
import { isDigest, shortDigest, type Digest } from '../../../core/units/digest.ts';
import { formatBytes } from '../../../core/units/quantity/quantity-bytes.ts';
import { decompressed } from './decompress.ts';
import { damaged, imageError, wrongDigest } from '../image-errors.ts';
import { LayerReader } from './layer-reader.ts';
import type { PathPrints } from './path-prints.ts';

export interface LayerLimits {
  /** Without compression. */
  readonly bytes: number;
  /** From `ratioFromBytes` on no layer grows by more than this when it is inflated; zeros grow a thousandfold. */
  readonly ratio: number;
  readonly ratioFromBytes: number;
}

export const layerLimits: LayerLimits = { bytes: 256 * 1024 ** 3, ratio: 200, ratioFromBytes: 1024 ** 3 };

export interface ReadLayer {
  readonly facts: LayerFacts;
  readonly files: PathPrints;
  readonly folders: PathPrints;
}

export interface LayerToRead {
  /** As it lies there. */
  readonly digest: Digest;
  readonly size: number;
  /** As the image's configuration states it. */
  readonly diffId: Digest;
  readonly limits: LayerLimits;
  readonly signal: AbortSignal;
  /** Bytes as they lie there, a piece at a time. */
  readonly progress: (bytes: number) => void;
}

/**
 * Streams one layer once: hashed as it comes, inflated, hashed again, and its archive read. Nothing counts before both
 * digests hold. @throws PlimsollError `image-damaged`, `image-too-large` (input), and whatever `pieces` throws.
 */
export async function readLayer(pieces: AsyncIterable<Uint8Array>, layer: LayerToRead): Promise<ReadLayer> {
  const { digest, diffId, limits, signal } = layer;
  const reader = new LayerReader(signal);
  const compressed = new HashedInput(pieces, layer);
  const plain = createHash('sha256');
  let bytes = 0;
  try {
    for await (const piece of decompressed(compressed)) {
      signal.throwIfAborted();
      bytes += piece.length;
      refuseBomb(bytes, compressed.bytes, limits, digest);
      plain.update(piece);
      await reader.write(piece);
    }
    await compressed.finish();
    const actual: Digest = `sha256:${plain.digest('hex')}`;
    if (actual !== diffId) throw wrongDigest(`the content of layer ${shortDigest(digest)}`, diffId, actual);
    return { facts: reader.finish(actual, bytes), files: reader.files, folders: reader.folders };
  } catch (thrown) {
    throw await nameLayer(thrown, digest, compressed);
  } finally {
    reader.close();
  }
}

/** Counts and hashes what lies there, also where the inflater stops before its end. */
class HashedInput implements AsyncIterable<Uint8Array> {
  readonly #pieces: AsyncIterator<Uint8Array>;
  readonly #layer: LayerToRead;
  readonly #hash = createHash('sha256');
  bytes = 0;
  /** What the place that it lies in threw; undefined while it gives what is asked for. */
  failure: unknown;
  #isWhole = false;
  #isVerified = false;

  constructor(pieces: AsyncIterable<Uint8Array>, layer: LayerToRead) {
    this.#pieces = pieces[Symbol.asyncIterator]();
    this.#layer = layer;
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return { next: () => this.#next(), return: () => Promise.resolve({ done: true, value: undefined }) };
  }

  async #next(): Promise<IteratorResult<Uint8Array>> {
    const next = await this.#pieces.next().catch((thrown: unknown) => {
      this.failure = thrown;
      throw thrown;
    });
    if (next.done === true) this.#isWhole = true;
    else {
      this.bytes += next.value.length;
      this.#hash.update(next.value);
      this.#layer.progress(next.value.length);
    }
    return next;
  }

  /** Reads what is left, and compares. @throws PlimsollError `image-damaged`. */
  async finish(): Promise<void> {
    if (this.#isVerified) return;
    while (!this.#isWhole) await this.#next();
    this.#isVerified = true;
    const { digest, size } = this.#layer;
    const actual = `sha256:${this.#hash.digest('hex')}`;
    if (actual !== digest) throw wrongDigest(`layer ${shortDigest(digest)}`, digest, actual);
    if (this.bytes !== size) {
      throw damaged(`layer ${shortDigest(digest)} has ${this.bytes} bytes, and its manifest states ${size}`);
    }
  }

  async close(): Promise<void> {
    await this.#pieces.return?.();
  }
}

function refuseBomb(bytes: number, compressedBytes: number, limits: LayerLimits, digest: Digest): void {
  const isTooLarge = bytes > limits.bytes;
  const isBomb = bytes > limits.ratioFromBytes && bytes > compressedBytes * limits.ratio;
  if (!isTooLarge && !isBomb) return;
  const grown = `${formatBytes(compressedBytes)} of it became ${formatBytes(bytes)}`;
  throw imageError(
    'image-too-large',
    `layer ${shortDigest(digest)} is refused as a decompression bomb: ${grown}`,
    'look into how that layer was built: docker history IMAGE',
  );
}

/**
 * What a damaged archive says is worth little where the digest says that the bytes are not those that were meant: then the
 * digests are the error. Otherwise the layer was pushed as it is, and its own fault is.
 */
async function nameLayer(thrown: unknown, digest: Digest, compressed: HashedInput): Promise<unknown> {
  const isOfContent =
    compressed.failure === undefined &&
    thrown instanceof PlimsollError &&
    /^(tar|zstd)-|^image-damaged$/.test(thrown.code);
  if (!isOfContent) {
    await compressed.close();
    return thrown;
  }
  if (!hasDigests(thrown)) {
    try {
      await compressed.finish();
    } catch (mismatch) {
      return mismatch;
    }
  }
  await compressed.close();
  if (thrown.code === 'image-damaged' && hasDigests(thrown)) return thrown;
  return damaged(`layer ${shortDigest(digest)}: ${thrown.message}`, thrown);
}

const hasDigests = ({ details }: PlimsollError): boolean => isDigest(String(details['stated']));
