import { PlimsollError } from '../../core/units/errors.ts';

/** Deeper nesting than any tensor of 32 dimensions needs. */
const maxDepth = 64;
/**
 * Arrays, objects and members together. A body of nothing else costs ten times as long to parse as one of numbers, and JSON.parse answers
 * nobody meanwhile. 1,024 tensors with all their members are a tenth of it; rows of text in arrays of their own count too.
 */
const maxValues = 100_000;
const openBracket = 0x5b;
const openBrace = 0x7b;
const colon = 0x3a;
const quote = 0x22;
const backslash = 0x5c;

/** JSON text with its value; `exact()` parses it again with integers beyond 2^53 as bigint. */
export interface ParsedJson {
  readonly value: unknown;
  exact(): unknown;
}

const decoder = new TextDecoder('utf-8', { fatal: true });

/**
 * UTF-8 JSON as a value. Nesting and members are counted on the bytes first, because 32 MiB of `[` would cost JSON.parse
 * gigabytes before it noticed that nothing closes them.
 * @throws PlimsollError `json-not-utf8`, `json-too-deep`, `json-too-many`, `json-invalid`, `json-empty`.
 */
export function parseJson(bytes: Uint8Array, what: string): ParsedJson {
  if (bytes.length === 0) {
    throw invalid('json-empty', `${what} is empty; expected a JSON object`, 'send the JSON object as the body');
  }
  requireBounded(bytes, what);
  const text = decode(bytes, what);
  return { value: parse(text, what), exact: () => parseExact(text) };
}

function decode(bytes: Uint8Array, what: string): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw invalid('json-not-utf8', `${what} is not valid UTF-8`, 'encode the JSON as UTF-8');
  }
}

function parse(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    const nonFinite = /(?<!")\b-?(NaN|Infinity)\b/.exec(text);
    if (nonFinite !== null && reason.includes('JSON')) {
      throw invalid(
        'json-non-finite',
        `${what} is not valid JSON: ${nonFinite[1]} is not a JSON number (at offset ${nonFinite.index})`,
        'send "NaN", "Infinity" or "-Infinity" as text, or the tensor in binary form',
      );
    }
    throw invalid('json-invalid', `${what} is not valid JSON: ${reason.slice(0, 200)}`, 'send one JSON object');
  }
}

/** The text parsed once already, so it is valid; only the integers that a double cannot hold come out differently. */
function parseExact(text: string): unknown {
  const revive: (key: string, value: unknown, context?: { source?: string }) => unknown = (_key, value, context) =>
    typeof value === 'number' && !Number.isSafeInteger(value) && context?.source !== undefined
      ? (exactInteger(context.source) ?? value)
      : value;
  return JSON.parse(text, revive);
}

const numberPattern = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

/** The integer that a JSON number says, exactly; null for a fraction and for more than 64 digits. */
export function exactInteger(source: string): bigint | null {
  const match = numberPattern.exec(source);
  if (match === null) return null;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  const shift = Number(exponent) - fraction.length;
  let digits = whole + fraction;
  if (shift >= 0) {
    if (digits.length + shift > 64) return null;
    digits += '0'.repeat(shift);
  } else {
    if (digits.length > 4096) return null;
    const kept = Math.max(0, digits.length + shift);
    if (/[^0]/.test(digits.slice(kept))) return null;
    digits = digits.slice(0, kept);
    if (digits.length > 64) return null;
  }
  return BigInt(`${sign}${digits === '' ? '0' : digits}`);
}

/** Counts by the runtime's own byte search first: a flat request has a handful of each and is done there. */
function requireBounded(bytes: Uint8Array, what: string): void {
  const brackets = countUpTo(bytes, openBracket, maxDepth) + countUpTo(bytes, openBrace, maxDepth);
  if (brackets <= maxDepth && countUpTo(bytes, colon, maxValues) + brackets <= maxValues) return;
  const excess = findExcess(bytes);
  if (excess === 'depth') {
    throw invalid('json-too-deep', `${what} is nested deeper than ${maxDepth} levels`, 'send flat data');
  }
  if (excess === 'values') {
    const message = `${what} has more than ${maxValues.toLocaleString('en-US')} arrays, objects and members together`;
    throw invalid('json-too-many', message, 'send the elements of a tensor in one flat array, or in binary form');
  }
}

function countUpTo(bytes: Uint8Array, byte: number, limit: number): number {
  let count = 0;
  let at = bytes.indexOf(byte);
  while (at !== -1 && count <= limit) {
    count += 1;
    at = bytes.indexOf(byte, at + 1);
  }
  return count;
}

function findExcess(bytes: Uint8Array): 'depth' | 'values' | null {
  let [depth, values] = [0, 0];
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === quote) at = endOfString(bytes, at);
    // '[' and '{' are 0x5b and 0x7b, ']' and '}' 0x5d and 0x7d: one bit tells each pair apart.
    else if (byte === openBracket || byte === openBrace) {
      depth += 1;
      values += 1;
      if (depth > maxDepth) return 'depth';
    } else if (byte === openBracket + 2 || byte === openBrace + 2) depth -= 1;
    else if (byte === colon) values += 1;
    if (values > maxValues) return 'values';
  }
  return null;
}

function endOfString(bytes: Uint8Array, start: number): number {
  let at = start + 1;
  while (at < bytes.length && bytes[at] !== quote) at += bytes[at] === backslash ? 2 : 1;
  return at;
}

function invalid(code: string, message: string, next: string): PlimsollError {
  return new PlimsollError({ code, category: 'input', message, next });
}
