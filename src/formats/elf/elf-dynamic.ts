import { u64 } from '../byte-order.ts';
import type { ByteSource } from '../byte-source.ts';
import { sectionBytes, sectionTypes, textAt, type ElfSection } from './elf-file.ts';

export interface DynamicNames {
  readonly soname: string | null;
  readonly needed: readonly string[];
  /** Why a name could not be read. */
  readonly damage?: string;
}

const entryBytes = 16;
const dynamicBytesAtMost = 64 * 1024;
const neededAtMost = 1000;
const nameBytesAtMost = 1024;
const tags = { end: 0, needed: 1, soname: 14 } as const;

/** SONAME and DT_NEEDED; both empty for a program that is linked statically. */
export async function readDynamicNames(source: ByteSource, sections: readonly ElfSection[]): Promise<DynamicNames> {
  const dynamic = sections.find(({ type }) => type === sectionTypes.dynamic);
  if (dynamic === undefined) return { soname: null, needed: [] };
  const strings = sections.find(({ index, type }) => index === dynamic.link && type === sectionTypes.strings);
  if (strings === undefined)
    return { soname: null, needed: [], damage: 'the dynamic section names no table of strings' };
  const { soname, needed } = offsetsOf(await sectionBytes(source, dynamic, dynamicBytesAtMost));
  const read = await Promise.all([...needed, ...soname].map((offset) => nameAt(source, strings, offset)));
  const names = read.filter((name) => name !== null);
  const damage = names.length < read.length ? { damage: 'a name of the dynamic section has no end' } : {};
  return {
    soname: soname.length === 0 ? null : (read.at(-1) ?? null),
    needed: read.slice(0, needed.length).filter((name) => name !== null),
    ...damage,
  };
}

function offsetsOf(bytes: Uint8Array): { readonly soname: readonly number[]; readonly needed: readonly number[] } {
  const needed: number[] = [];
  const soname: number[] = [];
  for (let at = 0; at + entryBytes <= bytes.length; at += entryBytes) {
    const tag = u64(bytes, at);
    if (tag === tags.end) break;
    if (tag === tags.needed && needed.length < neededAtMost) needed.push(u64(bytes, at + 8));
    if (tag === tags.soname && soname.length === 0) soname.push(u64(bytes, at + 8));
  }
  return { soname, needed };
}

async function nameAt(source: ByteSource, strings: ElfSection, offset: number): Promise<string | null> {
  if (offset >= strings.bytes) return null;
  return textAt(await source.read(strings.offset + offset, Math.min(nameBytesAtMost, strings.bytes - offset)), 0);
}
