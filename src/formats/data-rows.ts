import type { DataRow } from '../core/monitoring/golden-inputs.ts';
import { canonicalJson, type Digest } from '../core/units/digest.ts';
import { memberFolder } from '../core/registry/file-rows.ts';
import { arrayRows } from './arrays/array-rows.ts';
import { csvRecords, csvRows, csvTypes } from './csv.ts';
import { columnTally, type Column } from './column-tally.ts';
import type { DataFile } from './data-file.ts';
import { idxColumn, idxRows } from './idx/idx-rows.ts';
import { jsonLinesRowLists, jsonLinesRows, type PlacedRow } from './json-lines.ts';
import { npyColumn, npyRows } from './npy/npy-rows.ts';
import { npzRows } from './npy/npz-rows.ts';
import { parquetRows } from './parquet/parquet-rows.ts';

export type DataFormat = 'json-lines' | 'csv' | 'parquet' | 'npy' | 'npz' | 'idx';

/**
 * By the ending of the name, as `data add` and the stored file have it; null for anything else, and for the members of a
 * folder of files, whose rows stand in a file of their own (core/registry/file-rows.ts).
 */
export function dataFormatOf(path: string): DataFormat | null {
  if (path.startsWith(memberFolder)) return null;
  if (/([.-]idx\d-ubyte|\.idx)(\.gz)?$/i.test(path)) return 'idx';
  const ending = /\.([a-z]+)$/i.exec(path)?.[1]?.toLowerCase();
  if (ending === 'jsonl' || ending === 'ndjson') return 'json-lines';
  return ending === 'csv' || ending === 'parquet' || ending === 'npy' || ending === 'npz' ? ending : null;
}

/**
 * The rows of a data file, streamed in bounded memory. `chunks` begins the file again each time it is called: a CSV file is
 * read twice, because the type of a column is known only at its end.
 * @throws PlimsollError `data-invalid` (input), with line and column where the format has them.
 */
export async function* dataRows(file: DataFile, format: DataFormat): AsyncGenerator<PlacedRow> {
  switch (format) {
    case 'json-lines':
      yield* jsonLinesRows(file.chunks());
      return;
    case 'csv':
      yield* csvRows(csvRecords(file.chunks()), await csvTypes(csvRecords(file.chunks())));
      return;
    case 'parquet':
      yield* parquetRows(file);
      return;
    case 'npy':
      yield* npyRows(file);
      return;
    case 'npz':
      yield* npzRows(file);
      return;
    case 'idx':
      yield* idxRows(file);
  }
}

/**
 * The rows of a data version of one or several files. One file of one array is a column, so that several such files are
 * columns side by side (the images and the labels of MNIST); any other files follow one another.
 * @throws PlimsollError as `dataRows`.
 */
export async function* dataRowsOfFiles(files: readonly DataFile[]): AsyncGenerator<PlacedRow> {
  for await (const rows of dataRowListsOfFiles(files, [])) yield* rows;
}

/**
 * The same rows, as many at a time as the format hands out. Where the format can, the value of a column in `numberColumns`
 * that is a flat list of numbers comes as a Float64Array, which lasts until the next rows are asked for; a list of
 * JavaScript's own otherwise.
 */
export async function* dataRowListsOfFiles(
  files: readonly DataFile[],
  numberColumns: readonly string[],
): AsyncGenerator<readonly PlacedRow[]> {
  const known = files.flatMap((file) => {
    const format = dataFormatOf(file.name);
    return format === null ? [] : [{ file, format }];
  });
  if (known.length > 1 && known.every(({ format }) => format === 'npy' || format === 'idx')) {
    const columns = known.map(({ file, format }) => (format === 'npy' ? npyColumn(file) : idxColumn(file)));
    yield* oneByOne(arrayRows(await Promise.all(columns)));
    return;
  }
  for (const { file, format } of known) {
    if (format === 'json-lines') yield* jsonLinesRowLists(file.chunks(), numberColumns);
    else yield* oneByOne(dataRows(file, format));
  }
}

async function* oneByOne(rows: AsyncIterable<PlacedRow>): AsyncGenerator<readonly PlacedRow[]> {
  for await (const row of rows) yield [row];
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
   * order and the format of the file make no difference; a value, a column, a row or their order does.
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
