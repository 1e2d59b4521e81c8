import { u16, u32, u64 } from '../byte-order.ts';
import type { ByteSource } from '../byte-source.ts';

const headerBytes = 64;
/** Size of Elf64_Phdr; its type stands at 0, its alignment at 48. */
const entryBytes = 56;
const load = 1;
const aarch64 = 183;
/** Files of compilers have a dozen. */
const segmentsAtMost = 1000;
/** Largest page of a kernel for Arm: a file that is aligned to it loads everywhere. */
const largestPageBytes = 65_536;

/**
 * Smallest alignment of the segments that are loaded, of a file for Arm, in bytes: a kernel with larger pages cannot map it. Null where it
 * loads with pages of every size, is for another machine, or has no table that can be read.
 */
export async function readLoadAlignment(source: ByteSource): Promise<number | null> {
  const head = await source.read(0, headerBytes);
  if (head.length < headerBytes || u16(head, 18) !== aarch64 || u16(head, 54) !== entryBytes) return null;
  const count = u16(head, 56);
  if (count > segmentsAtMost) return null;
  const table = await source.read(u64(head, 32), count * entryBytes);
  let smallest = largestPageBytes;
  for (let at = 0; at + entryBytes <= table.length; at += entryBytes) {
    // An alignment of 0 or 1 asks for none.
    const alignment = u64(table, at + 48);
    if (u32(table, at) === load && alignment > 1) smallest = Math.min(smallest, alignment);
  }
  return smallest < largestPageBytes ? smallest : null;
}
