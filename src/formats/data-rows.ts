import type { DataRow } from '../core/monitoring/golden-inputs.ts';
import { canonicalJson, type Digest } from '../core/units/digest.ts';
import { csvRecords, csvRows, csvTypes } from './csv.ts';
import { columnTally, type Column } from './column-tally.ts';
import { jsonLinesRows, type PlacedRow } from './json-lines.ts';

export type DataFormat = 'json-lines' | 'csv';

/** By the ending of the name, as `data add` and the stored file have it; null for anything else. */
export function dataFormatOf(path: string): DataFormat | null {
  const ending = /\.([a-z]+)$/i.exec(path)?.[1]?.toLowerCase();
  if (ending === 'jsonl' || ending === 'ndjson') return 'json-lines';
  return ending === 'csv' ? 'csv' : null;
}

/**
 * The rows of a data file, streamed. `open` begins the file again each time it is called: a CSV file is read twice, because
 * the type of a column is known only at its end.
 * @throws PlimsollError `data-invalid` (input) with line and column.
 */
export async function* dataRows(open: () => AsyncIterable<Uint8Array>, format: DataFormat): AsyncGenerator<PlacedRow> {
  if (format === 'json-lines') {
    yield* jsonLinesRows(open());
    return;
  }
  const types = await csvTypes(csvRecords(open()));
  yield* csvRows(csvRecords(open()), types);
}

/** A digest that grows; the composition root brings a fast one. */
export interface RunningDigest {
  update(text: string): void;
  digest(): Digest;
}

export interface DataSummary {
  readonly rows: number;
  readonly columns: readonly Column[];
  /**
   * Of the content, not of the container: sha256 over the canonical JSON (core/units/digest.ts: sorted keys, no white
   * space, shortest numbers) of each row in order, each followed by one line feed, in UTF-8. White space, line ends, key
   * order and CSV or JSON lines make no difference; a value, a column, a row or their order does.
   */
  readonly digest: Digest;
}

/** Reads all rows once, in bounded memory. */
export async function summarizeData(rows: AsyncIterable<PlacedRow>, running: RunningDigest): Promise<DataSummary> {
  const tally = columnTally();
  let count = 0;
  for await (const { line, row } of rows) {
    tally.add(row, line);
    running.update(`${canonicalRow(row)}\n`);
    count += 1;
  }
  return { rows: count, columns: tally.columns(), digest: running.digest() };
}

/** `canonicalJson`, faster for what rows mostly are: flat lists of numbers, which JSON.stringify writes in the same way. */
export function canonicalRow(row: DataRow): string {
  const members = Object.keys(row)
    .sort()
    .map((name) => {
      const value = row[name];
      const flat = Array.isArray(value) && value.every((item) => typeof item === 'number');
      return `${JSON.stringify(name)}:${flat ? JSON.stringify(value) : canonicalJson(value)}`;
    });
  return `{${members.join(',')}}`;
}
