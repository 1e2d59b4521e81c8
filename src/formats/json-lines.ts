import type { DataRow } from '../core/monitoring/golden-inputs.ts';
import { jsonErrorPosition } from './json-position.ts';
import { liftNumbers, numberColumnsOf } from './lifted-numbers.ts';
import { badData, byteLines, textOf, type ByteLine } from './text-lines.ts';

export interface PlacedRow {
  /** Line of the file that it begins on. */
  readonly line: number;
  readonly row: DataRow;
}

/** A run of digits that may be an integer beyond 2^53; whether it is one is looked at only then. */
const longInteger = /(?<![\d.eE+])\d{16,}(?![\d.eE])/g;

/** Rows handed out at a time, and doubles that their lifted lists share unless one line alone needs more. */
const rowsOfList = 64;
const sharedNumbers = 32 * 1024;

/**
 * JSON lines (https://jsonlines.org): one object a line; lines of white space alone are passed over.
 * @throws PlimsollError `data-invalid` with line and column.
 */
export async function* jsonLinesRows(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<PlacedRow> {
  for await (const rows of jsonLinesRowLists(chunks, [])) yield* rows;
}

/**
 * The same rows, several at a time. The value of a column in `numberColumns` that is a flat list of numbers comes as a
 * Float64Array of exactly those numbers, which lasts until the next rows are asked for.
 * @throws PlimsollError `data-invalid` with line and column, after the rows before that line.
 */
export async function* jsonLinesRowLists(
  chunks: AsyncIterable<Uint8Array>,
  numberColumns: readonly string[],
): AsyncGenerator<readonly PlacedRow[]> {
  const columns = numberColumnsOf(numberColumns);
  let shared = new Float64Array(columns.length === 0 ? 0 : sharedNumbers);
  for await (const lines of byteLines(chunks)) {
    let rows: PlacedRow[] = [];
    let used = 0;
    for (const line of lines) {
      // Every number of a list but the last has a comma behind it.
      const room = columns.length === 0 ? 0 : Math.ceil(line.bytes.length / 2);
      if (rows.length === rowsOfList || (rows.length > 0 && used + room > shared.length)) {
        yield rows;
        rows = [];
        used = 0;
      }
      if (room > shared.length) shared = new Float64Array(room);
      try {
        const lifted = liftNumbers(line.bytes, columns, shared, used);
        if (lifted !== null) used = lifted.used;
        const row = lifted === null ? plainRow(line) : lifted.row;
        if (row !== null) rows.push({ line: line.line, row });
      } catch (thrown) {
        if (rows.length > 0) yield rows;
        throw thrown;
      }
    }
    if (rows.length > 0) yield rows;
  }
}

/** Null for a line of white space. */
function plainRow({ bytes, line }: ByteLine): DataRow | null {
  const text = textOf(bytes, line);
  return text.trim() === '' ? null : rowOf(text, line);
}

function rowOf(text: string, line: number): DataRow {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    const misplaced = jsonErrorPosition(text);
    const offset = misplaced?.offset ?? 0;
    const there =
      offset >= text.length ? 'the line ends' : `there is ${JSON.stringify([...text.slice(offset, offset + 2)][0])}`;
    throw badData(line, offset + 1, `not JSON: expected ${misplaced?.expected ?? 'JSON'}, and ${there}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const kind = value === null ? 'null' : Array.isArray(value) ? 'a list' : `a ${typeof value}`;
    throw badData(line, 1, `a row is a JSON object, as {"image": [0, 0.5], "label": 3}, and this is ${kind}`);
  }
  refuseRoundedIntegers(text, line);
  return value as DataRow;
}

/** Two different integers beyond 2^53 can read as one number: the content would no longer be what the digest says. */
function refuseRoundedIntegers(text: string, line: number): void {
  if (text.search(longInteger) === -1) return;
  // Texts are blanked, so that only numbers are left and every column stays where it is.
  const numbers = text.replaceAll(/"(?:[^"\\]|\\.)*"/g, (quoted) => ' '.repeat(quoted.length));
  for (const { 0: digits, index } of numbers.matchAll(longInteger)) {
    if (BigInt(digits) <= BigInt(Number.MAX_SAFE_INTEGER)) continue;
    throw badData(
      line,
      index + 1,
      `the integer ${digits.slice(0, 40)} is beyond 2^53, where JSON numbers lose their last digits`,
      'write such integers in double quotes; inputs of 64-bit integers take them as text',
    );
  }
}
