import type { ByteSource } from './byte-source.ts';

/**
 * Reads a source through one window at a time, so that walking a file of gigabytes takes the memory of the window. The bytes
 * that it hands out are good until the next call.
 */
export class ByteWindow {
  readonly #source: ByteSource;
  #bytes: Uint8Array = new Uint8Array();
  #start = 0;

  constructor(source: ByteSource) {
    this.#source = source;
  }

  get sourceBytes(): number {
    return this.#source.bytes;
  }

  /**
   * At least `needed` bytes from `at`, fewer only where the source ends; what a read brings beyond them, up to
   * `readBytes`, comes along.
   */
  async from(at: number, needed: number, readBytes: number): Promise<Uint8Array> {
    const offset = at - this.#start;
    if (offset < 0 || offset + needed > this.#bytes.length) {
      this.#bytes = await this.#source.read(
        at,
        Math.min(Math.max(needed, readBytes), Math.max(0, this.sourceBytes - at)),
      );
      this.#start = at;
      return this.#bytes;
    }
    return this.#bytes.subarray(offset);
  }
}
