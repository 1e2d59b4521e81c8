import type { ByteSource } from '../byte-source.ts';
import { ggufInvalid, ggufTruncated } from './gguf-errors.ts';

const windowBytes = 256 * 1024;
const nothing: DataView = new DataView(new ArrayBuffer(0));

/** Reads a file's head from front to back through one window, so that a vocabulary of millions of words costs little memory. */
export class GgufReader {
  readonly #source: ByteSource;
  #window: DataView = nothing;
  #windowStart = 0;
  #at = 0;
  #littleEndian = true;
  /** Version 1 had lengths and counts of 32 bits. */
  #longLengths = true;

  constructor(source: ByteSource) {
    this.#source = source;
  }

  get at(): number {
    return this.#at;
  }

  get bytes(): number {
    return this.#source.bytes;
  }

  setForm(form: { readonly littleEndian: boolean; readonly longLengths: boolean }): void {
    this.#littleEndian = form.littleEndian;
    this.#longLengths = form.longLengths;
  }

  /** True when the next `length` bytes are in the window; otherwise `load` must be awaited. */
  holds(length: number): boolean {
    return this.#at + length <= this.#windowStart + this.#window.byteLength;
  }

  /** Brings the next `length` bytes into the window. @throws PlimsollError `gguf-truncated` where the file ends before. */
  async load(length: number, what: string): Promise<void> {
    if (this.holds(length)) return;
    if (this.#at + length > this.#source.bytes) throw ggufTruncated(what, this.#at, this.#source.bytes);
    const wanted = Math.min(Math.max(length, windowBytes), this.#source.bytes - this.#at);
    const read = await this.#source.read(this.#at, wanted);
    if (read.length < length) throw ggufTruncated(what, this.#at, this.#at + read.length);
    this.#window = new DataView(read.buffer, read.byteOffset, read.byteLength);
    this.#windowStart = this.#at;
  }

  skip(length: number, what: string): void {
    if (this.#at + length > this.#source.bytes) throw ggufTruncated(what, this.#at, this.#source.bytes);
    this.#at += length;
    // The window is left where it is: behind the place it holds nothing of use, and `holds` must say so.
    if (this.#at > this.#windowStart + this.#window.byteLength) {
      this.#window = nothing;
      this.#windowStart = this.#at;
    }
  }

  async u32(what: string): Promise<number> {
    await this.load(4, what);
    return this.#take(4, (view, at) => view.getUint32(at, this.#littleEndian));
  }

  /** A count or a length: 64 bits, 32 in version 1. @throws PlimsollError `gguf-invalid` beyond 2^53. */
  async length(what: string): Promise<number> {
    await this.load(this.lengthBytes, what);
    return this.lengthNow(what);
  }

  get lengthBytes(): number {
    return this.#longLengths ? 8 : 4;
  }

  /** The same of bytes that the window holds. */
  lengthNow(what: string): number {
    if (!this.#longLengths) return this.#take(4, (view, at) => view.getUint32(at, this.#littleEndian));
    const value = this.#take(8, (view, at) => {
      const [low, high] = this.#littleEndian ? [at, at + 4] : [at + 4, at];
      return view.getUint32(high, this.#littleEndian) * 2 ** 32 + view.getUint32(low, this.#littleEndian);
    });
    if (!Number.isSafeInteger(value)) throw ggufInvalid(`${what} of 2^53 or more`, this.#at - 8);
    return value;
  }

  /** A number of one of the value types, as a number or, of 64 bits beyond 2^53, rounded. */
  async number(
    bytes: number,
    read: (view: DataView, at: number, littleEndian: boolean) => number | bigint,
  ): Promise<number> {
    await this.load(bytes, 'a number');
    return this.#take(bytes, (view, at) => Number(read(view, at, this.#littleEndian)));
  }

  /** The next bytes, at most `length` of them, a view that holds until the next call. */
  async content(length: number, what: string): Promise<Uint8Array> {
    await this.load(length, what);
    return this.#take(length, (view, at) => new Uint8Array(view.buffer, view.byteOffset + at, length));
  }

  #take<T>(bytes: number, read: (view: DataView, at: number) => T): T {
    const value = read(this.#window, this.#at - this.#windowStart);
    this.#at += bytes;
    return value;
  }
}
