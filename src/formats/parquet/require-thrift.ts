import { badDataFile } from '../data-file.ts';

const depthAtMost = 32;
const fieldAtMost = 32_767;
const varintBytesAtMost = 10;

/** Kinds of the compact protocol: https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md */
const kinds = {
  stop: 0,
  true: 1,
  false: 2,
  byte: 3,
  i16: 4,
  i32: 5,
  i64: 6,
  double: 7,
  binary: 8,
  list: 9,
  struct: 12,
};

/**
 * Walks a Thrift structure before it is parsed, because a parser makes objects of bytes: one byte can be a structure, and a
 * number can be of a million bytes.
 * @returns the offset behind the structure.
 * @throws RangeError where the bytes end first; PlimsollError `data-invalid` where it is deeper or has more parts than any
 * file needs.
 */
export function requireThrift(bytes: Uint8Array, at: number, partsAtMost: number): number {
  const walk = new ThriftWalk(bytes, at, partsAtMost);
  walk.skip(kinds.struct, 0);
  return walk.at;
}

class ThriftWalk {
  at: number;
  readonly #bytes: Uint8Array;
  readonly #partsAtMost: number;
  #parts = 0;

  constructor(bytes: Uint8Array, at: number, partsAtMost: number) {
    this.#bytes = bytes;
    this.at = at;
    this.#partsAtMost = partsAtMost;
  }

  skip(kind: number, depth: number): void {
    this.#parts += 1;
    if (this.#parts > this.#partsAtMost) throw tooMuch(`more than ${this.#partsAtMost} parts`);
    if (depth > depthAtMost) throw tooMuch(`structures within structures, deeper than ${depthAtMost}`);
    switch (kind) {
      case kinds.true:
      case kinds.false:
        return;
      case kinds.byte:
        this.#step(1);
        return;
      case kinds.i16:
      case kinds.i32:
      case kinds.i64:
        this.#varint();
        return;
      case kinds.double:
        this.#step(8);
        return;
      case kinds.binary:
        this.#step(this.#varint());
        return;
      case kinds.list:
        this.#skipList(depth);
        return;
      case kinds.struct:
        this.#skipStruct(depth);
        return;
      default:
        throw tooMuch(`a part of the unknown kind ${kind}`);
    }
  }

  #skipStruct(depth: number): void {
    for (let field = 0; ;) {
      const head = this.#byte();
      const kind = head & 15;
      if (kind === kinds.stop) return;
      const step = head >> 4;
      const told = step === 0 ? this.#varint() : 0;
      field = step === 0 ? (told % 2 === 0 ? told / 2 : -(told + 1) / 2) : field + step;
      if (field < 0 || field > fieldAtMost) throw tooMuch(`a field with the number ${field}`);
      this.skip(kind, depth + 1);
    }
  }

  #skipList(depth: number): void {
    const head = this.#byte();
    const kind = head & 15;
    const short = head >> 4;
    const size = short === 15 ? this.#varint() : short;
    // Each part takes a byte at least, also where the list is of truth values.
    if (size > this.#bytes.length - this.at) throw new RangeError('a list is cut off');
    const isTruth = kind === kinds.true || kind === kinds.false;
    for (let part = 0; part < size; part += 1) this.skip(isTruth ? kinds.byte : kind, depth + 1);
  }

  #varint(): number {
    let value = 0;
    for (let count = 0; count < varintBytesAtMost; count += 1) {
      const byte = this.#byte();
      value += (byte & 127) * 2 ** (7 * count);
      if (byte < 128) return value;
    }
    throw tooMuch(`a number of more than ${varintBytesAtMost} bytes`);
  }

  #byte(): number {
    const byte = this.#bytes[this.at];
    if (byte === undefined) throw new RangeError('a structure is cut off');
    this.at += 1;
    return byte;
  }

  #step(bytes: number): void {
    if (bytes > this.#bytes.length - this.at) throw new RangeError('a structure is cut off');
    this.at += bytes;
  }
}

function tooMuch(what: string): Error {
  return badDataFile(
    `its directory has ${what}, which no writer of Parquet makes`,
    'write the file again with larger row groups or fewer columns, or copy it again',
  );
}
