import { u16, u32, u64 } from '../byte-order.ts';
import type { ByteSource } from '../byte-source.ts';

/** ELF64 of little-endian order: System V ABI, https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.intro.html. */
export interface ElfFile {
  readonly abiVersion: number;
  /** 62 x86-64, 183 AArch64, 190 CUDA. */
  readonly machine: number;
  readonly flags: number;
  /** In file order; those that are damaged are left out. */
  readonly sections: readonly ElfSection[];
  /** Why `sections` is not whole; undefined when it is. */
  readonly damage?: string;
}

export interface ElfSection {
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  readonly address: number;
  readonly offset: number;
  /** In the file: zero for a section that holds no bytes there. */
  readonly bytes: number;
  /** Index, among all of the table's, of the section that this one refers to (its strings). */
  readonly link: number;
  readonly index: number;
  readonly alignBytes: number;
}

/** What is no ELF64 file of little-endian order: another program's business, and not an error. */
export interface NotOurs {
  readonly notOurs: string;
}

export const sectionTypes = { strings: 3, dynamic: 6, note: 7, noBits: 8, dynamicSymbols: 11 } as const;
export const sectionFlags = { allocated: 0x2, executable: 0x4 } as const;
export const machines = { x8664: 62, cuda: 190 } as const;

const headerBytes = 64;
const entryBytes = 64;
/** Cubins of large kernels have tens of thousands, one per function and more. */
const sectionsAtMost = 100_000;
const namesBytesAtMost = 16 * 1024 * 1024;

/**
 * `spend` is asked before that many sections are read, and may refuse: whoever reads many ELF files out of one bounds all
 * of them together.
 */
export async function readElf(
  source: ByteSource,
  spend: (sections: number) => boolean = () => true,
): Promise<ElfFile | NotOurs> {
  const head = await source.read(0, headerBytes);
  const other = otherThanOurs(head);
  if (other !== null) return { notOurs: other };
  const table = await readSections(source, head, spend);
  return { abiVersion: head[8] ?? 0, machine: u16(head, 18), flags: u32(head, 48), ...table };
}

/** The bytes of a section, at most `bytesAtMost` of them. */
export const sectionBytes = (source: ByteSource, section: ElfSection, bytesAtMost: number): Promise<Uint8Array> =>
  source.read(section.offset, Math.min(section.bytes, bytesAtMost));

export function hasElfMagic(bytes: Uint8Array): boolean {
  return bytes[0] === 0x7f && bytes[1] === 0x45 && bytes[2] === 0x4c && bytes[3] === 0x46;
}

function otherThanOurs(head: Uint8Array): string | null {
  if (!hasElfMagic(head)) return 'it does not begin as ELF files do';
  if (head[4] === 1) return 'it is a 32-bit ELF file';
  if (head[5] === 2) return 'it is an ELF file of big-endian order';
  if (head[4] !== 2 || head[5] !== 1) return 'it is an ELF file of an unknown class or byte order';
  if (head.length < headerBytes) return 'it is cut off within the ELF header';
  return null;
}

type Sections = Pick<ElfFile, 'sections' | 'damage'>;

async function readSections(
  source: ByteSource,
  head: Uint8Array,
  spend: (sections: number) => boolean,
): Promise<Sections> {
  const tableOffset = u64(head, 40);
  if (tableOffset === 0) return { sections: [], damage: 'it has no section table' };
  if (u16(head, 58) !== entryBytes) {
    return { sections: [], damage: `its section table has entries of ${u16(head, 58)} bytes, not ${entryBytes}` };
  }
  const first = await source.read(tableOffset, entryBytes);
  if (first.length < entryBytes) return { sections: [], damage: 'its section table lies beyond the end of the file' };
  // Numbers that do not fit 16 bits stand in the first entry.
  const count = u16(head, 60) === 0 ? u64(first, 32) : u16(head, 60);
  const namesIndex = u16(head, 62) === 0xffff ? u32(first, 40) : u16(head, 62);
  if (count > sectionsAtMost)
    return { sections: [], damage: `it claims ${count} sections, and ${sectionsAtMost} are the most` };
  if (!spend(count)) return { sections: [], damage: 'too many sections would have to be read' };
  const table = await source.read(tableOffset, count * entryBytes);
  if (table.length < count * entryBytes) return { sections: [], damage: 'its section table is cut off' };
  if (namesIndex >= count) return { sections: [], damage: 'its table of section names is missing' };
  const names = await readNames(source, table, namesIndex);
  return typeof names === 'string' ? { sections: [], damage: names } : sectionsOf(table, count, names, source.bytes);
}

async function readNames(source: ByteSource, table: Uint8Array, index: number): Promise<Uint8Array | string> {
  const offset = u64(table, index * entryBytes + 24);
  const bytes = u64(table, index * entryBytes + 32);
  if (offset + bytes > source.bytes) return 'its table of section names lies beyond the end of the file';
  if (bytes > namesBytesAtMost) return `its section names take ${bytes} bytes, and ${namesBytesAtMost} are the most`;
  return await source.read(offset, bytes);
}

function sectionsOf(table: Uint8Array, count: number, names: Uint8Array, fileBytes: number): Sections {
  const sections: ElfSection[] = [];
  const damaged: string[] = [];
  for (let index = 1; index < count; index += 1) {
    const at = index * entryBytes;
    const name = nameAt(names, u32(table, at));
    const type = u32(table, at + 4);
    const offset = u64(table, at + 24);
    const bytes = type === sectionTypes.noBits || type === 0 ? 0 : u64(table, at + 32);
    if (name === null || offset + bytes > fileBytes) {
      damaged.push(
        name === null ? `section ${index} has no sound name` : `section ${name} lies beyond the end of the file`,
      );
      continue;
    }
    sections.push({
      ...{ name, type, offset, bytes, index },
      flags: u64(table, at + 8),
      address: u64(table, at + 16),
      link: u32(table, at + 40),
      alignBytes: u64(table, at + 48),
    });
  }
  const [first] = damaged;
  if (first === undefined) return { sections };
  return { sections, damage: damaged.length === 1 ? first : `${first}, and ${damaged.length - 1} more are damaged` };
}

/** Longer names are those of C++ functions, which nobody asks for: they are read up to here. */
const nameBytesAtMost = 128;

/** Null where the table ends within the name. */
function nameAt(names: Uint8Array, start: number): string | null {
  if (start + nameBytesAtMost > names.length) return textAt(names, start);
  const name = names.subarray(start, start + nameBytesAtMost);
  return textAt(name, 0) ?? decoder.decode(name);
}

/** Text up to its zero byte; null where there is none. */
export function textAt(bytes: Uint8Array, start: number): string | null {
  const end = start < bytes.length ? bytes.indexOf(0, start) : -1;
  return end < 0 ? null : decoder.decode(bytes.subarray(start, end));
}

const decoder = new TextDecoder();
