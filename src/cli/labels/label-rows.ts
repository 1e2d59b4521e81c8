import path from 'node:path';
import { cliSteps } from '../../core/units/next-steps/cli-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { isRequestId } from '../../core/monitoring/labels/receive-labels.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { csvRecords } from '../../formats/csv.ts';
import type { DataFile } from '../../formats/data-file.ts';
import { dataFormatOf } from '../../formats/data-rows.ts';
import { jsonLinesRows, type PlacedRow } from '../../formats/json-lines.ts';
import { parquetRows } from '../../formats/parquet/parquet-rows.ts';
import { labelTextAtMost, type SentLabel } from '../../schemas/http/monitoring/http-labels.ts';

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

const beginAtMost = 65_536;

/**
 * Rows of a pipe, as they come: JSON lines where it begins with `{`, else CSV.
 *
 * @throws PlimsollError `data-format-unknown` (input) for Parquet, whose directory is at its end; `file-empty` (input).
 */
export async function* readPipedRows(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<PlacedRow> {
  const rest = chunks[Symbol.asyncIterator]();
  const head: Uint8Array[] = [];
  let begin = '';
  for (let bytes = 0; begin.length < 4 && bytes < beginAtMost;) {
    const next = await rest.next();
    if (next.done === true) break;
    head.push(next.value);
    bytes += next.value.length;
    begin = Buffer.concat(head)
      .toString('latin1')
      .replace(/^\u00ef\u00bb\u00bf/, '')
      .trimStart();
  }
  if (begin === '') throw pipeEmpty();
  if (begin.startsWith('PAR1')) throw parquetPiped();
  const all = piecesOf(head, { [Symbol.asyncIterator]: () => rest });
  yield* begin.startsWith('{') ? jsonLinesRows(all) : csvTextRows(all);
}

async function* piecesOf(head: readonly Uint8Array[], rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* head;
  yield* rest;
}

async function* csvTextRows(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<PlacedRow> {
  let names: readonly string[] | null = null;
  for await (const { line, cells } of csvRecords(chunks)) {
    if (names === null) names = cells;
    else yield { line, row: Object.fromEntries(names.map((name, column) => [name, cells[column] ?? ''])) };
  }
}

/** @throws PlimsollError `label-invalid` (input), with the line. */
export function labelOfRow(placed: PlacedRow, columns: LabelColumns): SentLabel {
  const { row } = placed;
  const of = { requestId: requestIdOf(placed, columns.id), ...timeOf(placed) };
  const isRight = booleanOf(row[columns.right]);
  const label = labelOf(placed, columns.label);
  if (label !== null && isRight !== null) {
    throw invalid(placed, `there is both a label in column ${columns.label} and true or false in ${columns.right}`);
  }
  if (isRight !== null) return { ...of, right: isRight };
  if (label !== null) return { ...of, label };
  throw invalid(
    placed,
    `there is neither a text or number in column ${columns.label} nor true or false in ${columns.right}`,
  );
}

function requestIdOf(placed: PlacedRow, column: string): string {
  const found = placed.row[column];
  const isThere = (typeof found === 'string' && found !== '') || (typeof found === 'number' && Number.isFinite(found));
  if (!isThere) throw invalid(placed, `there is no request id in column ${column}`);
  const requestId = String(found);
  if (isRequestId(requestId)) return requestId;
  throw invalid(placed, `the request id has more than 200 characters, a NUL, or half of a character`);
}

/** Null where there is none. */
function labelOf(placed: PlacedRow, column: string): string | number | null {
  const value = placed.row[column];
  if (typeof value === 'boolean') return String(value);
  const label = typeof value === 'string' ? asNumber(value) : value;
  if (typeof label === 'string' && label.length > labelTextAtMost) {
    throw invalid(placed, `the label has ${label.length} characters, and ${labelTextAtMost} are the most`);
  }
  if (typeof label === 'number' && !Number.isFinite(label)) {
    throw invalid(placed, `the label is ${label}, which is no number to compare with`);
  }
  return (typeof label === 'string' && label !== '') || typeof label === 'number' ? label : null;
}

/** An empty cell says nothing; NaN is what tables of numbers write for it. */
function timeOf(placed: PlacedRow): { readonly atMs?: number } {
  const value = placed.row['atMs'];
  if (value === undefined || value === null || value === '' || Number.isNaN(value) || value === 'NaN') return {};
  const atMs = typeof value === 'string' ? Number(value) : value;
  if (typeof atMs === 'number' && Number.isSafeInteger(atMs)) return { atMs };
  throw invalid(placed, `column atMs holds ${shown(value)}, and not whole milliseconds since 1970`);
}

const shown = (value: unknown): string => (JSON.stringify(value) ?? 'nothing').slice(0, 40);

function booleanOf(value: unknown): boolean | null {
  if (typeof value === 'boolean') return value;
  const text = String(value).toLowerCase();
  return text === 'true' || text === '1' ? true : text === 'false' || text === '0' ? false : null;
}

/** `007` stays a text: only what a number is written as is one. */
const asNumber = (text: string): string | number => (String(Number(text)) === text ? Number(text) : text);

function invalid({ line, row }: PlacedRow, what: string): PlimsollError {
  const columns = Object.keys(row);
  return new PlimsollError({
    code: 'label-invalid',
    category: 'input',
    message: `line ${line}: ${what}; its columns are ${columns.slice(0, 10).join(', ').slice(0, 300)}`,
    next: nextStep(cliSteps, 'label-invalid'),
    details: { line, columns: columns.slice(0, 100) },
  });
}

const pipeEmpty = (): PlimsollError =>
  new PlimsollError({
    code: 'file-empty',
    category: 'input',
    message: 'the pipe is empty: there are no labels in it',
    next: 'see what the program before it says',
  });

const parquetPiped = (): PlimsollError =>
  new PlimsollError({
    code: 'data-format-unknown',
    category: 'input',
    message: 'this is Parquet, which cannot be read from a pipe: what it holds is told at its end',
    next: nextStep(cliSteps, 'data-format-unknown/labels-add'),
  });

function formatUnknown(name: string): PlimsollError {
  return new PlimsollError({
    code: 'data-format-unknown',
    category: 'input',
    message: `${name} is neither JSON lines (.jsonl, .ndjson), CSV (.csv) nor Parquet (.parquet) by its name`,
    next: 'rename it, or write it as one of these',
    details: { name },
  });
}
