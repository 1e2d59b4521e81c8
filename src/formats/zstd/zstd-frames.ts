import { PlimsollError } from '../../core/units/errors.ts';

/** Decoders must accept 8 MiB; `zstd --ultra` asks for 128 MiB; more is only for files that nobody streams. */
const windowBytesAtMost = 128 * 1024 * 1024;

type State = 'magic' | 'skip-size' | 'skip' | 'descriptor' | 'header' | 'block-header' | 'block';

/**
 * Cuts a Zstandard stream at the borders of its frames, and leaves skippable frames out. Layers may have many (the chunked
 * form of container tools has one for each file), and a decoder of one frame drops what follows in the same piece.
 * The format: RFC 8878, section 3.1.
 */
export class ZstdFrames {
  #state: State = 'magic';
  /** Bytes that the present state still takes. */
  #left = 4;
  /** The field that is gathered now; the longest is a header of 14 bytes. */
  readonly #field = new Uint8Array(16);
  #filled = 0;
  /** Inside a frame that is decoded, behind its magic number. */
  #inFrame = false;
  #descriptor = 0;
  #isLastBlock = false;

  /** Pieces that are to be decoded one after the other, each in one frame. @throws PlimsollError `zstd-damaged` (input). */
  cut(chunk: Uint8Array): readonly Uint8Array[] {
    const pieces: Uint8Array[] = [];
    let start = 0;
    let at = 0;
    for (;;) {
      const taken = Math.min(this.#left, chunk.length - at);
      if (this.#state !== 'block' && this.#state !== 'skip') {
        this.#field.set(chunk.subarray(at, at + taken), this.#filled);
        this.#filled += taken;
      }
      at += taken;
      this.#left -= taken;
      if (this.#left > 0) break;
      const wasInFrame = this.#inFrame;
      this.#complete();
      if (this.#inFrame && !wasInFrame) {
        pieces.push(this.#field.slice(0, 4));
        start = at;
      }
      if (!this.#inFrame && wasInFrame) pieces.push(chunk.subarray(start, at));
    }
    if (this.#inFrame && at > start) pieces.push(chunk.subarray(start, at));
    return pieces.filter((piece) => piece.length > 0);
  }

  /** Whether the stream may end here. */
  get atBorder(): boolean {
    return this.#state === 'magic' && this.#filled === 0;
  }

  #complete(): void {
    switch (this.#state) {
      case 'magic':
        return this.#readMagic();
      case 'skip-size':
        return this.#expect('skip', this.#number(4));
      case 'skip':
        return this.#expect('magic', 4);
      case 'descriptor':
        return this.#readDescriptor();
      case 'header':
        this.#checkWindow();
        return this.#expect('block-header', 3);
      case 'block-header':
        return this.#readBlockHeader(this.#number(3));
      case 'block':
        if (!this.#isLastBlock) return this.#expect('block-header', 3);
        this.#inFrame = false;
        return this.#expect('magic', 4);
    }
  }

  #expect(state: State, bytes: number): void {
    this.#state = state;
    this.#left = bytes;
    this.#filled = 0;
  }

  #readMagic(): void {
    const magic = this.#number(4);
    if (magic === 0xfd2fb528) {
      this.#inFrame = true;
      this.#expect('descriptor', 1);
    } else if (magic >= 0x184d2a50 && magic <= 0x184d2a5f) this.#expect('skip-size', 4);
    else throw damaged('a frame does not begin with its magic number');
  }

  #readDescriptor(): void {
    this.#descriptor = this.#field[0] ?? 0;
    if ((this.#descriptor & 0x08) !== 0) throw damaged('a reserved bit is set');
    const contentSizeBytes = [this.#isSingleSegment ? 1 : 0, 2, 4, 8][this.#descriptor >> 6] ?? 0;
    const dictionaryBytes = [0, 1, 2, 4][this.#descriptor & 3] ?? 0;
    this.#expect('header', (this.#isSingleSegment ? 0 : 1) + dictionaryBytes + contentSizeBytes);
  }

  /** A frame of one segment is its own window, which the decoder bounds for itself. */
  get #isSingleSegment(): boolean {
    return (this.#descriptor & 0x20) !== 0;
  }

  #checkWindow(): void {
    if (this.#isSingleSegment) return;
    const byte = this.#field[0] ?? 0;
    const base = 2 ** (10 + (byte >> 3));
    const windowBytes = base + (base / 8) * (byte & 7);
    if (windowBytes > windowBytesAtMost) {
      throw damaged(`it asks for a window of ${windowBytes} bytes; at most ${windowBytesAtMost} are given`);
    }
  }

  #readBlockHeader(header: number): void {
    const type = (header >> 1) & 3;
    if (type === 3) throw damaged('a block has the reserved type');
    this.#isLastBlock = (header & 1) === 1;
    const checksumBytes = this.#isLastBlock && (this.#descriptor & 0x04) !== 0 ? 4 : 0;
    this.#expect('block', (type === 1 ? 1 : header >> 3) + checksumBytes);
  }

  /** Little-endian, of the first bytes of the field. */
  #number(bytes: number): number {
    let value = 0;
    for (let at = bytes - 1; at >= 0; at -= 1) value = value * 256 + (this.#field[at] ?? 0);
    return value;
  }
}

function damaged(what: string): PlimsollError {
  return new PlimsollError({
    code: 'zstd-damaged',
    category: 'input',
    message: `the Zstandard stream is damaged: ${what}`,
  });
}
