/** Bytes that compress as the contents of images do, the same in every run. */

/** A small generator of 32-bit numbers (xorshift32): the layers must be the same everywhere. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state;
  };
}

const blockBytes = 1024 * 1024;
/** More than any compressor's window looks back, so that repeating a block is not seen. */
const blocksEach = 48;

export type Kind = 'text' | 'code' | 'weights';

/** Gives as many bytes of a kind as are asked for, a block at a time. */
export class Contents {
  readonly #blocks: Readonly<Record<Kind, readonly Buffer[]>>;
  readonly #next: () => number;
  readonly #pieces = new Map<string, Buffer>();

  constructor(seed: number) {
    this.#next = seeded(seed);
    const many = (make: (next: () => number) => Buffer): readonly Buffer[] =>
      Array.from({ length: blocksEach }, () => make(this.#next));
    this.#blocks = { text: many(textBlock), code: many(codeBlock), weights: many(weightsBlock) };
  }

  /** The same piece is the same object each time, so that what was made of it can be remembered. */
  *bytes(kind: Kind, length: number): Generator<Buffer> {
    for (let left = length; left > 0;) {
      const piece = this.#piece(kind, this.#next() % blocksEach, Math.min(left, blockBytes));
      left -= piece.length;
      yield piece;
    }
  }

  #piece(kind: Kind, index: number, length: number): Buffer {
    const key = `${kind} ${index} ${length}`;
    const known = this.#pieces.get(key);
    if (known !== undefined) return known;
    const block = this.#blocks[kind][index] ?? Buffer.alloc(blockBytes);
    const piece = block.subarray(0, length);
    this.#pieces.set(key, piece);
    return piece;
  }
}

/** Words of a small vocabulary: shrinks to about a quarter, as sources and documentation do. */
function textBlock(next: () => number): Buffer {
  const words = Array.from({ length: 600 }, () => (next() % 1e9).toString(36));
  const parts: string[] = [];
  for (let bytes = 0; bytes < blockBytes;) {
    const word = words[Math.min(next() % 600, next() % 600)] ?? '';
    parts.push(word);
    bytes += word.length + 1;
  }
  return Buffer.from(parts.join(' ')).subarray(0, blockBytes);
}

/** Instructions of a few thousand kinds with operands: shrinks to about 40%, as machine code does. */
function codeBlock(next: () => number): Buffer {
  const instructions = Array.from({ length: 3000 }, next);
  const block = Buffer.alloc(blockBytes);
  for (let at = 0; at < blockBytes; at += 8) {
    block.writeUInt32LE(instructions[Math.min(next() % 3000, next() % 3000)] ?? 0, at);
    block.writeUInt32LE(next() % 5 === 0 ? next() : (next() % 64) * 8, at + 4);
  }
  return block;
}

/** 16-bit floating point numbers around zero: hardly shrinks. */
function weightsBlock(next: () => number): Buffer {
  const block = Buffer.alloc(blockBytes);
  for (let at = 0; at < blockBytes; at += 4) block.writeUInt32LE(((next() & 0x87ff87ff) | 0x38003800) >>> 0, at);
  return block;
}
