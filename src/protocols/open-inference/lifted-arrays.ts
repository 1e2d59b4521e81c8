import { isSpace, leastMost, readNumberRow, type RowEnd } from '../../core/units/number-rows.ts';

/** An array of numbers that was read ahead of the JSON around it. */
export interface NumberArray {
  /** Lengths of the nesting, outermost first; `[6]` for a flat array of six. Every array of a level is as long. */
  readonly dimensions: readonly number[];
  /** Valid until the next call of `liftNumberArrays`. */
  readonly values: Float64Array;
  /** No value is larger in magnitude. */
  readonly most: number;
}

/** JSON whose `"data": [numbers]` members were taken out; in their places stand the strings of `placeOf`. */
export interface LiftedJson {
  readonly bytes: Uint8Array;
  readonly arrays: readonly NumberArray[];
}

const quote = 0x22;
const backslash = 0x5c;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const comma = 0x2c;
const colon = 0x3a;
const letterA = 0x61;
const letterD = 0x64;
const letterT = 0x74;
const encoder = new TextEncoder();

/** Strings looked at before giving up on finding another number array: a tensor of text has many. */
const maxStrings = 512;
const maxArrays = 64;
const maxDepth = 32;
/** Shorter bodies gain nothing. */
const minBytes = 64;

/** Doubles that are reused from call to call; a request that needs more gets its own. */
const scratch = new Float64Array(256 * 1024);

/** What stands in the reduced JSON for the array of that index; no client can write it, see `liftNumberArrays`. */
export function placeOf(index: number): string {
  return `\u0001${index}`;
}

/**
 * Takes the number arrays behind `"data":` out of a JSON text, so that only a short rest is left for JSON.parse.
 *
 * Taking them out changes no meaning: inside a string a quote is always behind a backslash, and with any backslash in
 * the rest this gives up. For the same reason no client can forge a place: U+0001 must be escaped in JSON.
 * @returns null when there is nothing to take out, or anything unusual; the text is then parsed as a whole, which also
 * words the errors.
 */
export function liftNumberArrays(bytes: Uint8Array): LiftedJson | null {
  if (bytes.length < minBytes) return null;
  const arrays: NumberArray[] = [];
  const rest: Uint8Array[] = [];
  const values = bytes.length / 2 <= scratch.length ? scratch : new Float64Array(Math.ceil(bytes.length / 2));
  const end: RowEnd = { at: 0, count: 0, long: false, most: leastMost };
  let from = 0;
  for (let at = bytes.indexOf(quote), strings = 0; at !== -1; at = bytes.indexOf(quote, at + 1), strings += 1) {
    if (strings > maxStrings) break;
    const start = arrayStart(bytes, at);
    if (start === -1) continue;
    const first = end.count;
    end.at = start;
    const dimensions = readNested(bytes, values, end);
    if (dimensions === null || arrays.length >= maxArrays) return null;
    rest.push(bytes.subarray(from, start), encoder.encode(`"\\u0001${arrays.length}"`));
    arrays.push({ dimensions, values: values.subarray(first, end.count), most: end.most });
    from = end.at;
    at = end.at - 1;
  }
  if (arrays.length === 0) return null;
  rest.push(bytes.subarray(from));
  const hasBackslash = rest.some((part, index) => index % 2 === 0 && part.includes(backslash));
  return hasBackslash ? null : { bytes: joined(rest), arrays };
}

/** Index of the `[` of `"data": [`, whose first quote is at `at`; -1 when that is something else. */
function arrayStart(bytes: Uint8Array, at: number): number {
  if (bytes[at + 5] !== quote || bytes[at + 1] !== letterD) return -1;
  if (bytes[at + 2] !== letterA || bytes[at + 3] !== letterT || bytes[at + 4] !== letterA) return -1;
  const sign = afterSpace(bytes, at + 6);
  if (bytes[sign] !== colon) return -1;
  const start = afterSpace(bytes, sign + 1);
  return bytes[start] === openBracket ? start : -1;
}

/** Reads from the outermost `[`; `end` is then behind its `]`. Null unless every array of a level has the same length. */
function readNested(bytes: Uint8Array, out: Float64Array, end: RowEnd): number[] | null {
  let depth = 0;
  let at = end.at;
  while (bytes[at] === openBracket) {
    depth += 1;
    at = afterSpace(bytes, at + 1);
  }
  if (depth > maxDepth) return null;
  const lengths = new Array<number>(depth).fill(-1);
  const counts = new Array<number>(depth).fill(0);
  for (end.at = at; ;) {
    const first = end.count;
    if (!readNumberRow(bytes, out, end) || !sameLength(lengths, depth - 1, end.count - first)) return null;
    const level = closeLevels(bytes, end, lengths, counts);
    if (level === 0) return lengths;
    if (level === -1 || !openLevels(bytes, end, depth - level)) return null;
  }
}

/** Behind a row: closes what ends there. @returns the levels that are still open, or -1 for ragged or broken nesting. */
function closeLevels(bytes: Uint8Array, end: RowEnd, lengths: number[], counts: number[]): number {
  for (let level = lengths.length - 1; level > 0; level -= 1) {
    counts[level - 1] = (counts[level - 1] ?? 0) + 1;
    end.at = afterSpace(bytes, end.at);
    const byte = bytes[end.at];
    end.at += 1;
    if (byte === comma) return level;
    if (byte !== closeBracket || !sameLength(lengths, level - 1, counts[level - 1] ?? 0)) return -1;
    counts[level - 1] = 0;
  }
  return 0;
}

function openLevels(bytes: Uint8Array, end: RowEnd, count: number): boolean {
  for (let opened = 0; opened < count; opened += 1) {
    end.at = afterSpace(bytes, end.at);
    if (bytes[end.at] !== openBracket) return false;
    end.at += 1;
  }
  return true;
}

function sameLength(lengths: number[], level: number, length: number): boolean {
  if (lengths[level] === -1) lengths[level] = length;
  return lengths[level] === length;
}

function afterSpace(bytes: Uint8Array, at: number): number {
  while (isSpace(bytes[at] ?? 0)) at += 1;
  return at;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
