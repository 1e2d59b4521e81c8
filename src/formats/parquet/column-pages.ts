import { readPage } from 'hyparquet/src/column.js';
import { convert } from 'hyparquet/src/convert.js';
import type { ColumnChunk, ColumnMetaData, DecodedArray, PageHeader, ParquetParsers, SchemaTree } from 'hyparquet';
import type { ByteSource } from '../byte-source.ts';
import { badDataFile, type Inflate } from '../data-file.ts';
import { unpackPage } from './page-bytes.ts';
import { countValues, readPageHeader, requireListSize, requirePageClaims } from './page-header.ts';
import { shownColumn, type ReadingBudget } from './reading-budget.ts';
import { requireValues, type UnpackedPage } from './require-values.ts';

/** What reading a column needs beside the column. */
export interface PageReading {
  readonly source: ByteSource;
  readonly inflate: Inflate;
  readonly parsers: ParquetParsers;
  readonly budget: ReadingBudget;
}

/** Cells of 8 bytes that a value takes: an array of bytes is an object, and each level of nesting may make a list of its own. */
const cellsOfBytes = 24;
const cellsOfList = 4;

/**
 * The values of one column chunk, page by page, so that a row group of any size takes the memory of a page. A list that goes
 * on in the next page is held back until it is whole. What a page claims is held against its bytes and the budget first.
 * @throws PlimsollError `data-invalid`; errors of hyparquet, which the caller words.
 */
export async function* columnPages(
  { meta_data: meta }: ColumnChunk,
  schemaPath: SchemaTree[],
  reading: PageReading,
): AsyncGenerator<readonly unknown[]> {
  if (meta === undefined) throw badDataFile('a column keeps its data in another file, which is not read');
  const column = meta.path_in_schema.join('.');
  const { source, budget } = reading;
  const decoder = decoderOf(meta, schemaPath, reading.parsers);
  const { start, end } = placeOf(meta, source, column);
  let dictionary: DecodedArray | undefined;
  let open: unknown[] | undefined;
  let [values, dictionaryCells, pageCells] = [0, 0, 0];
  try {
    for (let at = start; at < end && values < Number(meta.num_values);) {
      const { header, bodyAt } = await readPageHeader(source, at, end);
      const packedBytes = requirePageClaims(header, column);
      at = bodyAt + packedBytes;
      if (header.type === 'INDEX_PAGE') continue;
      const page = await unpackedPage(header, meta, bodyAt, reading);
      if (header.type === 'DICTIONARY_PAGE') {
        budget.release(dictionaryCells);
        dictionaryCells = (header.dictionary_page_header?.num_values ?? 0) * (isText(meta) ? cellsOfBytes : 1);
        budget.hold(dictionaryCells, column);
        const { data } = readPage(page.reader, page.header, decoder, undefined, undefined, 0);
        if (data !== undefined) dictionary = convert(data, decoder);
        continue;
      }
      const { beginnings } = requireValues(page.layout, schemaPath, meta.type, dictionary !== undefined);
      values += countValues(header);
      if (values > Number(meta.num_values)) throw badDataFile(`the column ${shownColumn(column)} has too many values`);
      budget.release(pageCells);
      pageCells = cellsOf(page.layout, beginnings, schemaPath, meta);
      budget.hold(pageCells, column);
      const { data } = readPage(page.reader, page.header, decoder, dictionary, open, 0);
      if (data === undefined) continue;
      const rows: unknown[] = Array.isArray(data) ? (data as unknown[]) : Array.from(data as ArrayLike<unknown>);
      if (isText(meta)) budget.addText(textBytesOf(rows));
      if (schemaPath.some(({ element }) => element.repetition_type === 'REPEATED')) {
        // Only the next page tells whether the last list is whole.
        const last = rows.pop();
        if (rows.length > 0) yield rows;
        open = last === undefined ? undefined : [last];
        if (Array.isArray(last)) requireListSize(column, last.length);
      } else {
        yield rows;
      }
    }
    if (open !== undefined) yield open;
  } finally {
    budget.release(pageCells + dictionaryCells);
  }
}

