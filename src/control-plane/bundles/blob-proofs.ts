import type { Digest } from '../../core/units/digest.ts';

interface Holder {
  readonly service: string;
  readonly environment: string;
}

const uploadsAtMost = 10_000;
const proofsAtMost = 200_000;

/** Which service has sent the bytes of which blob since this start. After another one they are sent again: an offer says so. */
export class BlobProofs {
  readonly #sent = new Set<string>();
  /** How much from its beginning on each holder has sent of an upload: whoever sends the end of an upload of others proves nothing. */
  readonly #begun = new Map<Digest, Map<string, number>>();

  /** The same bytes, counted for their sender. */
  async *count(
    holder: Holder,
    digest: Digest,
    offset: number,
    bytes: AsyncIterable<Uint8Array>,
  ): AsyncGenerator<Uint8Array> {
    if (offset === 0) this.#begun.delete(digest);
    const begun = this.#begun.get(digest) ?? new Map<string, number>();
    const [oldest] = this.#begun.keys();
    if (this.#begun.size >= uploadsAtMost && oldest !== undefined) this.#begun.delete(oldest);
    this.#begun.set(digest, begun);
    const key = keyOf(holder, digest);
    const counts = (begun.get(key) ?? 0) >= offset;
    let at = offset;
    for await (const chunk of bytes) {
      at += chunk.length;
      if (counts) begun.set(key, at);
      yield chunk;
    }
  }

  /** Told that an upload is whole and makes its digest. */
  ended(holder: Holder, digest: Digest, totalBytes: number): void {
    if ((this.#begun.get(digest)?.get(keyOf(holder, digest)) ?? 0) >= totalBytes) this.add(holder, digest);
    this.#begun.delete(digest);
  }

  add(holder: Holder, digest: Digest): void {
    const [oldest] = this.#sent;
    if (this.#sent.size >= proofsAtMost && oldest !== undefined) this.#sent.delete(oldest);
    this.#sent.add(keyOf(holder, digest));
  }

  has(holder: Holder, digest: Digest): boolean {
    return this.#sent.has(keyOf(holder, digest));
  }
}

const keyOf = ({ service, environment }: Holder, digest: Digest): string =>
  JSON.stringify([service, environment, digest]);
