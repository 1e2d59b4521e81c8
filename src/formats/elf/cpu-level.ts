import { u32 } from '../byte-order.ts';
import type { ElfNote } from './elf-notes.ts';

const gnuProperties = 5;
const x86Needed = 0xc0008002;
const levels = ['x86-64-v1', 'x86-64-v2', 'x86-64-v3', 'x86-64-v4'];

/**
 * The highest x86-64 level that a file says it needs (GNU_PROPERTY_X86_ISA_1_NEEDED: bit 0 the baseline, bits 1 to 3 the
 * levels 2 to 4; x86-64 ABI supplement to the Linux gABI). Null when it does not say; what it merely *uses* is no demand.
 */
export function readCpuLevel(notes: readonly ElfNote[]): string | null {
  for (const { name, type, content } of notes) {
    if (name !== 'GNU' || type !== gnuProperties) continue;
    for (let at = 0; at + 8 <= content.length;) {
      const bytes = u32(content, at + 4);
      if (u32(content, at) === x86Needed && bytes >= 4 && at + 12 <= content.length)
        return levelOf(u32(content, at + 8));
      at += 8 + Math.ceil(bytes / 8) * 8;
    }
  }
  return null;
}

function levelOf(bits: number): string | null {
  const highest = 31 - Math.clz32(bits & 0b1111);
  return levels[highest] ?? null;
}