function placeOf(meta: ColumnMetaData, source: ByteSource, column: string): { start: number; end: number } {
  const start = Number(meta.dictionary_page_offset ?? meta.data_page_offset);
  const end = start + Number(meta.total_compressed_size);
  if (start < 4 || end > source.bytes) {
    throw badDataFile(`the column ${shownColumn(column)} claims bytes beyond the end of the file`);
  }
  return { start, end };
}

/** Pages are unpacked before hyparquet sees them: it would unpack all that comes. */
function decoderOf(meta: ColumnMetaData, schemaPath: SchemaTree[], parsers: ParquetParsers) {
  const decoder: Parameters<typeof convert>[1] = {
    ...meta,
    codec: 'UNCOMPRESSED',
    pathInSchema: meta.path_in_schema,
    element: (schemaPath.at(-1) as SchemaTree).element,
    schemaPath,
    parsers,
    utf8: false,
  };
  return decoder;
}

/** The page with its bytes unpacked, and a header that says so. */
async function unpackedPage(
  header: PageHeader,
  meta: ColumnMetaData,
  bodyAt: number,
  { source, inflate, budget }: PageReading,
) {
  const { compressed_page_size: packedBytes, uncompressed_page_size: claimedBytes } = header;
  const body = await source.read(bodyAt, packedBytes);
  const column = shownColumn(meta.path_in_schema.join('.'));
  if (body.length < packedBytes) throw badDataFile(`a page of the column ${column} is cut off`);
  budget.addUnpacked(claimedBytes);
  const second = header.type === 'DATA_PAGE_V2' ? header.data_page_header_v2 : undefined;
  const bytes =
    second === undefined
      ? await unpackPage(body, claimedBytes, meta.codec, inflate)
      : await unpackSecond(second, body, claimedBytes, meta, inflate);
  const first = header.data_page_header;
  return {
    reader: { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset: 0 },
    header: {
      ...header,
      compressed_page_size: bytes.length,
      uncompressed_page_size: bytes.length,
      ...(second === undefined ? {} : { data_page_header_v2: { ...second, is_compressed: false } }),
    },
    layout: {
      bytes,
      values: countValues(header),
      encoding: second?.encoding ?? first?.encoding ?? 'PLAIN',
      levels:
        second === undefined
          ? null
          : {
              repetitionBytes: second.repetition_levels_byte_length,
              definitionBytes: second.definition_levels_byte_length,
              nulls: second.num_nulls,
            },
    },
  };
}

/** The second version of pages compresses the values, and never the levels in front of them. */
async function unpackSecond(
  header: NonNullable<PageHeader['data_page_header_v2']>,
  body: Uint8Array,
  claimedBytes: number,
  { codec }: ColumnMetaData,
  inflate: Inflate,
): Promise<Uint8Array> {
  const levelBytes = header.repetition_levels_byte_length + header.definition_levels_byte_length;
  const packed = body.subarray(levelBytes);
  const form = header.is_compressed === false ? 'UNCOMPRESSED' : codec;
  const values = await unpackPage(packed, claimedBytes - levelBytes, form, inflate);
  const bytes = new Uint8Array(claimedBytes);
  bytes.set(body.subarray(0, levelBytes));
  bytes.set(values, levelBytes);
  return bytes;
}

const isText = ({ type }: ColumnMetaData): boolean => type === 'BYTE_ARRAY' || type === 'FIXED_LEN_BYTE_ARRAY';

function cellsOf(
  { values, encoding }: UnpackedPage,
  beginnings: number,
  path: SchemaTree[],
  meta: ColumnMetaData,
): number {
  const each = isText(meta) && !encoding.endsWith('_DICTIONARY') ? cellsOfBytes : 1;
  const isNested = path.length > 2 || path.some(({ element }) => element.repetition_type === 'REPEATED');
  if (!isNested) return values * each;
  const lists = path.slice(1).filter(({ element }) => element.repetition_type !== 'REQUIRED').length;
  return values * each + beginnings * lists * cellsOfList;
}

function textBytesOf(values: readonly unknown[]): number {
  let bytes = 0;
  for (const value of values) {
    if (typeof value === 'string' || value instanceof Uint8Array) bytes += value.length;
    else if (Array.isArray(value)) bytes += textBytesOf(value as readonly unknown[]);
  }
  return bytes;
}
