import type { DataRow } from '../core/monitoring/golden-inputs.ts';
import { jsonErrorPosition } from './json-position.ts';
import { badData, textLines } from './text-lines.ts';

export interface PlacedRow {
  /** Line of the file that it begins on. */
  readonly line: number;
  readonly row: DataRow;
}

/** A run of digits that may be an integer beyond 2^53; whether it is one is looked at only then. */
const longInteger = /(?<![\d.eE+])\d{16,}(?![\d.eE])/;

/**
 * JSON lines (https://jsonlines.org): one object a line; lines of white space alone are passed over.
 * @throws PlimsollError `data-invalid` with line and column.
 */
export async function* jsonLinesRows(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<PlacedRow> {
  for await (const lines of textLines(chunks)) {
    for (const { line, text } of lines) {
      if (text.trim() === '') continue;
      yield { line, row: rowOf(text, line) };
    }
  }
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
  if (!longInteger.test(text)) return;
  // Texts are blanked, so that only numbers are left and every column stays where it is.
  const numbers = text.replaceAll(/"(?:[^"\\]|\\.)*"/g, (quoted) => ' '.repeat(quoted.length));
  const found = longInteger.exec(numbers);
  if (found === null || BigInt(found[0]) <= BigInt(Number.MAX_SAFE_INTEGER)) return;
  throw badData(
    line,
    found.index + 1,
    `the integer ${found[0].slice(0, 40)} is beyond 2^53, where JSON numbers lose their last digits`,
    'write such integers in double quotes; inputs of 64-bit integers take them as text',
  );
}
