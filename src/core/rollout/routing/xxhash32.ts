/**
 * XXH32 of text, one byte a character (a header's value as it is on the wire; of a wider character the low byte counts).
 * https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md, version 0.1.1. Chosen because it is published with test
 * vectors, needs nothing but 32-bit arithmetic, and spreads keys that differ in one digit.
 * @param seed 32 bits. @returns a whole number from 0 to 2^32 - 1.
 */
export function xxhash32(text: string, seed = 0): number {
  const { length } = text;
  let at = 0;
  let hash: number;
  if (length >= 16) {
    let a = (seed + prime1 + prime2) | 0;
    let b = (seed + prime2) | 0;
    let c = seed | 0;
    let d = (seed - prime1) | 0;
    for (; at + 16 <= length; at += 16) {
      a = mixLane(a, wordAt(text, at));
      b = mixLane(b, wordAt(text, at + 4));
      c = mixLane(c, wordAt(text, at + 8));
      d = mixLane(d, wordAt(text, at + 12));
    }
    hash = (rotate(a, 1) + rotate(b, 7) + rotate(c, 12) + rotate(d, 18)) | 0;
  } else hash = (seed + prime5) | 0;
  hash = (hash + length) | 0;
  for (; at + 4 <= length; at += 4) hash = product(rotate((hash + product(wordAt(text, at), prime3)) | 0, 17), prime4);
  for (; at < length; at += 1) hash = product(rotate((hash + product(byteAt(text, at), prime5)) | 0, 11), prime1);
  return avalanche(hash);
}

const prime1 = 0x9e3779b1;
const prime2 = 0x85ebca77;
const prime3 = 0xc2b2ae3d;
const prime4 = 0x27d4eb2f;
const prime5 = 0x165667b1;

const product = Math.imul;

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

function byteAt(text: string, at: number): number {
  return text.charCodeAt(at) & 0xff;
}

function wordAt(text: string, at: number): number {
  return byteAt(text, at) | (byteAt(text, at + 1) << 8) | (byteAt(text, at + 2) << 16) | (byteAt(text, at + 3) << 24);
}

function mixLane(lane: number, word: number): number {
  return product(rotate((lane + product(word, prime2)) | 0, 13), prime1);
}

function avalanche(value: number): number {
  let hash = product(value ^ (value >>> 15), prime2);
  hash = product(hash ^ (hash >>> 13), prime3);
  return (hash ^ (hash >>> 16)) >>> 0;
}
