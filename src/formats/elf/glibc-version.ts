import { u16, u32 } from '../byte-order.ts';
import type { ByteSource } from '../byte-source.ts';
import { compareVersions } from '../../core/units/quantity/quantity-version-range.ts';
import { readVersion } from '../../core/units/version.ts';
import { sectionBytes, textAt, type ElfFile, type ElfSection } from './elf-file.ts';

/** SHT_GNU_verneed and SHT_GNU_verdef: versions that a library asks for, and versions that it provides. */
const types = { needed: 0x6ffffffe, defined: 0x6ffffffd } as const;
const sectionBytesAtMost = 256 * 1024;
const namesAtMost = 1000;
const nameBytesAtMost = 256;

/** Symbol versions of the C library (`GLIBC_2.32`) and of the C++ library (`GLIBCXX_3.4.29`). */
export type VersionedLibrary = 'GLIBC' | 'GLIBCXX';

/** Newest version of the library that the file asks for (`2.32`); null where it asks for none. */
export const readVersionNeeded = (
  source: ByteSource,
  elf: ElfFile,
  library: VersionedLibrary,
): Promise<string | null> => newestOf(source, elf, types.needed, neededNames, library);

/** Newest version that the file provides, which is that of the library itself; null where it provides none. */
export const readVersionDefined = (
  source: ByteSource,
  elf: ElfFile,
  library: VersionedLibrary,
): Promise<string | null> => newestOf(source, elf, types.defined, definedNames, library);

async function newestOf(
  source: ByteSource,
  { sections }: ElfFile,
  type: number,
  namesOf: (bytes: Uint8Array) => readonly number[],
  library: VersionedLibrary,
): Promise<string | null> {
  const section = sections.find((each) => each.type === type);
  const strings = sections.find(({ index }) => index === section?.link);
  if (section === undefined || strings === undefined) return null;
  const offsets = [...new Set(namesOf(await sectionBytes(source, section, sectionBytesAtMost)))].slice(0, namesAtMost);
  let newest: string | null = null;
  for (const offset of offsets) {
    const [prefix, version] = ((await nameAt(source, strings, offset)) ?? '').split('_');
    if (prefix !== library || version === undefined || !/^\d+(?:\.\d+){1,2}$/.test(version)) continue;
    if (newest === null || isNewer(version, newest)) newest = version;
  }
  return newest;
}

const isNewer = (version: string, than: string): boolean =>
  compareVersions(readVersion(version) ?? [], readVersion(than) ?? []) > 0;

async function nameAt(source: ByteSource, strings: ElfSection, offset: number): Promise<string | null> {
  if (offset >= strings.bytes) return null;
  return textAt(await source.read(strings.offset + offset, Math.min(nameBytesAtMost, strings.bytes - offset)), 0);
}

/** Elf64_Verneed: version, count, file, aux, next; each of its Elf64_Vernaux: hash, flags, other, name, next. */
function neededNames(bytes: Uint8Array): readonly number[] {
  return chained(bytes, 0, 16, 12).flatMap((entry) =>
    chained(bytes, entry + u32(bytes, entry + 8), 16, 12, u16(bytes, entry + 2)).map((aux) => u32(bytes, aux + 8)),
  );
}

/** Elf64_Verdef: version, flags, index, count, hash, aux, next; each of its Elf64_Verdaux: name, next. */
function definedNames(bytes: Uint8Array): readonly number[] {
  return chained(bytes, 0, 20, 16).flatMap((entry) =>
    chained(bytes, entry + u32(bytes, entry + 12), 8, 4, u16(bytes, entry + 6)).map((aux) => u32(bytes, aux)),
  );
}

/** Offsets of entries of `size` bytes that name the distance to the next at `nextAt`; 0 ends them. */
function chained(
  bytes: Uint8Array,
  first: number,
  size: number,
  nextAt: number,
  most = namesAtMost,
): readonly number[] {
  const found: number[] = [];
  let at = first;
  while (found.length < most && at + size <= bytes.length) {
    found.push(at);
    const next = u32(bytes, at + nextAt);
    if (next === 0) break;
    at += next;
  }
  return found;
}
