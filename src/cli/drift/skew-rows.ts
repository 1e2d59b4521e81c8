import path from 'node:path';
import { readTimeMs, type TimedRow } from '../../core/monitoring/skew/point-in-time.ts';
import type { SkewValue } from '../../core/monitoring/skew/skew.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { dataFormatOf, dataRows } from '../../formats/data-rows.ts';
import { dataFileOfSource } from '../../prove/artifacts/stored-data.ts';
import { withSourceFile } from '../../prove/files/source-file.ts';

/** Which columns of a file are what. */
export interface SkewColumns {
  readonly key: readonly string[];
  /** The event time of a row; null where each entity is there once. */
  readonly time: string | null;
  /** Column to the name of its feature; null where each column besides is a feature. */
  readonly features: ReadonlyMap<string, string> | null;
}

/** The features of the entities of one file. */
export interface SkewTable {
  /** Features, in the order in which they come. */
  readonly columns: readonly string[];
  /** In order of time; one at 0 where there is no column of time. */
  readonly rows: ReadonlyMap<string, readonly TimedRow[]>;
}

/** Values of a file that are held in memory. */
const cellsAtMost = 20_000_000;
const columnsAtMost = 10_000;

/**
 * Reads a file of features: CSV, JSON lines or Parquet, one row for each entity, or for each entity and time.
 * @throws PlimsollError `skew-format`, `skew-key-missing`, `skew-time`, `skew-key-repeated`, `skew-too-large` (input), and as
 * `dataRows`.
 */
export async function readSkewTable(
  file: string,
  { key, time, features }: SkewColumns,
  cwd: string,
  signal: AbortSignal,
): Promise<SkewTable> {
  const format = dataFormatOf(path.basename(file));
  if (format !== 'csv' && format !== 'json-lines' && format !== 'parquet') throw formatUnknown(file);
  return withSourceFile({ location: path.resolve(cwd, file), shown: file }, signal, async (opened) => {
    const columns = new Set<string>();
    const rows = new Map<string, TimedRow[]>();
    let cells = 0;
    for await (const { row, line } of dataRows(dataFileOfSource(file, opened), format)) {
      signal.throwIfAborted();
      const id = keyOf(row, key, file, line);
      const atMs = time === null ? 0 : timeOf(row, time, file, line);
      const values = Object.entries(row).flatMap(([name, value]) => {
        const feature = features === null ? name : features.get(name);
        const isFeature = feature !== undefined && name !== time && !key.includes(name);
        return isFeature ? [[feature, skewValueOf(value)] as const] : [];
      });
      for (const [name] of values) columns.add(name);
      cells += values.length + 1;
      if (cells > cellsAtMost || columns.size > columnsAtMost) throw tooLarge(file, line);
      const timed = { atMs, row: Object.fromEntries(values) };
      const before = rows.get(id);
      if (before === undefined) rows.set(id, [timed]);
      else if (time === null) throw keyRepeated(file, line, id);
      else before.push(timed);
    }
    for (const [id, history] of rows) sortByTime(history, file, id);
    return { columns: [...columns], rows };
  });
}

function sortByTime(history: TimedRow[], file: string, id: string): void {
  history.sort((a, b) => a.atMs - b.atMs);
  const twice = history.find(({ atMs }, index) => index > 0 && history[index - 1]?.atMs === atMs);
  if (twice !== undefined) throw timeRepeated(file, id, twice.atMs);
}

function timeOf(row: Readonly<Record<string, unknown>>, time: string, file: string, line: number): number {
  const value = Object.hasOwn(row, time) ? row[time] : undefined;
  const atMs = readTimeMs(value);
  if (atMs !== null) return atMs;
  throw value === undefined || value === null
    ? timeMissing(file, line, time, Object.keys(row))
    : timeUnread(file, line, time, value);
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
    'name one more column of the key: --key user,day; or the column of its times: --time event_timestamp',
  );

const timeRepeated = (file: string, id: string, atMs: number): PlimsollError =>
  refused(
    'skew-time',
    `${file}: entity ${id.slice(0, 80)} is there twice at ${new Date(atMs).toISOString()}`,
    'keep the row that was created last, or name one more column of the key',
  );

const timeMissing = (file: string, line: number, name: string, columns: readonly string[]): PlimsollError =>
  refused(
    'skew-time',
    `${file}:${line}: there is no time in column ${name}; the row has ${columns.slice(0, 20).join(', ') || 'no column'}`,
    'name the columns of both files: --time OFFLINE,ONLINE; or say when the online values were read: --as-of TIME',
  );

const timeUnread = (file: string, line: number, name: string, value: unknown): PlimsollError =>
  refused(
    'skew-time',
    `${file}:${line}: ${JSON.stringify(typeof value === 'bigint' ? String(value) : value).slice(0, 60)} in column ${name} is no time`,
    'write times as 2026-11-28T10:00:00Z, or as a number since 1970',
  );

const tooLarge = (file: string, line: number): PlimsollError =>
  refused(
    'skew-too-large',
    `${file}:${line}: more than ${cellsAtMost.toLocaleString('en-US')} values or ${columnsAtMost.toLocaleString('en-US')} columns`,
    'compare a random part of the entities',
  );
