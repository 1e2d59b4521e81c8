import { arrayBytes, arrayRows, behind, headOf, type ArrayColumn } from '../arrays/array-rows.ts';
import { columnNameOf } from '../arrays/column-name.ts';
import { badDataFile, type DataFile } from '../data-file.ts';
import type { PlacedRow } from '../json-lines.ts';
import { npyHeadBytes, npyHeader } from './npy-header.ts';

/** The one array of a `.npy` file as a column that is named for the file. @throws PlimsollError `data-invalid`. */
export async function npyColumn(file: DataFile): Promise<ArrayColumn> {
  const name = columnNameOf(file.name);
  const header = npyHeader(await headOf(file.chunks(), npyHeadBytes), name);
  const expected = header.bodyAt + arrayBytes(header);
  if (file.source.bytes !== expected) {
    throw badDataFile(
      `${name} declares ${header.shape.join(' x ')} values, so ${expected} bytes, and the file has ${file.source.bytes}`,
    );
  }
  return { name, shape: header.shape, element: header.element, body: () => behind(file.chunks(), header.bodyAt) };
}

export async function* npyRows(file: DataFile): AsyncGenerator<PlacedRow> {
  yield* arrayRows([await npyColumn(file)]);
}
