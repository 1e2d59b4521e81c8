import { PlimsollError } from '../../src/core/units/errors.ts';

/** A file of rows and columns, as text. */
export interface TextTable {
  readonly names: readonly string[];
  /** By row, then by column; every row has a cell for each name. */
  readonly rows: readonly (readonly string[])[];
  /** Line of the first row, from 1. */
  readonly firstLine: number;
}

const columnsAtMost = 500;
const delimiters = [',', ';', '\t'] as const;

/**
 * Reads comma-separated values (RFC 4180); semicolons and tabs too, whichever the first line has the most of. The first
 * line names the columns where none of its cells is a number and none is empty. Else they are `column 1`, `column 2`.
 *
 * @throws PlimsollError `stream-unreadable` (input), with the line.
 */
export function readCsv(text: string): TextTable {
  if (text.includes('\0')) throw unreadable('the file is not text: it has NUL bytes', 'give a CSV file');
  const body = text.startsWith('\ufeff') ? text.slice(1) : text;
  const records = splitRecords(body);
  const [first] = records;
  if (first === undefined) throw unreadable('the file has no rows', 'give a CSV file with a row for each moment');
  const width = first.cells.length;
  if (width > columnsAtMost)
    throw unreadable(`line 1 has ${width} columns; at most ${columnsAtMost} are read`, 'leave columns out');
  for (const { cells, line } of records) {
    if (cells.length === width) continue;
    const message = `line ${line} has ${cells.length} cells, line ${first.line} has ${width}`;
    throw unreadable(message, 'give every row the same number of cells, and quote cells that hold the delimiter');
  }
  const hasHeader = first.cells.every((cell) => cell.trim() !== '' && !isNumber(cell));
  const names = hasHeader ? first.cells.map((cell) => cell.trim()) : first.cells.map((_, at) => `column ${at + 1}`);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw unreadable(`two columns are named \`${twice}\``, 'name each column once');
  const rows = records.slice(hasHeader ? 1 : 0);
  if (rows.length === 0) throw unreadable('the file has a header and no rows', 'give a row for each moment');
  return { names, rows: rows.map(({ cells }) => cells), firstLine: rows[0]?.line ?? 1 };
}

/** True for a cell that is one finite number. */
export const isNumber = (cell: string): boolean => cell.trim() !== '' && Number.isFinite(Number(cell));

/** Rows of cells, each with its line. Empty lines are left out. */
function splitRecords(text: string): { readonly cells: readonly string[]; readonly line: number }[] {
  const delimiter = findDelimiter(text);
  const records: { cells: string[]; line: number }[] = [];
  let [cells, cell, line, startLine]: [string[], string, number, number] = [[], '', 1, 1];
  let state: 'plain' | 'quoted' | 'closed' = 'plain';
  const endRecord = (): void => {
    if (cells.length > 0 || cell !== '' || state === 'closed')
      records.push({ cells: [...cells, cell], line: startLine });
    [cells, cell, state] = [[], '', 'plain'];
    startLine = line + 1;
  };
  for (let at = 0; at < text.length; at += 1) {
    const letter = text[at] ?? '';
    if (state === 'quoted') {
      if (letter === '\n') line += 1;
      if (letter !== '"') cell += letter;
      else if (text[at + 1] === '"') [cell, at] = [`${cell}"`, at + 1];
      else state = 'closed';
    } else if (letter === delimiter) {
      cells.push(cell);
      [cell, state] = ['', 'plain'];
    } else if (letter === '\n') {
      endRecord();
      line += 1;
    } else if (letter === '"' && cell === '' && state === 'plain') {
      state = 'quoted';
    } else if (letter !== '\r') {
      if (state === 'closed')
        throw unreadable(`line ${line} has text after a closing quote`, 'write a quote in a cell as two');
      cell += letter;
    }
  }
  if (state === 'quoted') throw unreadable(`the quote of line ${startLine} is never closed`, 'close the quote');
  endRecord();
  return records;
}

function findDelimiter(text: string): string {
  const head = text.slice(0, text.indexOf('\n') < 0 ? text.length : text.indexOf('\n')).replace(/"[^"]*"/g, '');
  const counts = delimiters.map((each) => head.split(each).length);
  return delimiters[counts.indexOf(Math.max(...counts))] ?? ',';
}

export function unreadable(message: string, next: string): PlimsollError {
  return new PlimsollError({ code: 'stream-unreadable', category: 'input', message, next });
}
