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

/** `0,0,0,0,` as a double of its own: two doubles that are equal and not zero have the same eight bytes. */
const fourZeros = new DataView(Uint8Array.of(0x30, 0x2c, 0x30, 0x2c, 0x30, 0x2c, 0x30, 0x2c).buffer).getFloat64(
  0,
  true,
);

/** Decimals of a number such as `0.992` that are read without asking for more; its digits are then a whole number below 2^31. */
const mostShortDecimals = 8;
/** Exact, as the digits are: one division rounds as JSON.parse does (Clinger 1990). */
const shortPowers = Float64Array.from({ length: mostShortDecimals + 1 }, (_, exponent) => 10 ** exponent);

/** From here on `first` holds 15 digits, and further ones are kept apart. */
const fifteenDigits = 1e14;

/** A number of one digit before the point is below it, and is not looked at. */
export const leastMost = 10;

/** Where a row stopped, and how many numbers the output holds by then. */
export interface RowEnd {
  at: number;
  count: number;
  /** Set where an integer of 16 digits or more was read, which a double may have rounded; never cleared. */
  long: boolean;
  /** No number that was read is larger in magnitude; begins with `leastMost`, and never falls. */
  most: number;
}

/**
 * Reads `1, 2.5, -3]` from `end.at` (behind the opening bracket) into `out` from `end.count` on; `end.at` is then
 * behind the closing bracket. One long function, because a call for each of 50,000 numbers would cost more than reading.
 * @returns false to give up: no such row, no room, or a number that `doubleOfDecimal` cannot promise to round.
 */
export function readNumberRow(bytes: Uint8Array, out: Float64Array, end: RowEnd): boolean {
  let { at, count, most } = end;
  const words = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const lastWord = bytes.length - 8;
  for (;;) {
    // Zeros are what images, masks and one-hot rows are mostly made of: four of them at a time, then any one digit.
    while (at <= lastWord && words.getFloat64(at, true) === fourZeros && count + 3 < out.length) {
      out[count] = 0;
      out[count + 1] = 0;
      out[count + 2] = 0;
      out[count + 3] = 0;
      count += 4;
      at += 8;
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
    let firstDecimal = 0;
    // A digit, a point and a few decimals, the usual form of what is not zero.
    if (bytes[at + 1] === dot && byte >= zero && byte <= nine && count < out.length) {
      firstDecimal = at + 2;
      first = byte - zero;
      at = firstDecimal;
      byte = bytes[at] ?? 0;
      for (
        const behind = at + mostShortDecimals;
        at < behind && byte >= zero && byte <= nine;
        byte = bytes[++at] ?? 0
      ) {
        first = first * 10 + (byte - zero);
      }
      if (byte === comma && at > firstDecimal) {
        const value = first / (shortPowers[at - firstDecimal] ?? NaN);
        out[count] = negative ? -value : value;
        count += 1;
        at += 1;
        continue;
      }
    } else {
      for (; byte >= zero && byte <= nine; byte = bytes[++at] ?? 0) {
        if (first < fifteenDigits) first = first * 10 + (byte - zero);
        else {
          more = more * 10 + (byte - zero);
          moreCount += 1;
        }
      }
      if (at === start || (at > start + 1 && bytes[start] === zero)) return false;
      if (byte === dot) {
        firstDecimal = at + 1;
        byte = bytes[++at] ?? 0;
      }
    }
    let scale = 0;
    if (firstDecimal > 0) {
      for (; byte >= zero && byte <= nine; byte = bytes[++at] ?? 0) {
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
    if (value > most) most = value;
    out[count] = negative ? -value : value;
    count += 1;
    while (isSpace(byte)) byte = bytes[++at] ?? 0;
    at += 1;
    if (byte === comma) continue;
    if (byte !== close) return false;
    end.at = at;
    end.count = count;
    end.most = most;
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
