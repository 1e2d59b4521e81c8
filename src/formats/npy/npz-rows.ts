import { arrayBytes, arrayRows, behind, headOf, type ArrayColumn } from '../arrays/array-rows.ts';
import { badDataFile, type DataFile } from '../data-file.ts';
import type { PlacedRow } from '../json-lines.ts';
import { npyHeadBytes, npyHeader } from './npy-header.ts';
import { zipContent, zipEntries } from './zip-entries.ts';

/** Every array of a `.npz` file as a column, in the order of the file. @throws PlimsollError `data-invalid`. */
export async function* npzRows(file: DataFile): AsyncGenerator<PlacedRow> {
  const columns: ArrayColumn[] = [];
  for (const entry of await zipEntries(file)) {
    if (!entry.name.endsWith('.npy'))
      throw badDataFile(`${file.name} holds ${entry.name.slice(0, 100)}, which is no array`);
    const name = entry.name.slice(0, -'.npy'.length);
    if (columns.some((column) => column.name === name)) throw badDataFile(`${file.name} holds the array ${name} twice`);
    const content = (): AsyncGenerator<Uint8Array> => zipContent(file, entry);
    const { shape, element, bodyAt } = npyHeader(await headOf(content(), Math.min(npyHeadBytes, entry.bytes)), name);
    const expected = bodyAt + arrayBytes({ shape, element });
    if (expected !== entry.bytes) {
      throw badDataFile(
        `${name} declares ${shape.join(' x ')} values, so ${expected} bytes, and its entry has ${entry.bytes}`,
      );
    }
    columns.push({ name, shape, element, body: () => behind(content(), bodyAt) });
  }
  yield* arrayRows(columns);
}
