import path from 'node:path';
import type { SkewRow, SkewValue } from '../../core/monitoring/skew/skew.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { dataFormatOf, dataRows } from '../../formats/data-rows.ts';
import { dataFileOfSource } from '../../prove/artifacts/stored-data.ts';
import { withSourceFile } from '../../prove/files/source-file.ts';

/** The features of the entities of one file. */
export interface SkewTable {
  /** Without those of the key, in the order in which they come. */
  readonly columns: readonly string[];
  readonly rows: ReadonlyMap<string, SkewRow>;
}

/** Values of a file that are held in memory. */
const cellsAtMost = 20_000_000;
const columnsAtMost = 10_000;

/**
 * Reads a file of features: CSV, JSON lines or Parquet, one row for each entity.
 * @throws PlimsollError `skew-format`, `skew-key-missing`, `skew-key-repeated`, `skew-too-large` (input), and as `dataRows`.
 */
export async function readSkewTable(
  file: string,
  key: readonly string[],
  cwd: string,
  signal: AbortSignal,
): Promise<SkewTable> {
  const format = dataFormatOf(path.basename(file));
  if (format !== 'csv' && format !== 'json-lines' && format !== 'parquet') throw formatUnknown(file);
  return withSourceFile({ location: path.resolve(cwd, file), shown: file }, signal, async (opened) => {
    const columns = new Set<string>();
    const rows = new Map<string, SkewRow>();
    let cells = 0;
    for await (const { row, line } of dataRows(dataFileOfSource(file, opened), format)) {
      signal.throwIfAborted();
      const id = keyOf(row, key, file, line);
      if (rows.has(id)) throw keyRepeated(file, line, id);
      const features = Object.entries(row).filter(([name]) => !key.includes(name));
      for (const [name] of features) columns.add(name);
      cells += features.length;
      if (cells > cellsAtMost || columns.size > columnsAtMost) throw tooLarge(file, line);
      rows.set(id, Object.fromEntries(features.map(([name, value]) => [name, skewValueOf(value)])));
    }
    return { columns: [...columns], rows };
  });
}

function keyOf(row: Readonly<Record<string, unknown>>, key: readonly string[], file: string, line: number): string {
  const parts = key.map((name) => {
    const value = Object.hasOwn(row, name) ? row[name] : undefined;
    if ((typeof value === 'string' && value !== '') || typeof value === 'number' || typeof value === 'bigint') {
      return String(value);
    }
    throw keyMissing(file, line, name, Object.keys(row));
  });
  return parts.length === 1 ? (parts[0] ?? '') : JSON.stringify(parts);
}

/** An empty text, NaN and what is absent are missing. Lists and objects are compared as JSON. */
function skewValueOf(value: unknown): SkewValue {
  if (value === null || value === undefined || value === '') return null;
  if (typeof value === 'number') return Number.isNaN(value) ? null : value;
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  return value instanceof Date ? value.toISOString() : JSON.stringify(value);
}

const refused = (code: string, message: string, next: string): PlimsollError =>
  new PlimsollError({ code, category: 'input', message, next });

const formatUnknown = (file: string): PlimsollError =>
  refused('skew-format', `${file} is no file of features`, 'use a .csv, .jsonl or .parquet file');

const keyMissing = (file: string, line: number, name: string, columns: readonly string[]): PlimsollError =>
  refused(
    'skew-key-missing',
    `${file}:${line}: there is no key in column ${name}; the row has ${columns.slice(0, 20).join(', ') || 'no column'}`,
    'name the columns that tell an entity: --key user or --key user,day',
  );

const keyRepeated = (file: string, line: number, id: string): PlimsollError =>
  refused(
    'skew-key-repeated',
    `${file}:${line}: entity ${id.slice(0, 80)} is there twice, so that nobody can say which row is compared`,
    'name one more column of the key: --key user,day',
  );

const tooLarge = (file: string, line: number): PlimsollError =>
  refused(
    'skew-too-large',
    `${file}:${line}: more than ${cellsAtMost.toLocaleString('en-US')} values or ${columnsAtMost.toLocaleString('en-US')} columns`,
    'compare a random part of the entities',
  );
