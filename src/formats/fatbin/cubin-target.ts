import { u16, u32 } from '../byte-order.ts';
import type { ByteSource } from '../byte-source.ts';
import { hasElfMagic, machines, readElf, sectionBytes } from '../elf/elf-file.ts';

/** What a cubin says of itself; a text says why it does not. */
export type CubinTarget = { readonly sm: number; readonly suffix: '' | 'a' } | string;

/**
 * `e_flags` of a cubin, by the ABI version in the ELF identification. Names as in LLVM's BinaryFormat/ELF.h (23.1, 2026-09).
 *
 * | ABI | written by | number | `a` |
 * |---|---|---|---|
 * | up to 7 | all before CUDA 13, for sm_90 and older | bits 0-7 (EF_CUDA_SM) | bit 11 (EF_CUDA_ACCELERATORS_V1) |
 * | 8 | CUDA 12.8 and 12.9, from sm_100 on | bits 8-15 (EF_CUDA_SM_MASK) | bit 3 (EF_CUDA_ACCELERATORS) |
 * | 8 | CUDA 13, all | bits 8-15 | bit 3 stays clear: attribute 9 of `.nv.compat` |
 *
 * A cubin for `sm_100f` is one for `sm_100` in every bit that decides where it loads, and cuobjdump names it so.
 */
interface CubinHead {
  readonly abi: number;
  readonly sm: number;
  /** Of ABI 8 a clear bit does not decide. */
  readonly marked: boolean;
}

export const cubinHeadBytes = 64;
const newestAbi = 8;

/** From the first 64 bytes. For ABI 8, `suffix` '' here only means that the flags do not say `a`. */
export function readCubinHead(bytes: Uint8Array): CubinHead | string {
  if (bytes.length < cubinHeadBytes || !hasElfMagic(bytes)) return 'an image that should be a cubin is no ELF file';
  if (u16(bytes, 18) !== machines.cuda) return 'an image that should be a cubin is for another kind of machine';
  const abi = bytes[8] ?? 0;
  const flags = u32(bytes, 48);
  if (abi > newestAbi) return `a cubin has ABI ${abi}, and ${newestAbi} is the newest that is known`;
  return abi < newestAbi
    ? { abi, sm: flags & 0xff, marked: (flags & 0x800) !== 0 }
    : { abi, sm: (flags >>> 8) & 0xff, marked: (flags & 0x8) !== 0 };
}

/** From the whole cubin; `spend` as for `readElf`. */
export async function readCubin(cubin: ByteSource, spend?: (sections: number) => boolean): Promise<CubinTarget> {
  const head = readCubinHead(await cubin.read(0, cubinHeadBytes));
  if (typeof head === 'string') return head;
  if (head.abi < newestAbi || head.marked) return { sm: head.sm, suffix: head.marked ? 'a' : '' };
  const elf = await readElf(cubin, spend);
  if ('notOurs' in elf) return elf.notOurs;
  if (elf.damage !== undefined) return `of a cubin: ${elf.damage}`;
  const compat = elf.sections.find(({ type }) => type === compatSection);
  const isAccelerated = compat !== undefined && saysAccelerator(await sectionBytes(cubin, compat, compatBytesAtMost));
  return { sm: head.sm, suffix: isAccelerated ? 'a' : '' };
}

/** `.nv.compat`, SHT_LOPROC + 0x86. */
const compatSection = 0x70000086;
const compatBytesAtMost = 64 * 1024;
/** cuobjdump names it EICOMPAT_ATTR_CUDA_ACCELERATOR_TARGET. */
const acceleratorTarget = 9;
/** Formats of an attribute: a value of 0 to 2 bytes in four bytes, or a length followed by that many bytes. */
const sizedFormat = 4;

/** Attributes are `{ u8 format, u8 name, u16 value or length }`, as in `.nv.info`. */
function saysAccelerator(bytes: Uint8Array): boolean {
  for (let at = 0; at + 4 <= bytes.length;) {
    const format = bytes[at] ?? 0;
    if (format !== sizedFormat && bytes[at + 1] === acceleratorTarget) return u16(bytes, at + 2) !== 0;
    at += 4 + (format === sizedFormat ? u16(bytes, at + 2) : 0);
  }
  return false;
}
