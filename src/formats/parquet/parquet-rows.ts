import { assembleNested } from 'hyparquet/src/assemble.js';
import { getTreePath } from 'hyparquet/src/schema.js';
import type { DecodedArray, RowGroup, SchemaTree } from 'hyparquet';
import { PlimsollError } from '../../core/units/errors.ts';
import { badDataFile, type DataFile } from '../data-file.ts';
import type { PlacedRow } from '../json-lines.ts';
import { columnPages, type PageReading } from './column-pages.ts';
import { exactParsers, rowValue } from './parquet-values.ts';
import { readDirectory, type Directory } from './read-directory.ts';
import { ReadingBudget, shownColumn } from './reading-budget.ts';

/** Rows that are put together at once. */
const rowsAtOnce = 10_000;

/**
 * The rows of a Parquet file, row group by row group and page by page. Flat, list, struct and map columns; every codec but
 * LZO. What each type becomes is told at `rowValue`; how much of a file is read, at `ReadingBudget`.
 * @throws PlimsollError `data-invalid`.
 */
export async function* parquetRows({ source, name, inflate }: DataFile): AsyncGenerator<PlacedRow> {
  const budget = new ReadingBudget(source.bytes);
  const directory = await worded(name, () => readDirectory(source, name, budget));
  // Columns of integers may be read twice.
  const looking: PageReading = { source, inflate, parsers: exactParsers, budget: new ReadingBudget(source.bytes) };
  const wide = await worded(name, () => wideColumns(directory, looking));
  let line = 0;
  for (const group of directory.metadata.row_groups) {
    const rows = groupRows(group, directory.tree, wide, { ...looking, budget });
    try {
      for (;;) {
        const next = await worded(name, () => rows.next());
        if (next.done === true) break;
        yield { line: (line += 1), row: Object.fromEntries(next.value) };
      }
    } finally {
      await rows.return(undefined);
    }
  }
}

/** Top columns with a 64-bit integer beyond 2^53; told by the statistics where there are any, else by reading them once. */
async function wideColumns({ metadata, tree }: Directory, reading: PageReading): Promise<ReadonlySet<string>> {
  const wide = new Set<string>();
  for (const { columns } of metadata.row_groups) {
    for (const chunk of columns) {
      const path = chunk.meta_data?.path_in_schema ?? [];
      const [top = ''] = path;
      if (chunk.meta_data?.type !== 'INT64' || wide.has(top)) continue;
      const schemaPath = getTreePath(tree, path);
      const { logical_type: logical, converted_type: converted } = (schemaPath.at(-1) as SchemaTree).element;
      if ((logical !== undefined && logical.type !== 'INTEGER') || /^(TIME|DATE)/.test(converted ?? '')) continue;
      const { min_value: least, max_value: most } = chunk.meta_data.statistics ?? {};
      if (typeof least === 'bigint' && typeof most === 'bigint') {
        if (isBeyond(least) || isBeyond(most)) wide.add(top);
        continue;
      }
      for await (const page of columnPages(chunk, schemaPath, reading)) {
        if (page.some(anyBeyond)) wide.add(top);
      }
    }
  }
  return wide;
}

const isBeyond = (value: bigint): boolean =>
  value > BigInt(Number.MAX_SAFE_INTEGER) || value < -BigInt(Number.MAX_SAFE_INTEGER);

const anyBeyond = (value: unknown): boolean =>
  typeof value === 'bigint' ? isBeyond(value) : Array.isArray(value) && value.some(anyBeyond);

interface Cursor {
  readonly path: string;
  readonly pages: AsyncGenerator<readonly unknown[]>;
  page: readonly unknown[];
  /** Rows of the page that are handed out already. */
  at: number;
}

/** Pages of different columns end at different rows: each turn takes as many rows as every column has. */
async function* groupRows(
  { columns, num_rows: expected }: RowGroup,
  tree: SchemaTree,
  wide: ReadonlySet<string>,
  reading: PageReading,
): AsyncGenerator<[string, unknown][], undefined, undefined> {
  const cursors = columns.map((chunk): Cursor => {
    const path = chunk.meta_data?.path_in_schema ?? [];
    return {
      path: path.join('.'),
      pages: columnPages(chunk, getTreePath(tree, path), reading),
      page: [],
      at: 0,
    };
  });
  try {
    for (let left = Number(expected); left > 0;) {
      for (const cursor of cursors) await fill(cursor);
      const rows = cursors.reduce(
        (least, { page, at }) => Math.min(least, page.length - at),
        Math.min(left, rowsAtOnce),
      );
      const data = new Map<string, DecodedArray>(
        cursors.map((cursor) => [cursor.path, [...cursor.page.slice(cursor.at, cursor.at + rows)]]),
      );
      for (const cursor of cursors) cursor.at += rows;
      left -= rows;
      yield* assembled(data, tree, rows, wide);
    }
  } finally {
    for (const { pages } of cursors) await pages.return(undefined);
  }
}

async function fill(cursor: Cursor): Promise<void> {
  while (cursor.at >= cursor.page.length) {
    const next = await cursor.pages.next();
    if (next.done === true) throw badDataFile(`the column ${shownColumn(cursor.path)} ends before its row group does`);
    cursor.page = next.value;
    cursor.at = 0;
  }
}

function* assembled(
  data: Map<string, DecodedArray>,
  tree: SchemaTree,
  rows: number,
  wide: ReadonlySet<string>,
): Generator<[string, unknown][]> {
  for (const child of tree.children) if (child.children.length > 0) assembleNested(data, child, exactParsers);
  const columns = tree.children.map((child) => ({ child, values: data.get(child.path.join('.')) ?? [] }));
  for (let row = 0; row < rows; row += 1) {
    yield columns.map(({ child, values }) => {
      const { name } = child.element;
      // A null is written as one: nothing at all is an index beyond its dictionary.
      if (values[row] === undefined && child.children.length === 0) throw missingValue(name);
      return [name, rowValue(values[row], child, wide.has(name))];
    });
  }
}

const missingValue = (column: string): Error =>
  badDataFile(`a page of the column ${shownColumn(column)} has fewer values than it claims`);

/** hyparquet throws plain errors, of whatever kind, at bytes that are not what they claim to be. */
async function worded<T>(name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    if (thrown instanceof PlimsollError || isOutside(thrown)) throw thrown;
    const why = thrown instanceof Error ? thrown.message.slice(0, 200) : 'unreadable bytes';
    throw badDataFile(`${name} is damaged, or uses what is not read: ${why}`, undefined, { why });
  }
}

/** Of the file system, or of whoever ends the reading: no fault of the bytes. */
function isOutside(thrown: unknown): boolean {
  if (!(thrown instanceof Error)) return true;
  return thrown.name === 'AbortError' || ('code' in thrown && /^E[A-Z0-9]+$/.test(String(thrown.code)));
}
