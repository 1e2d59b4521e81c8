import { PlimsollError } from '../../units/errors.ts';

/** Returns a table as CSV (RFC 4180): fields in quotes where they need them, lines end with CR LF. Null is an empty field. */
export function writeCsv(columns: readonly string[], rows: readonly Readonly<Record<string, string | null>>[]): string {
  const line = (fields: readonly (string | null)[]): string => `${fields.map(fieldText).join(',')}\r\n`;
  return [line(columns), ...rows.map((row) => line(columns.map((column) => row[column] ?? null)))].join('');
}

const fieldText = (field: string | null): string => {
  if (field === null) return '';
  return field === '' || /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
};

export interface CsvRow {
  /** Line of the file on which the row begins, from 1. */
  readonly line: number;
  /** By column; an empty field without quotes is null. */
  readonly fields: Readonly<Record<string, string | null>>;
}

const rowsAtMost = 5_000_000;

/**
 * Returns the rows of a CSV text (RFC 4180), whose first line names the columns.
 * @throws PlimsollError `csv-invalid` (input), with the line, for an open quote or a row with another number of fields.
 */
export function readCsv(text: string): readonly CsvRow[] {
  const source = text.startsWith('\uFEFF') ? text.slice(1) : text;
  const rows: CsvRow[] = [];
  let columns: readonly string[] | null = null;
  let [at, line] = [0, 1];
  while (at < source.length) {
    const record = readRecord(source, at, line);
    if (columns === null) columns = record.fields.map((field) => field ?? '');
    else if (record.fields.length > 1 || record.fields[0] !== null) {
      const names = columns;
      if (record.fields.length !== names.length) {
        throw csvInvalid(line, `${record.fields.length} fields, and the first line names ${names.length} columns`);
      }
      if (rows.length === rowsAtMost) throw csvInvalid(line, `more than ${rowsAtMost} rows`);
      rows.push({ line, fields: Object.fromEntries(names.map((name, index) => [name, record.fields[index] ?? null])) });
    }
    line += record.lines;
    at = record.end;
  }
  return rows;
}

function readRecord(
  source: string,
  from: number,
  line: number,
): { readonly fields: readonly (string | null)[]; readonly end: number; readonly lines: number } {
  const fields: (string | null)[] = [];
  let [at, lines] = [from, 0];
  for (;;) {
    let field: string | null;
    if (source[at] === '"') {
      const quoted = readQuoted(source, at, line);
      field = quoted.text;
      lines += field.split('\n').length - 1;
      at = quoted.end;
    } else {
      const end = nextOf(source, at, [',', '\n']);
      const plain = source.slice(at, end).replace(/\r$/, '');
      field = plain === '' ? null : plain;
      at = end;
    }
    fields.push(field);
    if (source[at] === '\r') at += 1;
    if (source[at] === ',') at += 1;
    else return { fields, end: at + 1, lines: lines + 1 };
  }
}

function readQuoted(source: string, from: number, line: number): { readonly text: string; readonly end: number } {
  let at = from + 1;
  for (;;) {
    const quote = source.indexOf('"', at);
    if (quote < 0) throw csvInvalid(line, 'a quote is open to the end of the file');
    if (source[quote + 1] !== '"') {
      const end = quote + 1;
      if (end < source.length && !/[,\r\n]/.test(source[end] ?? ''))
        throw csvInvalid(line, 'text follows a closing quote');
      return { text: source.slice(from + 1, quote).replaceAll('""', '"'), end };
    }
    at = quote + 2;
  }
}

function nextOf(source: string, from: number, marks: readonly string[]): number {
  const found = marks.map((mark) => source.indexOf(mark, from)).filter((at) => at >= 0);
  return found.length === 0 ? source.length : Math.min(...found);
}

function csvInvalid(line: number, what: string): PlimsollError {
  return new PlimsollError({
    code: 'csv-invalid',
    category: 'input',
    message: `line ${line}: ${what}`,
    next: 'export the file again as CSV with one line of column names',
    details: { line },
  });
}
