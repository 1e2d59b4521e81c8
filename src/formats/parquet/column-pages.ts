import { compressors } from 'hyparquet-compressors';
import { parquetHeader, readPage } from 'hyparquet/src/column.js';
import { convert } from 'hyparquet/src/convert.js';
import type { ColumnChunk, DecodedArray, PageHeader, ParquetParsers, SchemaTree } from 'hyparquet';
import type { ByteSource } from '../byte-source.ts';
import { badDataFile } from '../data-file.ts';

/** What one page may unpack to, and how many values it may hold: pages are 1 MB, where nobody asked for larger ones. */
const pageBytesAtMost = 256 * 1024 * 1024;
const valuesAtMost = 16_000_000;
const headerReadBytes = 64 * 1024;

/**
 * The values of one column chunk, page by page, so that a row group of any size takes the memory of a page. A list that goes
 * on in the next page is held back until it is whole.
 * @throws PlimsollError `data-invalid`; errors of hyparquet, which the caller words.
 */
export async function* columnPages(
  source: ByteSource,
  { meta_data: meta }: ColumnChunk,
  schemaPath: SchemaTree[],
  parsers: ParquetParsers,
): AsyncGenerator<readonly unknown[]> {
  if (meta === undefined) throw badDataFile('a column keeps its data in another file, which is not read');
  const pathText = meta.path_in_schema.join('.');
  const decoder: Parameters<typeof convert>[1] = {
    ...meta,
    pathInSchema: meta.path_in_schema,
    element: (schemaPath.at(-1) as SchemaTree).element,
    schemaPath,
    parsers,
    compressors,
    utf8: false,
  };
  const start = Number(meta.dictionary_page_offset ?? meta.data_page_offset);
  const end = start + Number(meta.total_compressed_size);
  if (start < 4 || end > source.bytes)
    throw badDataFile(`the column ${pathText} claims bytes beyond the end of the file`);
  let dictionary: DecodedArray | undefined;
  let open: unknown[] | undefined;
  let values = 0;
  for (let at = start; at < end && values < Number(meta.num_values);) {
    const { header, bodyAt } = await pageHeaderAt(source, at, end);
    const bytes = requirePage(header, pathText);
    const body = await source.read(bodyAt, bytes);
    if (body.length < bytes) throw badDataFile(`a page of the column ${pathText} is cut off`);
    at = bodyAt + bytes;
    const reader = { view: new DataView(body.buffer, body.byteOffset, body.byteLength), offset: 0 };
    if (header.type === 'INDEX_PAGE') continue;
    const { data } = readPage(reader, header, decoder, dictionary, open, 0);
    if (data === undefined) continue;
    if (header.type === 'DICTIONARY_PAGE') {
      dictionary = convert(data, decoder);
      continue;
    }
    values += valuesOf(header);
    const rows: unknown[] = Array.isArray(data) ? (data as unknown[]) : Array.from(data as ArrayLike<unknown>);
    if (schemaPath.some(({ element }) => element.repetition_type === 'REPEATED')) {
      // Only the next page tells whether the last list is whole.
      const last = rows.pop();
      if (rows.length > 0) yield rows;
      open = last === undefined ? undefined : [last];
      if (Array.isArray(last) && last.length > valuesAtMost) throw tooLarge(pathText, last.length);
    } else {
      yield rows;
    }
  }
  if (open !== undefined) yield open;
}

async function pageHeaderAt(
  source: ByteSource,
  at: number,
  end: number,
): Promise<{ readonly header: PageHeader; readonly bodyAt: number }> {
  for (let bytes = headerReadBytes; ; bytes *= 16) {
    const head = await source.read(at, Math.min(bytes, end - at));
    const reader = { view: new DataView(head.buffer, head.byteOffset, head.byteLength), offset: 0 };
    try {
      return { header: parquetHeader(reader), bodyAt: at + reader.offset };
    } catch (thrown) {
      // Statistics of long texts stand in the header too; a header that takes more than 16 MB is none.
      if (!(thrown instanceof RangeError) || head.length < bytes || bytes > headerReadBytes * 16) throw thrown;
    }
  }
}

function valuesOf({ data_page_header: first, data_page_header_v2: second }: PageHeader): number {
  return first?.num_values ?? second?.num_values ?? 0;
}

/** Bytes of the page as it is stored, after its claims are looked at. */
function requirePage(header: PageHeader, column: string): number {
  const { compressed_page_size: packed, uncompressed_page_size: bytes } = header;
  const values = Math.max(valuesOf(header), header.dictionary_page_header?.num_values ?? 0);
  const whole = (size: number): boolean => Number.isSafeInteger(size) && size >= 0;
  if (!whole(packed) || !whole(bytes) || !whole(values))
    throw badDataFile(`a page of the column ${column} has a damaged header`);
  if (packed > pageBytesAtMost || bytes > pageBytesAtMost) {
    throw badDataFile(
      `a page of the column ${column} claims ${Math.max(packed, bytes)} bytes, and at most ${pageBytesAtMost} are read`,
      'write the file with smaller pages (data_page_size)',
    );
  }
  if (values > valuesAtMost) throw tooLarge(column, values);
  return packed;
}

function tooLarge(column: string, values: number): Error {
  return badDataFile(
    `one page or list of the column ${column} claims ${values} values, and at most ${valuesAtMost} are held at once`,
    'write the file with smaller pages (data_page_size, or max_rows_per_page)',
  );
}
