import path from 'node:path';
import { PlimsollError } from '../../core/units/errors.ts';
import { csvRecords } from '../../formats/csv.ts';
import type { DataFile } from '../../formats/data-file.ts';
import { dataFormatOf } from '../../formats/data-rows.ts';
import { jsonLinesRows, type PlacedRow } from '../../formats/json-lines.ts';
import { parquetRows } from '../../formats/parquet/parquet-rows.ts';
import type { SentLabel } from '../../schemas/http/http-labels.ts';

export interface LabelColumns {
  readonly id: string;
  readonly label: string;
  readonly right: string;
}

/** Rows of a file of labels, read once. Cells of CSV are texts; a label that reads as a number is one. */
export async function* readLabelRows(file: DataFile): AsyncGenerator<PlacedRow> {
  const format = dataFormatOf(path.basename(file.name));
  if (format === 'json-lines') yield* jsonLinesRows(file.chunks());
  else if (format === 'csv') yield* csvTextRows(file.chunks());
  else if (format === 'parquet') yield* parquetRows(file);
  else throw formatUnknown(file.name);
}

async function* csvTextRows(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<PlacedRow> {
  let names: readonly string[] | null = null;
  for await (const { line, cells } of csvRecords(chunks)) {
    if (names === null) names = cells;
    else yield { line, row: Object.fromEntries(names.map((name, column) => [name, cells[column] ?? ''])) };
  }
}

/** @throws PlimsollError `label-invalid` (input), with the line. */
export function labelOfRow({ line, row }: PlacedRow, { id, label, right }: LabelColumns): SentLabel {
  const requestId = row[id];
  if ((typeof requestId !== 'string' && typeof requestId !== 'number') || requestId === '') {
    throw invalid(line, `there is no request id in column ${id}`, Object.keys(row));
  }
  const of = { requestId: String(requestId), ...timeOf(row['atMs']) };
  const isRight = booleanOf(row[right]);
  if (isRight !== null) return { ...of, right: isRight };
  const value = row[label];
  if (typeof value === 'number' && Number.isFinite(value)) return { ...of, label: value };
  if (typeof value === 'boolean') return { ...of, label: String(value) };
  if (typeof value === 'string' && value !== '') return { ...of, label: asNumber(value) };
  throw invalid(
    line,
    `there is neither a text or number in column ${label} nor true or false in ${right}`,
    Object.keys(row),
  );
}

function timeOf(value: unknown): { readonly atMs?: number } {
  const atMs = typeof value === 'string' && value !== '' ? Number(value) : value;
  return typeof atMs === 'number' && Number.isSafeInteger(atMs) ? { atMs } : {};
}

function booleanOf(value: unknown): boolean | null {
  if (typeof value === 'boolean') return value;
  const text = String(value).toLowerCase();
  return text === 'true' || text === '1' ? true : text === 'false' || text === '0' ? false : null;
}

/** `007` stays a text: only what a number is written as is one. */
const asNumber = (text: string): string | number => (String(Number(text)) === text ? Number(text) : text);

function invalid(line: number, what: string, columns: readonly string[]): PlimsollError {
  return new PlimsollError({
    code: 'label-invalid',
    category: 'input',
    message: `line ${line}: ${what}; its columns are ${columns.slice(0, 10).join(', ')}`,
    next: 'name the columns: plimsoll labels add FILE --id COLUMN --label COLUMN',
    details: { line, columns: columns.slice(0, 100) },
  });
}

function formatUnknown(name: string): PlimsollError {
  return new PlimsollError({
    code: 'data-format-unknown',
    category: 'input',
    message: `${name} is neither JSON lines (.jsonl, .ndjson), CSV (.csv) nor Parquet (.parquet) by its name`,
    next: 'rename it, or write it as one of these',
    details: { name },
  });
}
