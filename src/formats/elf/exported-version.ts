import { u16, u32, u64 } from '../byte-order.ts';
import type { ByteSource } from '../byte-source.ts';
import { machines, sectionBytes, sectionTypes, textAt, type ElfFile, type ElfSection } from './elf-file.ts';

interface VersionFunction {
  readonly component: string;
  /** SONAME up to `.so`. */
  readonly library: string;
  readonly symbol: string;
  readonly versionOf: (code: number) => string | null;
}

/**
 * Libraries whose exported version function does nothing but to hand out a constant, checked on nvidia-nccl-cu12 2.18.1
 * and 2.32.3, nvidia-nccl-cu13 2.32.3 and nvidia-cufft-cu12 11.4.1 (2026-11). The functions of cudart, cuDNN 9 and
 * cuBLAS compute more, so that their versions come from file names and packages.
 */
const versionFunctions: readonly VersionFunction[] = [
  {
    component: 'nccl',
    library: 'libnccl',
    symbol: 'ncclGetVersion',
    // Since 2.9: NCCL_VERSION(X,Y,Z) is X * 10000 + Y * 100 + Z.
    versionOf: (code) =>
      code >= 20_900 ? `${Math.floor(code / 10_000)}.${Math.floor(code / 100) % 100}.${code % 100}` : null,
  },
  {
    component: 'cufft',
    library: 'libcufft',
    symbol: 'cufftGetVersion',
    versionOf: (code) =>
      code >= 1_000 ? `${Math.floor(code / 1000)}.${Math.floor(code / 100) % 10}.${code % 100}` : null,
  },
];

const symbolBytes = 24;
const symbolsBytesAtMost = 8 * 1024 * 1024;
const namesBytesAtMost = 8 * 1024 * 1024;
const codeBytes = 32;

/** By component; empty for a library that is not in the table, or whose function is not as simple as it should be. */
export async function readExportedVersions(
  source: ByteSource,
  elf: ElfFile,
  soname: string | null,
): Promise<Readonly<Record<string, string>>> {
  const known = versionFunctions.find(({ library }) => soname?.startsWith(`${library}.so`) === true);
  if (known === undefined || elf.machine !== machines.x8664) return {};
  const address = await addressOf(source, elf.sections, known.symbol);
  const section = elf.sections.find(
    (each) => address !== null && address >= each.address && address < each.address + each.bytes,
  );
  if (address === null || section === undefined) return {};
  const code = constantOf(await source.read(section.offset + (address - section.address), codeBytes));
  const version = code === null ? null : known.versionOf(code);
  return version === null ? {} : { [known.component]: version };
}

async function addressOf(source: ByteSource, sections: readonly ElfSection[], wanted: string): Promise<number | null> {
  const table = sections.find(({ type }) => type === sectionTypes.dynamicSymbols);
  const strings = sections.find(({ index }) => index === table?.link);
  if (table === undefined || strings === undefined) return null;
  const symbols = await sectionBytes(source, table, symbolsBytesAtMost);
  const names = await sectionBytes(source, strings, namesBytesAtMost);
  for (let at = 0; at + symbolBytes <= symbols.length; at += symbolBytes) {
    const name = u32(symbols, at);
    const isWanted =
      names[name] === wanted.charCodeAt(0) && textAt(names.subarray(name, name + wanted.length + 1), 0) === wanted;
    if (isWanted && u16(symbols, at + 6) !== 0) return u64(symbols, at + 8);
  }
  return null;
}

/** `if (p) *p = N;` or `return N;` as GCC compiles them for x86-64; null for anything else. */
function constantOf(code: Uint8Array): number | null {
  const start = u32(code, 0) === endbr64 ? 4 : 0;
  const skipsNull =
    code[start] === 0x48 && code[start + 1] === 0x85 && code[start + 2] === 0xff && code[start + 3] === 0x74;
  const at = start + (skipsNull ? 5 : 0);
  if (code[at] === 0xc7 && code[at + 1] === 0x07) return u32(code, at + 2);
  return code[at] === 0xb8 && code[at + 5] === 0xc3 ? u32(code, at + 1) : null;
}

const endbr64 = 0xfa1e0ff3;
