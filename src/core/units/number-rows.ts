import { doubleOfDecimal } from './decimal.ts';

/**
 * Reads JSON numbers straight from bytes into doubles: several times as fast as decoding and JSON.parse (measured
 * 2026-11; `npm run bench -- model-server` shows the whole). Accepts exactly JSON's grammar (RFC 8259, section 6) and
 * gives exactly JSON.parse's doubles, or gives up.
 */
const comma = 0x2c;
const close = 0x5d;
const minus = 0x2d;
const plus = 0x2b;
const dot = 0x2e;
const zero = 0x30;
const nine = 0x39;

/** The four bytes of `0,0,`. */
const zeroCommaZeroComma = 0x302c302c;

/** From here on `first` holds 15 digits, and further ones are kept apart. */
const fifteenDigits = 1e14;

/** Where a row stopped, and how many numbers the output holds by then. */
export interface RowEnd {
  at: number;
  count: number;
  /** Set where an integer of 16 digits or more was read, which a double may have rounded; never cleared. */
  long: boolean;
}

/**
 * Reads `1, 2.5, -3]` from `end.at` (behind the opening bracket) into `out` from `end.count` on; `end.at` is then
 * behind the closing bracket. One long function, because a call for each of 50,000 numbers would cost more than reading.
 * @returns false to give up: no such row, no room, or a number that `doubleOfDecimal` cannot promise to round.
 */
export function readNumberRow(bytes: Uint8Array, out: Float64Array, end: RowEnd): boolean {
  let { at, count } = end;
  const words = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const lastWord = bytes.length - 4;
  for (;;) {
    // Zeros are what images, masks and one-hot rows are mostly made of: two of them at a time, then any one digit.
    while (at <= lastWord && words.getUint32(at) === zeroCommaZeroComma && count + 1 < out.length) {
      out[count] = 0;
      out[count + 1] = 0;
      count += 2;
      at += 4;
    }
    let byte = bytes[at] ?? 0;
    if (bytes[at + 1] === comma && byte >= zero && byte <= nine && count < out.length) {
      out[count] = byte - zero;
      count += 1;
      at += 2;
      continue;
    }
    while (isSpace(byte)) byte = bytes[++at] ?? 0;
    const negative = byte === minus;
    if (negative) byte = bytes[++at] ?? 0;
    const start = at;
    let first = 0;
    let more = 0;
    let moreCount = 0;
    for (; byte >= zero && byte <= nine; byte = bytes[++at] ?? 0) {
      if (first < fifteenDigits) first = first * 10 + (byte - zero);
      else {
        more = more * 10 + (byte - zero);
        moreCount += 1;
      }
    }
    if (at === start || (at > start + 1 && bytes[start] === zero)) return false;
    let scale = 0;
    if (byte === dot) {
      const firstDecimal = at + 1;
      for (byte = bytes[++at] ?? 0; byte >= zero && byte <= nine; byte = bytes[++at] ?? 0) {
        if (first < fifteenDigits) first = first * 10 + (byte - zero);
        else {
          more = more * 10 + (byte - zero);
          moreCount += 1;
        }
      }
      scale = at - firstDecimal;
      if (scale === 0) return false;
    }
    // 'e' and 'E' differ in one bit.
    if ((byte | 0x20) === 0x65) {
      end.at = at + 1;
      const exponent = readExponent(bytes, end);
      if (exponent === null) return false;
      scale -= exponent;
      at = end.at;
      byte = bytes[at] ?? 0;
    }
    if (moreCount > 0 && scale === 0) end.long = true;
    const value = scale === 0 && moreCount === 0 ? first : doubleOfDecimal(first, more, moreCount, scale);
    if (value !== value || count >= out.length) return false;
    out[count] = negative ? -value : value;
    count += 1;
    while (isSpace(byte)) byte = bytes[++at] ?? 0;
    at += 1;
    if (byte === comma) continue;
    if (byte !== close) return false;
    end.at = at;
    end.count = count;
    return true;
  }
}

/** Reads `-7` from `end.at` on; at most three digits. */
function readExponent(bytes: Uint8Array, end: RowEnd): number | null {
  const sign = bytes[end.at];
  if (sign === minus || sign === plus) end.at += 1;
  const start = end.at;
  let exponent = 0;
  for (let byte = bytes[end.at] ?? 0; byte >= zero && byte <= nine; byte = bytes[++end.at] ?? 0) {
    exponent = exponent * 10 + (byte - zero);
  }
  if (end.at === start || end.at > start + 3) return null;
  return sign === minus ? -exponent : exponent;
}

/** The four that JSON calls white space. */
export function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}
