import { numericElement } from '../arrays/array-elements.ts';
import { arrayBytes, arrayRows, behind, headOf, type ArrayColumn } from '../arrays/array-rows.ts';
import { columnNameOf } from '../arrays/column-name.ts';
import { badDataFile, unpacked, type DataFile } from '../data-file.ts';
import type { PlacedRow } from '../json-lines.ts';

/** The third byte of the magic number; all of it is big-endian. */
const kinds: Readonly<Record<number, readonly [kind: string, bytes: number]>> = {
  0x08: ['u', 1],
  0x09: ['i', 1],
  0x0b: ['i', 2],
  0x0c: ['i', 4],
  0x0d: ['f', 4],
  0x0e: ['f', 8],
};

/**
 * An IDX file, plain or gzipped, as a column that is named for it: the format of MNIST
 * (http://yann.lecun.com/exdb/mnist/): two zero bytes, the type, the number of axes, their sizes, the values.
 * @throws PlimsollError `data-invalid`.
 */
export async function idxColumn(file: DataFile): Promise<ArrayColumn> {
  const name = columnNameOf(file.name);
  const magic = await file.source.read(0, 2);
  const gzipped = magic[0] === 0x1f && magic[1] === 0x8b;
  const content = (): AsyncIterable<Uint8Array> =>
    gzipped ? unpacked(file.inflate(file.chunks(), 'gzip'), file.name) : file.chunks();
  const head = await headOf(content(), 4 + 4 * 32);
  const [kind, bytes] = kinds[head[2] ?? 0] ?? [];
  const axes = head[3] ?? 0;
  if (head.length < 4 || head[0] !== 0 || head[1] !== 0 || kind === undefined || bytes === undefined) {
    throw badDataFile(
      `${file.name} is no IDX file: it begins with ${[...head.subarray(0, 4)].join(' ')}, not 0 0 TYPE AXES`,
    );
  }
  if (axes < 1 || axes > 32 || head.length < 4 + 4 * axes)
    throw badDataFile(`the header of ${file.name} is cut off or wrong`);
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const shape = Array.from({ length: axes }, (_, axis) => view.getUint32(4 + 4 * axis));
  const element = numericElement(kind, bytes, false);
  if (element === undefined) throw badDataFile(`${file.name} has a type that is not known`);
  const bodyAt = 4 + 4 * axes;
  const expected = bodyAt + arrayBytes({ shape, element });
  if (!gzipped && file.source.bytes !== expected) {
    throw badDataFile(
      `${file.name} declares ${shape.join(' x ')} values, so ${expected} bytes, and has ${file.source.bytes}`,
    );
  }
  return { name, shape, element, body: () => behind(content(), bodyAt) };
}

export async function* idxRows(file: DataFile): AsyncGenerator<PlacedRow> {
  yield* arrayRows([await idxColumn(file)]);
}
