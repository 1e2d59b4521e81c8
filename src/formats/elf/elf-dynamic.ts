import { u64 } from '../byte-order.ts';
import type { ByteSource } from '../byte-source.ts';
import type { LibraryFolders } from '../../core/image/image-facts.ts';
import { sectionBytes, sectionTypes, textAt, type ElfSection } from './elf-file.ts';

export interface DynamicNames {
  readonly soname: string | null;
  readonly needed: readonly string[];
  readonly looksIn: LibraryFolders;
  /** Why a name could not be read. */
  readonly damage?: string;
}

const entryBytes = 16;
const dynamicBytesAtMost = 64 * 1024;
const neededAtMost = 1000;
const nameBytesAtMost = 1024;
/** A list of folders is longer than a name. */
const listBytesAtMost = 16 * 1024;
const foldersAtMost = 200;
const tags = { end: 0, needed: 1, soname: 14, rpath: 15, runpath: 29 } as const;
const nowhere: LibraryFolders = { tag: 'none', folders: [] };

/** SONAME, DT_NEEDED and the folders of DT_RUNPATH or DT_RPATH; all empty for a program that is linked statically. */
export async function readDynamicNames(source: ByteSource, sections: readonly ElfSection[]): Promise<DynamicNames> {
  const dynamic = sections.find(({ type }) => type === sectionTypes.dynamic);
  if (dynamic === undefined) return { soname: null, needed: [], looksIn: nowhere };
  const strings = sections.find(({ index, type }) => index === dynamic.link && type === sectionTypes.strings);
  if (strings === undefined)
    return { soname: null, needed: [], looksIn: nowhere, damage: 'the dynamic section names no table of strings' };
  const { soname, needed, folders } = offsetsOf(await sectionBytes(source, dynamic, dynamicBytesAtMost));
  const read = await Promise.all([...needed, ...soname].map((offset) => nameAt(source, strings, offset)));
  const names = read.filter((name) => name !== null);
  const damage = names.length < read.length ? { damage: 'a name of the dynamic section has no end' } : {};
  return {
    soname: soname.length === 0 ? null : (read.at(-1) ?? null),
    needed: read.slice(0, needed.length).filter((name) => name !== null),
    looksIn: folders === null ? nowhere : await foldersAt(source, strings, folders),
    ...damage,
  };
}

/** DT_RPATH does not count beside DT_RUNPATH (ld.so(8)). */
async function foldersAt(
  source: ByteSource,
  strings: ElfSection,
  { tag, offset }: FolderList,
): Promise<LibraryFolders> {
  const text = await nameAt(source, strings, offset, listBytesAtMost);
  const folders = (text ?? '').split(':').filter((folder) => folder !== '');
  return folders.length === 0 ? nowhere : { tag, folders: folders.slice(0, foldersAtMost) };
}

interface FolderList {
  readonly tag: 'rpath' | 'runpath';
  readonly offset: number;
}

interface Offsets {
  readonly soname: readonly number[];
  readonly needed: readonly number[];
  readonly folders: FolderList | null;
}

function offsetsOf(bytes: Uint8Array): Offsets {
  const needed: number[] = [];
  const soname: number[] = [];
  let folders: FolderList | null = null;
  for (let at = 0; at + entryBytes <= bytes.length; at += entryBytes) {
    const tag = u64(bytes, at);
    if (tag === tags.end) break;
    if (tag === tags.needed && needed.length < neededAtMost) needed.push(u64(bytes, at + 8));
    if (tag === tags.soname && soname.length === 0) soname.push(u64(bytes, at + 8));
    if (tag === tags.runpath) folders = { tag: 'runpath', offset: u64(bytes, at + 8) };
    if (tag === tags.rpath && folders === null) folders = { tag: 'rpath', offset: u64(bytes, at + 8) };
  }
  return { soname, needed, folders };
}

async function nameAt(
  source: ByteSource,
  strings: ElfSection,
  offset: number,
  bytesAtMost = nameBytesAtMost,
): Promise<string | null> {
  if (offset >= strings.bytes) return null;
  return textAt(await source.read(strings.offset + offset, Math.min(bytesAtMost, strings.bytes - offset)), 0);
}
