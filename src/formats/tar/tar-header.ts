import { tarDamaged } from './tar-errors.ts';

/** The fields of one 512-byte header block that a reader needs. */
export interface TarHeader {
  readonly path: string;
  readonly type: string;
  readonly bytes: number;
  readonly linkTarget: string;
  /** Of an old GNU sparse file: another block of its map follows this one. */
  readonly sparseMapGoesOn: boolean;
}

/** @throws PlimsollError `tar-damaged`. Null for a block of zeros. */
export function readTarHeader(block: Uint8Array): TarHeader | null {
  if (block.every((byte) => byte === 0)) return null;
  if (!checksumHolds(block)) throw tarDamaged('the checksum of a header does not hold');
  const type = String.fromCharCode(block[156] ?? 0);
  const name = text(block, 0, 100);
  // Only POSIX `ustar\0` has a prefix; GNU's `ustar  \0` keeps other things there.
  const prefix = text(block, 257, 6) === 'ustar' && block[262] === 0 ? text(block, 345, 155) : '';
  return {
    path: prefix === '' ? name : `${prefix}/${name}`,
    type: type === '\0' ? (name.endsWith('/') ? '5' : '0') : type,
    bytes: readNumber(block, 124, 12),
    linkTarget: text(block, 157, 100),
    sparseMapGoesOn: type === 'S' && block[482] !== 0,
  };
}

/** Whether yet another block follows this one of an old GNU sparse map. */
export const sparseBlockGoesOn = (block: Uint8Array): boolean => block[504] !== 0;

function text(block: Uint8Array, offset: number, length: number): string {
  const field = block.subarray(offset, offset + length);
  const end = field.indexOf(0);
  return new TextDecoder().decode(end < 0 ? field : field.subarray(0, end));
}

/** Octal digits, or base-256 (GNU, for sizes of 8 GiB and more) where the first bit is set. */
function readNumber(block: Uint8Array, offset: number, length: number): number {
  const first = block[offset] ?? 0;
  if ((first & 0x80) !== 0) return readBase256(block.subarray(offset, offset + length));
  const digits = text(block, offset, length).trim();
  if (digits === '') return 0;
  if (!/^[0-7]+$/.test(digits)) throw tarDamaged(`a size is ${JSON.stringify(digits)}, which is not octal`);
  return Number.parseInt(digits, 8);
}

function readBase256(field: Uint8Array): number {
  if (((field[0] ?? 0) & 0x40) !== 0) throw tarDamaged('a size is negative');
  let value = (field[0] ?? 0) & 0x3f;
  for (const byte of field.subarray(1)) {
    value = value * 256 + byte;
    if (!Number.isSafeInteger(value)) throw tarDamaged('a size has more than 53 bits');
  }
  return value;
}

/** Sum of all bytes with the checksum field taken as spaces; some old programs summed signed bytes. */
function checksumHolds(block: Uint8Array): boolean {
  const stated = Number.parseInt(text(block, 148, 8).trim(), 8);
  let unsigned = 0;
  let signed = 0;
  for (let at = 0; at < block.length; at += 1) {
    const byte = at >= 148 && at < 156 ? 0x20 : (block[at] ?? 0);
    unsigned += byte;
    signed += byte < 128 ? byte : byte - 256;
  }
  return stated === unsigned || stated === signed;
}
