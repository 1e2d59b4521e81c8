import { parquetHeader } from 'hyparquet/src/column.js';
import type { PageHeader } from 'hyparquet';
import type { ByteSource } from '../byte-source.ts';
import { badDataFile } from '../data-file.ts';
import { shownColumn } from './reading-budget.ts';
import { requireThrift } from './require-thrift.ts';

/** What one page may unpack to, and how many values it may hold: pages are 1 MB, where nobody asked for larger ones. */
const pageBytesAtMost = 256 * 1024 * 1024;
const valuesAtMost = 16_000_000;
const headerReadBytes = 64 * 1024;
const headerPartsAtMost = 10_000;

/** The header of the page at `at`, and where its bytes begin. @throws PlimsollError `data-invalid`. */
export async function readPageHeader(
  source: ByteSource,
  at: number,
  end: number,
): Promise<{ readonly header: PageHeader; readonly bodyAt: number }> {
  for (let bytes = headerReadBytes; ; bytes *= 16) {
    const head = await source.read(at, Math.min(bytes, end - at));
    try {
      requireThrift(head, 0, headerPartsAtMost);
      const reader = { view: new DataView(head.buffer, head.byteOffset, head.byteLength), offset: 0 };
      return { header: parquetHeader(reader), bodyAt: at + reader.offset };
    } catch (thrown) {
      // Statistics of long texts stand in the header too; a header that takes more than 16 MB is none.
      if (!(thrown instanceof RangeError) || head.length < bytes || bytes > headerReadBytes * 16) throw thrown;
    }
  }
}

/** Values of a data page, null where a page holds none. */
export function countValues({ data_page_header: first, data_page_header_v2: second }: PageHeader): number {
  return first?.num_values ?? second?.num_values ?? 0;
}

/** Bytes of the page as it is stored, after its claims are looked at. @throws PlimsollError `data-invalid`. */
export function requirePageClaims(header: PageHeader, column: string): number {
  const { compressed_page_size: packed, uncompressed_page_size: bytes, data_page_header_v2: second } = header;
  const values = Math.max(countValues(header), header.dictionary_page_header?.num_values ?? 0);
  const levelBytes = [second?.repetition_levels_byte_length ?? 0, second?.definition_levels_byte_length ?? 0];
  const claims = [packed, bytes, values, countValues(header), second?.num_nulls ?? 0, ...levelBytes];
  const areSizes = claims.every((size) => Number.isSafeInteger(size) && size >= 0);
  const levels = levelBytes.reduce((sum, size) => sum + size, 0);
  if (!areSizes || levels > Math.min(packed, bytes)) {
    throw badDataFile(`a page of the column ${shownColumn(column)} has a damaged header`);
  }
  if (packed > pageBytesAtMost || bytes > pageBytesAtMost) {
    throw badDataFile(
      `a page of the column ${shownColumn(column)} claims ${Math.max(packed, bytes)} bytes, and at most ${pageBytesAtMost} are read`,
      'write the file with smaller pages (data_page_size)',
    );
  }
  if (values > valuesAtMost) throw tooManyValues(column, values);
  return packed;
}

/** Where a list goes on over pages, its values are held together. @throws PlimsollError `data-invalid`. */
export function requireListSize(column: string, values: number): void {
  if (values > valuesAtMost) throw tooManyValues(column, values);
}

function tooManyValues(column: string, values: number): Error {
  return badDataFile(
    `one page or list of the column ${shownColumn(column)} claims ${values} values, and at most ${valuesAtMost} are held at once`,
    'write the file with smaller pages (data_page_size, or max_rows_per_page)',
  );
}
