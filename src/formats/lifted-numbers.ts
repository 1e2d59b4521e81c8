import type { DataRow } from '../core/monitoring/golden-inputs.ts';
import { isSpace, leastMost, readNumberRow, type RowEnd } from '../core/units/number-rows.ts';

/** A column whose lists of numbers are read straight from the bytes. */
export interface NumberColumn {
  readonly name: string;
  /** The name as a key of JSON, quotes included. */
  readonly key: Uint8Array;
}

export interface LiftedRow {
  /** The row as JSON.parse gives it, but for its lifted lists, which are views of the shared numbers. */
  readonly row: DataRow;
  /** How many of the shared numbers are used by now. */
  readonly used: number;
}

const quote = 0x22;
const colon = 0x3a;
const openBracket = 0x5b;

/** Quotes looked at before giving up: a row of many texts has little else. */
const quotesAtMost = 256;
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Names that JSON writes with an escape, or that an object takes for something else, stay with the general way. */
export function numberColumnsOf(names: readonly string[]): readonly NumberColumn[] {
  return names
    .filter((name) => JSON.stringify(name) === `"${name}"` && name !== '__proto__')
    .map((name) => ({ name, key: new TextEncoder().encode(`"${name}"`) }));
}

/**
 * Reads one line of JSON whose given columns hold flat lists of numbers: those from the bytes into `numbers` from `used` on
 * (in less than half the time of JSON.parse, and with no list of JavaScript's own to take apart again), the short rest, in
 * which the lists are empty, by JSON.parse.
 *
 * That changes no meaning: a list that was empty in the file makes it give up, and so does a second list of the same
 * column, so that an empty list in the column of the parsed row is the one that was taken out. What looks like a list inside
 * a text, or deeper down, is not in the column of the row. A key with an escape is not looked for, and any backslash makes
 * it give up.
 * @returns null when nothing can be lifted or anything is unusual, integers beyond 2^53 included: the line is then read the
 * general way, which also words the errors.
 */
export function liftNumbers(
  bytes: Uint8Array,
  columns: readonly NumberColumn[],
  numbers: Float64Array,
  used: number,
): LiftedRow | null {
  if (columns.length === 0) return null;
  const end: RowEnd = { at: 0, count: used, long: false, most: leastMost };
  const lifted = new Map<string, Float64Array>();
  const rest: Uint8Array[] = [];
  let from = 0;
  for (let at = bytes.indexOf(quote), quotes = 0; at !== -1; at = bytes.indexOf(quote, at + 1), quotes += 1) {
    if (quotes > quotesAtMost) return null;
    const column = columnAt(bytes, at, columns);
    const start = column === undefined ? -1 : listStart(bytes, at + column.key.length);
    if (column === undefined || start === -1) continue;
    const first = end.count;
    end.at = start + 1;
    if (lifted.has(column.name) || !readNumberRow(bytes, numbers, end) || end.long) return null;
    lifted.set(column.name, numbers.subarray(first, end.count));
    rest.push(bytes.subarray(from, start + 1));
    from = end.at - 1;
    at = from;
  }
  if (lifted.size === 0) return null;
  rest.push(bytes.subarray(from));
  const row = parsedRest(joined(rest), lifted);
  return row === null ? null : { row, used: end.count };
}

const unusual = /\\|\d{16}/;

function parsedRest(bytes: Uint8Array, lifted: ReadonlyMap<string, Float64Array>): DataRow | null {
  let row: Record<string, unknown>;
  try {
    const text = decoder.decode(bytes);
    if (unusual.test(text)) return null;
    row = JSON.parse(text) as Record<string, unknown>;
  } catch {
    return null;
  }
  for (const [name, values] of lifted) {
    const place = row[name];
    if (!Array.isArray(place) || place.length > 0) return null;
    row[name] = values;
  }
  return row;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function columnAt(bytes: Uint8Array, at: number, columns: readonly NumberColumn[]): NumberColumn | undefined {
  return columns.find(({ key }) => {
    for (let offset = key.length - 1; offset > 0; offset -= 1) if (bytes[at + offset] !== key[offset]) return false;
    return true;
  });
}

/** Index of the `[` behind a key that ends before `at`; -1 when something else is there. */
function listStart(bytes: Uint8Array, at: number): number {
  const sign = afterSpace(bytes, at);
  if (bytes[sign] !== colon) return -1;
  const start = afterSpace(bytes, sign + 1);
  return bytes[start] === openBracket ? start : -1;
}

function afterSpace(bytes: Uint8Array, at: number): number {
  while (isSpace(bytes[at] ?? 0)) at += 1;
  return at;
}
