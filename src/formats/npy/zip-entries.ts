import { u16, u32, u64 } from '../byte-order.ts';
import { badDataFile, unpacked, type DataFile } from '../data-file.ts';

export interface ZipEntry {
  readonly name: string;
  readonly method: 'stored' | 'deflated';
  readonly compressedBytes: number;
  readonly bytes: number;
  readonly headerAt: number;
}

const entriesAtMost = 10_000;
const directoryBytesAtMost = 16 * 1024 * 1024;
/** Deflate gains no more than 1032 to 1 (https://zlib.net/zlib_tech.html): more is a lie of the directory. */
const gainAtMost = 1032;

/**
 * The entries of a zip archive by its central directory (APPNOTE 6.3.10, with Zip64). Overlapping or oversized claims are
 * refused, so that a small file cannot promise endless bytes.
 * @throws PlimsollError `data-invalid`.
 */
export async function zipEntries({ source, name }: DataFile): Promise<readonly ZipEntry[]> {
  const tailBytes = Math.min(source.bytes, 22 + 65_535);
  const tail = await source.read(source.bytes - tailBytes, tailBytes);
  let at = tail.length - 22;
  while (at >= 0 && u32(tail, at) !== 0x06054b50) at -= 1;
  if (at < 0)
    throw badDataFile(`${name} is no .npz file: it has no zip directory, or is cut off`, 'save it with numpy.savez');
  let entries = u16(tail, at + 10);
  let directoryBytes = u32(tail, at + 12);
  let directoryAt = u32(tail, at + 16);
  if (at >= 20 && u32(tail, at - 20) === 0x07064b50) {
    const record = await source.read(u64(tail, at - 12), 56);
    if (record.length < 56 || u32(record, 0) !== 0x06064b50) throw damaged(name);
    entries = u64(record, 32);
    directoryBytes = u64(record, 40);
    directoryAt = u64(record, 48);
  }
  if (entries > entriesAtMost || directoryBytes > directoryBytesAtMost) {
    throw badDataFile(
      `${name} has ${entries} entries in a directory of ${directoryBytes} bytes; at most ${entriesAtMost} are read`,
    );
  }
  const directory = await source.read(directoryAt, directoryBytes);
  if (directory.length < directoryBytes) throw damaged(name);
  return entriesIn(directory, entries, source.bytes, name);
}

function entriesIn(directory: Uint8Array, count: number, fileBytes: number, file: string): readonly ZipEntry[] {
  const found: ZipEntry[] = [];
  let at = 0;
  let total = 0;
  for (let index = 0; index < count; index += 1) {
    if (at + 46 > directory.length || u32(directory, at) !== 0x02014b50) throw damaged(file);
    const nameBytes = u16(directory, at + 28);
    const extraBytes = u16(directory, at + 30);
    const entry = entryAt(directory, at, nameBytes, extraBytes, file);
    total += entry.compressedBytes;
    if (total > fileBytes)
      throw badDataFile(`the entries of ${file} overlap: together they claim more bytes than the file has`);
    found.push(entry);
    at += 46 + nameBytes + extraBytes + u16(directory, at + 32);
  }
  return found;
}

function entryAt(directory: Uint8Array, at: number, nameBytes: number, extraBytes: number, file: string): ZipEntry {
  const name = new TextDecoder('utf-8').decode(directory.subarray(at + 46, at + 46 + nameBytes));
  const method = u16(directory, at + 10);
  if ((u16(directory, at + 8) & 1) === 1) throw badDataFile(`${name} in ${file} is encrypted`);
  if (method !== 0 && method !== 8)
    throw badDataFile(`${name} in ${file} is compressed by method ${method}; numpy writes 0 and 8`);
  const sizes = {
    bytes: u32(directory, at + 24),
    compressedBytes: u32(directory, at + 20),
    headerAt: u32(directory, at + 42),
  };
  const extra = directory.subarray(at + 46 + nameBytes, at + 46 + nameBytes + extraBytes);
  const wide = zip64(extra, sizes);
  if (
    wide.bytes > Math.max(1024, wide.compressedBytes * gainAtMost) ||
    (method === 0 && wide.bytes !== wide.compressedBytes)
  ) {
    throw badDataFile(`${name} in ${file} claims ${wide.bytes} bytes out of ${wide.compressedBytes}, which cannot be`);
  }
  return { name, method: method === 0 ? 'stored' : 'deflated', ...wide };
}

type Sizes = Pick<ZipEntry, 'bytes' | 'compressedBytes' | 'headerAt'>;

/** Sizes of 0xffffffff stand in the extra field with the id 1, in this order. */
function zip64(extra: Uint8Array, sizes: Sizes): Sizes {
  for (let at = 0; at + 4 <= extra.length; at += 4 + u16(extra, at + 2)) {
    if (u16(extra, at) !== 1) continue;
    let next = at + 4;
    const take = (size: number): number => {
      if (size !== 0xffffffff) return size;
      next += 8;
      return u64(extra, next - 8);
    };
    const bytes = take(sizes.bytes);
    const compressedBytes = take(sizes.compressedBytes);
    return { bytes, compressedBytes, headerAt: take(sizes.headerAt) };
  }
  return sizes;
}

const pieceBytes = 1 << 20;

/** The content of an entry, streamed. */
export async function* zipContent({ source, name, inflate }: DataFile, entry: ZipEntry): AsyncGenerator<Uint8Array> {
  const header = await source.read(entry.headerAt, 30);
  if (header.length < 30 || u32(header, 0) !== 0x04034b50) throw damaged(name);
  const start = entry.headerAt + 30 + u16(header, 26) + u16(header, 28);
  const packed = async function* (): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < entry.compressedBytes;) {
      const piece = await source.read(start + at, Math.min(pieceBytes, entry.compressedBytes - at));
      if (piece.length === 0) throw badDataFile(`${entry.name} in ${name} is cut off`);
      at += piece.length;
      yield piece;
    }
  };
  yield* entry.method === 'stored' ? packed() : unpacked(inflate(packed(), 'deflate-raw'), `${entry.name} in ${name}`);
}

function damaged(name: string): Error {
  return badDataFile(`the zip directory of ${name} is damaged or cut off`);
}
