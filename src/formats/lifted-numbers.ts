import type { DataRow } from '../core/monitoring/golden-inputs.ts';
import { isSpace, readNumberRow, type RowEnd } from '../core/units/number-rows.ts';

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

/** Strings looked at before giving up: a row of texts has many, and few lists of numbers. */
const stringsAtMost = 128;
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Names that JSON writes with an escape, or that an object takes for something else, stay with the general way. */
export function numberColumnsOf(names: readonly string[]): readonly NumberColumn[] {
  return names
    .filter((name) => JSON.stringify(name) === `"${name}"` && name !== '__proto__')
    .map((name) => ({ name, key: new TextEncoder().encode(`"${name}"`) }));
}

/**
 * Reads one line of JSON whose given columns hold flat lists of numbers: those from the bytes into `numbers` from `used` on
 * (a third of the time of JSON.parse, and no list of JavaScript numbers to make and take apart again), the short rest by
 * JSON.parse.
 *
 * Taking the lists out changes no meaning. Inside a string a quote is always behind a backslash, and with any backslash in
 * the rest this gives up. For the same reason no file can forge a place: U+0001 must be escaped in JSON. A place that is not
 * the value of its column in the row itself (deeper down, or given twice) makes it give up too.
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
  const end: RowEnd = { at: 0, count: used };
  const lifted: { readonly name: string; readonly values: Float64Array }[] = [];
  let rest = '';
  let from = 0;
  let strings = 0;
  try {
    for (let at = bytes.indexOf(quote); at !== -1; at = bytes.indexOf(quote, at + 1), strings += 1) {
      if (strings > 2 * stringsAtMost) return null;
      const column = columnAt(bytes, at, columns);
      if (column === undefined) continue;
      const start = listStart(bytes, at + column.key.length);
      if (start === -1) continue;
      const first = end.count;
      end.at = start + 1;
      if (!readNumberRow(bytes, numbers, end)) return null;
      const values = numbers.subarray(first, end.count);
      if (hasRounded(values)) return null;
      rest += `${plainText(bytes.subarray(from, start))}"\\u0001${lifted.length}"`;
      lifted.push({ name: column.name, values });
      from = end.at;
      at = end.at - 1;
    }
    if (lifted.length === 0) return null;
    const row = JSON.parse(rest + plainText(bytes.subarray(from))) as Record<string, unknown>;
    if (!putBack(row, lifted)) return null;
    return { row, used: end.count };
  } catch {
    return null;
  }
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

/** Whether a list may hold an integer that doubles cannot tell from its neighbours. */
function hasRounded(values: Float64Array): boolean {
  for (let at = 0; at < values.length; at += 1) {
    const value = values[at] ?? 0;
    if (value > Number.MAX_SAFE_INTEGER || value < Number.MIN_SAFE_INTEGER) return true;
  }
  return false;
}

const unusual = /\\|\d{16}/;

/** @throws TypeError for bytes that are not UTF-8; Error for text that only the general way may judge. */
function plainText(bytes: Uint8Array): string {
  const text = decoder.decode(bytes);
  if (unusual.test(text)) throw new Error('read it the general way');
  return text;
}

function putBack(row: Record<string, unknown>, lifted: readonly { name: string; values: Float64Array }[]): boolean {
  for (const [index, { name, values }] of lifted.entries()) {
    if (row[name] !== `\u0001${index}`) return false;
    row[name] = values;
  }
  return true;
}
