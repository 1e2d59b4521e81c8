import type { PlimsollError } from '../core/units/errors.ts';
import type { PlacedRow } from './json-lines.ts';
import { badData, textLines } from './text-lines.ts';

export interface CsvRecord {
  readonly line: number;
  readonly cells: readonly string[];
}

const columnsAtMost = 10_000;
/** Characters of a record with line ends in quotes; beyond it a quote was forgotten. */
const recordLengthAtMost = 16 * 1024 * 1024;

/**
 * Records of a comma-separated file (RFC 4180): quotes may hold commas, line ends and doubled quotes. The first record names
 * the columns, and every other has as many cells.
 * @throws PlimsollError `data-invalid` with line and column.
 */
export async function* csvRecords(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<CsvRecord> {
  let columns: number | null = null;
  let open: OpenRecord | null = null;
  for await (const lines of textLines(chunks)) {
    for (const { line, text } of lines) {
      let cells: readonly string[] | null;
      if (open === null) {
        if (text.trim() === '') continue;
        cells = splitRecord(text, line);
        if (cells === null) {
          open = { line, lines: [text], length: text.length };
          continue;
        }
      } else {
        open.lines.push(text);
        open.length += text.length;
        if (open.length > recordLengthAtMost) break;
        // Doubled quotes come in pairs, so that only an odd number of quotes can close the record.
        if (countQuotes(text) % 2 === 0) continue;
        cells = splitRecord(open.lines.join('\n'), open.line);
      }
      const begunAt: number = open?.line ?? line;
      open = null;
      if (cells === null) throw neverClosed(begunAt);
      columns ??= headerOf(cells, begunAt);
      if (cells.length !== columns) {
        throw badData(begunAt, 1, `${cells.length} cells, and the header names ${columns} columns`);
      }
      yield { line: begunAt, cells };
    }
    if (open !== null && open.length > recordLengthAtMost) break;
  }
  if (open !== null) throw neverClosed(open.line);
}

/** A record whose quotes are still open, with the line that it began on. */
interface OpenRecord {
  readonly line: number;
  readonly lines: string[];
  length: number;
}

function countQuotes(text: string): number {
  let count = 0;
  for (let at = text.indexOf('"'); at !== -1; at = text.indexOf('"', at + 1)) count += 1;
  return count;
}

function neverClosed(line: number): PlimsollError {
  return badData(line, 1, 'a quote that is opened in this record is never closed');
}

function headerOf(names: readonly string[], line: number): number {
  if (names.length > columnsAtMost) throw badData(line, 1, `more than ${columnsAtMost} columns`);
  const empty = names.findIndex((name) => name.trim() === '');
  if (empty !== -1) throw badData(line, empty + 1, `column ${empty + 1} of the header has no name`);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw badData(line, 1, `the header names the column ${twice} twice`);
  return names.length;
}

/** Null when the text ends inside quotes. */
function splitRecord(text: string, line: number): readonly string[] | null {
  const cells: string[] = [];
  for (let at = 0; ;) {
    if (text[at] !== '"') {
      const comma = text.indexOf(',', at);
      const cell = comma === -1 ? text.slice(at) : text.slice(at, comma);
      const quote = cell.indexOf('"');
      if (quote !== -1) throw badData(line, at + quote + 1, 'a quote inside a cell that does not begin with one');
      cells.push(cell);
      if (comma === -1) return cells;
      at = comma + 1;
      continue;
    }
    const end = quotedEnd(text, at);
    if (end === null) return null;
    cells.push(text.slice(at + 1, end - 1).replaceAll('""', '"'));
    if (end === text.length) return cells;
    if (text[end] !== ',') throw badData(line, end + 1, 'a quoted cell that goes on after its closing quote');
    at = end + 1;
  }
}

/** Just behind the closing quote of the cell that opens at `start`; null when there is none. */
function quotedEnd(text: string, start: number): number | null {
  for (let at = start + 1; ;) {
    const quote = text.indexOf('"', at);
    if (quote === -1) return null;
    if (text[quote + 1] !== '"') return quote + 1;
    at = quote + 2;
  }
}

export type CsvType = 'number' | 'boolean' | 'list' | 'text';

/** A number as JSON writes it: `007` and `1e5x` are text, so that codes and names keep every character. */
const number = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/**
 * The type of every column: number, boolean or list when each cell that is not empty reads as one, else text. Integers
 * beyond 2^53 are text. A list is a JSON list in quotes: `"[0, 0.5, 1]"`.
 */
export async function csvTypes(
  records: AsyncIterable<CsvRecord>,
): Promise<{ readonly names: readonly string[]; readonly types: readonly CsvType[] }> {
  let names: readonly string[] | null = null;
  const types: (CsvType | null)[] = [];
  for await (const { cells } of records) {
    if (names === null) {
      names = cells;
      continue;
    }
    for (const [column, cell] of cells.entries()) {
      if (cell === '' || types[column] === 'text') continue;
      const type = typeOf(cell);
      types[column] = (types[column] ?? type) === type ? type : 'text';
    }
  }
  return { names: names ?? [], types: (names ?? []).map((_, column) => types[column] ?? 'text') };
}

function typeOf(cell: string): CsvType {
  if (number.test(cell)) return /^-?\d{16,}$/.test(cell) && !Number.isSafeInteger(Number(cell)) ? 'text' : 'number';
  if (cell === 'true' || cell === 'false') return 'boolean';
  if (cell.startsWith('[')) {
    try {
      return Array.isArray(JSON.parse(cell)) ? 'list' : 'text';
    } catch {
      return 'text';
    }
  }
  return 'text';
}

/** Records as rows; an empty cell is null, and empty text in a column of text. */
export async function* csvRows(
  records: AsyncIterable<CsvRecord>,
  { names, types }: { readonly names: readonly string[]; readonly types: readonly CsvType[] },
): AsyncGenerator<PlacedRow> {
  let header = true;
  for await (const { line, cells } of records) {
    if (!header) {
      const row = Object.fromEntries(names.map((name, column) => [name, valueOf(cells[column] ?? '', types[column])]));
      yield { line, row };
    }
    header = false;
  }
}

function valueOf(cell: string, type: CsvType | undefined): unknown {
  if (type === 'text' || type === undefined) return cell;
  return cell === '' ? null : (JSON.parse(cell) as unknown);
}
