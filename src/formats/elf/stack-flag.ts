import { u16, u32, u64 } from '../byte-order.ts';
import type { ByteSource } from '../byte-source.ts';

const headerBytes = 64;
/** Size of Elf64_Phdr; its type stands at 0, its flags at 4. */
const entryBytes = 56;
const sharedObject = 3;
const interpreter = 3;
const gnuStack = 0x64_74_e5_51;
const executable = 1;
/** Files of compilers have a dozen. */
const segmentsAtMost = 1000;

/**
 * Whether a shared library asks for an executable stack (`PT_GNU_STACK` with the flag X). False for a program, which names its loader and may have such a
 * stack, and for a file without a table that can be read.
 */
export async function asksExecutableStack(source: ByteSource): Promise<boolean> {
  const head = await source.read(0, headerBytes);
  if (head.length < headerBytes || u16(head, 16) !== sharedObject || u16(head, 54) !== entryBytes) return false;
  const count = u16(head, 56);
  if (count > segmentsAtMost) return false;
  const table = await source.read(u64(head, 32), count * entryBytes);
  let asks = false;
  for (let at = 0; at + entryBytes <= table.length; at += entryBytes) {
    const type = u32(table, at);
    if (type === interpreter) return false;
    if (type === gnuStack) asks = (u32(table, at + 4) & executable) !== 0;
  }
  return asks;
}
