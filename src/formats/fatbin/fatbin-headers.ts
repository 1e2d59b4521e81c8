import { u16, u32, u64 } from '../byte-order.ts';

/**
 * NVIDIA publishes no description of fat binaries. What stands here was read in fatbinary_section.h of the CUDA toolkit (the
 * magic number), in the descriptions of n-eiling/cuda-fatbin-decompression, jiegec/fatbinary and nvopen-tools, and
 * measured on what ptxas and fatbinary of CUDA 12.8 to 13.5 write and on 84 libraries of PyPI (2026-11).
 */
export const fatbinMagic = 0xba55ed50;
export const fatbinHeaderBytes = 16;
/** Fat binaries begin at multiples of it. */
export const fatbinAlignBytes = 8;
export const entryHeaderBytes = 64;

/** What an entry holds. */
export const imageKinds = {
  ptx: 0x1,
  cubin: 0x2,
  /** Intermediate code for the linker at run time (`-dlto`); no device can load it. */
  linkTimeCode: 0x8,
  /** Several images compressed as one (`fatbinary --concat`, CUDA 13.5). */
  group: 0x100,
} as const;

export interface FatbinHeader {
  /** Of all entries, without this header. */
  readonly bytes: number;
}

/** Of a version to come; what is further off is the magic number by chance. */
const otherHeaderBytesAtMost = 4096;

/** What begins with the magic number, and cannot be read. */
export interface UnreadFatbin {
  readonly unknown: string;
  /** Its header has a length that headers may have: in data of all sorts the magic number alone may be chance. */
  readonly isLikely: boolean;
}

/** The 16 bytes from `at`, which begin with the magic number. */
export function readFatbinHeader(bytes: Uint8Array, at: number): FatbinHeader | UnreadFatbin {
  const [version, headerBytes] = [u16(bytes, at + 4), u16(bytes, at + 6)];
  if (version === 1 && headerBytes === fatbinHeaderBytes) return { bytes: u64(bytes, at + 8) };
  const isLikely = headerBytes >= fatbinHeaderBytes && headerBytes <= otherHeaderBytesAtMost;
  if (version !== 1) return { unknown: `fat binary of version ${version}`, isLikely };
  return { unknown: `fat binary with a header of ${headerBytes} bytes`, isLikely };
}

export type Compression = 'none' | 'lz4' | 'zstd';

/** One image: `struct { u16 kind, ?; u32 headerBytes; u64 payloadBytes; u32 compressedBytes, optionsAt; u16 minor, major; u32 sm; u32 ?[2]; u64 flags, ?, wholeBytes }`. */
export interface FatbinEntry {
  readonly kind: number;
  readonly headerBytes: number;
  /** What is stored, filled up to a multiple of 8. */
  readonly payloadBytes: number;
  /** What is stored, without the filling. */
  readonly storedBytes: number;
  readonly compression: Compression;
  /** After decompression. */
  readonly wholeBytes: number;
  /** Of PTX the version of its language; of a cubin 1 and its ABI. */
  readonly version: { readonly major: number; readonly minor: number };
  /** `sm_90a` reads 90. */
  readonly sm: number;
  /** What the packer was told: `a` of `sm_90a`. Not what the image says of itself. */
  readonly suffix: '' | 'a' | 'f';
}

/** `flags`. Bits 0 to 6 are the host's, 20 and 21 agree with every image measured. */
const flagBits = { lz4: 0x2000, zstd: 0x8000, architectureOnly: 0x100000, family: 0x200000 } as const;

/** The 64 bytes from `at` must be there. */
export function readEntry(bytes: Uint8Array, at: number): FatbinEntry {
  const flags = u32(bytes, at + 40);
  const payloadBytes = u64(bytes, at + 8);
  const compressedBytes = u32(bytes, at + 16);
  const compression = flags & flagBits.zstd ? 'zstd' : flags & flagBits.lz4 ? 'lz4' : 'none';
  const storedBytes = compression === 'none' ? payloadBytes : Math.min(compressedBytes, payloadBytes);
  return {
    kind: u16(bytes, at),
    headerBytes: u32(bytes, at + 4),
    ...{ payloadBytes, storedBytes, compression },
    wholeBytes: compression === 'none' ? payloadBytes : u64(bytes, at + 56),
    version: { minor: u16(bytes, at + 24), major: u16(bytes, at + 26) },
    sm: u32(bytes, at + 28),
    suffix: flags & flagBits.architectureOnly ? 'a' : flags & flagBits.family ? 'f' : '',
  };
}

/** An image of a group: the same header, with its offset in the decompressed group where else the header's length stands. */
export interface GroupMember extends Pick<FatbinEntry, 'kind' | 'sm' | 'suffix' | 'version'> {
  readonly offset: number;
  readonly bytes: number;
}

/**
 * The images of a group, from behind its header's 64 bytes: how many, how many bytes their headers take, the headers. Null
 * where that does not add up.
 */
export function readGroup(extra: Uint8Array): readonly GroupMember[] | null {
  const count = u32(extra, 0);
  const members: GroupMember[] = [];
  let at = 8;
  for (let index = 0; index < count; index += 1) {
    if (at + entryHeaderBytes > extra.length) return null;
    const { kind, sm, suffix, version, headerBytes, payloadBytes } = readEntry(extra, at);
    members.push({ kind, sm, suffix, version, offset: headerBytes, bytes: payloadBytes });
    at += memberHeaderBytes(extra, at);
  }
  return at === u32(extra, 4) ? members : null;
}

/** The name of the source and the compiler's options follow the 64 bytes, each with a zero byte and filled up to 8. */
function memberHeaderBytes(bytes: Uint8Array, at: number): number {
  const filled = (length: number): number => Math.ceil((length + 1) / 8) * 8;
  const optionsAt = u32(bytes, at + 20);
  if (optionsAt !== 0) return optionsAt + 8 + filled(u32(bytes, at + optionsAt + 4));
  const nameBytes = u32(bytes, at + 36);
  return entryHeaderBytes + (nameBytes === 0 ? 0 : filled(nameBytes));
}
