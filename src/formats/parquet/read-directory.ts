import { parquetMetadata, parquetSchema } from 'hyparquet/src/metadata.js';
import { getPhysicalColumns } from 'hyparquet/src/schema.js';
import type { FileMetaData, SchemaElement, SchemaTree } from 'hyparquet';
import { u32 } from '../byte-order.ts';
import type { ByteSource } from '../byte-source.ts';
import { badDataFile } from '../data-file.ts';
import { keepDecimals } from './parquet-values.ts';
import { shownColumn, type ReadingBudget } from './reading-budget.ts';
import { requireThrift } from './require-thrift.ts';

const footerBytesAtMost = 64 * 1024 * 1024;
const footerPartsAtMost = 8_000_000;
const columnsAtMost = 10_000;
const depthAtMost = 64;

export interface Directory {
  readonly metadata: FileMetaData;
  readonly tree: SchemaTree;
}

/**
 * What a Parquet file says of itself at its end, held against what the file can be: depth and number of columns, the columns
 * of each row group, and how many rows, values and bytes there are.
 * @throws PlimsollError `data-invalid`; errors of hyparquet, which the caller words.
 */
export async function readDirectory(source: ByteSource, name: string, budget: ReadingBudget): Promise<Directory> {
  const footer = await readFooter(source, name);
  requireParts(footer, name);
  const read = parquetMetadata(footer, { geoparquet: false, parsers: { stringFromBytes: (text) => text } });
  requireShape(read.schema, name);
  const metadata = { ...read, schema: read.schema.map(keepDecimals) };
  const tree = parquetSchema(metadata);
  if (tree.children.length === 0) throw badDataFile(`${name} has no columns`);
  requireRowGroups(metadata, tree, source, name, budget);
  return { metadata, tree };
}

async function readFooter(source: ByteSource, name: string): Promise<Uint8Array> {
  const head = await source.read(0, 4);
  const tail = await source.read(Math.max(0, source.bytes - 8), 8);
  const isMagic = (bytes: Uint8Array): boolean => new TextDecoder().decode(bytes) === 'PAR1';
  if (source.bytes < 12 || !isMagic(head)) throw badDataFile(`${name} is no Parquet file: it does not begin with PAR1`);
  if (!isMagic(tail.subarray(4)))
    throw badDataFile(`${name} is cut off: a Parquet file ends with its directory and PAR1`);
  const bytes = u32(tail, 0);
  if (bytes + 12 > source.bytes || bytes > footerBytesAtMost) {
    throw badDataFile(`the directory of ${name} claims ${bytes} bytes, which cannot be`);
  }
  return source.read(source.bytes - bytes - 8, bytes + 8);
}

function requireParts(footer: Uint8Array, name: string): void {
  try {
    requireThrift(footer.subarray(0, footer.length - 8), 0, footerPartsAtMost);
  } catch (thrown) {
    if (thrown instanceof RangeError) throw badDataFile(`the directory of ${name} is damaged: ${thrown.message}`);
    throw thrown;
  }
}

/** A list of columns is a tree: each says how many of the next ones are below it. */
function requireShape(schema: readonly SchemaElement[], name: string): void {
  if (schema.length > columnsAtMost) throw badDataFile(`${name} has more than ${columnsAtMost} columns`);
  const left: number[] = [];
  for (const { num_children: children = 0 } of schema) {
    while (left.length > 0 && left.at(-1) === 0) left.pop();
    if (left.length > 0) left.push((left.pop() ?? 0) - 1);
    if (children < 0 || children > schema.length) {
      throw badDataFile(
        `a column of ${name} claims ${children} columns below it, and there are ${schema.length} in all`,
      );
    }
    if (children > 0) left.push(children);
    if (left.length > depthAtMost) throw badDataFile(`the columns of ${name} are nested deeper than ${depthAtMost}`);
  }
}

function requireRowGroups(
  { row_groups: groups, num_rows: claimed }: FileMetaData,
  tree: SchemaTree,
  source: ByteSource,
  name: string,
  budget: ReadingBudget,
): void {
  const leaves = new Set(getPhysicalColumns(tree));
  let [rows, storedBytes] = [0n, 0];
  for (const [index, { columns, num_rows: groupRows }] of groups.entries()) {
    const group = `row group ${index + 1} of ${groups.length} in ${name}`;
    if (groupRows < 0n) throw badDataFile(`${group} claims ${groupRows} rows`);
    rows += groupRows;
    const there = new Set(columns.map(({ meta_data: meta }) => meta?.path_in_schema.join('.') ?? ''));
    const missing = [...leaves].find((path) => !there.has(path));
    if (missing !== undefined) throw badDataFile(`${group} has no column ${shownColumn(missing)}`);
    if (columns.length !== leaves.size) {
      throw badDataFile(`${group} has ${columns.length} columns, and its directory names ${leaves.size}`);
    }
    for (const { meta_data: meta } of columns) {
      const [values, bytes] = [Number(meta?.num_values ?? 0n), Number(meta?.total_compressed_size ?? 0n)];
      if (values < 0 || bytes < 0 || values < groupRows) {
        throw badDataFile(`${group} claims ${groupRows} rows, and a column with ${values} values in ${bytes} bytes`);
      }
      budget.addValues(values);
      storedBytes += bytes;
    }
    // Bytes that several columns claim would be unpacked for each of them.
    if (storedBytes > source.bytes) {
      throw badDataFile(`the columns of ${name} claim ${storedBytes} bytes, and the file has ${source.bytes}`);
    }
  }
  if (rows !== claimed) throw badDataFile(`${name} says that it has ${claimed} rows, and ${rows} are in it`);
}
