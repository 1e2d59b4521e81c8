import type { Contents } from './contents.ts';

const headerBytes = 64;
const sectionHeaderBytes = 64;
const names = '\0.text\0.nv_fatbin\0.shstrtab\0';

/** The pieces of a shared library of about the size asked for, with fat binaries in a section of their own or without. */
export function* elfFile(
  contents: Contents,
  textBytes: number,
  fatbin: Buffer | null,
  fatbinCopies: number,
): Generator<Buffer> {
  const sections = [
    { name: names.indexOf('.text'), type: 1, flags: 6n, bytes: textBytes },
    ...(fatbin === null
      ? []
      : [{ name: names.indexOf('.nv_fatbin'), type: 1, flags: 2n, bytes: fatbin.length * fatbinCopies }]),
    { name: names.indexOf('.shstrtab'), type: 3, flags: 0n, bytes: names.length },
  ];
  const tableOffset = headerBytes + sections.reduce((sum, { bytes }) => sum + bytes, 0);
  yield elfHeader(tableOffset, sections.length + 1);
  yield* contents.bytes('code', textBytes);
  if (fatbin !== null) for (let copy = 0; copy < fatbinCopies; copy += 1) yield fatbin;
  yield Buffer.from(names);
  yield Buffer.alloc(sectionHeaderBytes);
  let offset = headerBytes;
  for (const { name, type, flags, bytes } of sections) {
    yield sectionHeader(name, type, flags, offset, bytes);
    offset += bytes;
  }
}

export function elfFileBytes(textBytes: number, fatbin: Buffer | null, fatbinCopies: number): number {
  const sections = fatbin === null ? 3 : 4;
  return headerBytes + textBytes + (fatbin?.length ?? 0) * fatbinCopies + names.length + sections * sectionHeaderBytes;
}

function elfHeader(tableOffset: number, sections: number): Buffer {
  const header = Buffer.alloc(headerBytes);
  header.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  header.writeUInt16LE(3, 16);
  header.writeUInt16LE(62, 18);
  header.writeUInt32LE(1, 20);
  header.writeBigUInt64LE(BigInt(tableOffset), 40);
  header.writeUInt16LE(headerBytes, 52);
  header.writeUInt16LE(56, 54);
  header.writeUInt16LE(sectionHeaderBytes, 58);
  header.writeUInt16LE(sections, 60);
  header.writeUInt16LE(sections - 1, 62);
  return header;
}

function sectionHeader(name: number, type: number, flags: bigint, offset: number, bytes: number): Buffer {
  const header = Buffer.alloc(sectionHeaderBytes);
  header.writeUInt32LE(name, 0);
  header.writeUInt32LE(type, 4);
  header.writeBigUInt64LE(flags, 8);
  header.writeBigUInt64LE(BigInt(offset), 24);
  header.writeBigUInt64LE(BigInt(bytes), 32);
  header.writeBigUInt64LE(8n, 48);
  return header;
}
