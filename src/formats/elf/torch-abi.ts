import type { TorchAbi } from '../../core/image/image-facts.ts';
import type { ByteSource } from '../byte-source.ts';
import { sectionTypes, type ElfFile } from './elf-file.ts';

const windowBytes = 1024 * 1024;
/** Symbols that a library imports stand before its own, so that the beginning of a long table does. */
const tableBytesAtMost = 16 * windowBytes;
/** Longer than the longest of the names below. */
const overlapBytes = 256;

/**
 * Functions by which torch raises an error, up to the mangled type of their message: nearly every library that is built for torch calls one. `Ss` is
 * the string of the old C++ ABI, and the namespace `__cxx11` that of the new one.
 */
const raisesError = new RegExp(
  [
    '_ZN3c10(?:5ErrorC[12]ENS_14SourceLocationE',
    '6detail14torchCheckFailEPKcS2_jRK',
    '6detail23torchInternalAssertFailEPKcS2_jS2_RK)(?<type>Ss|NSt7__cxx11)',
  ].join('|'),
);

const decoder = new TextDecoder('latin1');

/**
 * C++ ABI of the strings that a library exchanges with torch, by the names of its dynamic symbols; null where none of them tells it, as in
 * libraries that have nothing to do with torch.
 */
export async function readTorchAbi(source: ByteSource, { sections }: ElfFile): Promise<TorchAbi | null> {
  const symbols = sections.find(({ type }) => type === sectionTypes.dynamicSymbols);
  const strings = sections.find(({ index, type }) => index === symbols?.link && type === sectionTypes.strings);
  if (strings === undefined) return null;
  const end = Math.min(strings.bytes, tableBytesAtMost);
  for (let at = 0; at < end; at += windowBytes) {
    const bytes = await source.read(strings.offset + at, Math.min(windowBytes + overlapBytes, end - at));
    const type = raisesError.exec(decoder.decode(bytes))?.groups?.['type'];
    if (type !== undefined) return type === 'Ss' ? 'old' : 'cxx11';
  }
  return null;
}
