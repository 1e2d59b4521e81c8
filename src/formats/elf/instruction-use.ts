import type { LibraryInstructions } from '../../core/image/image-facts.ts';
import { u32 } from '../byte-order.ts';
import type { ByteSource } from '../byte-source.ts';
import { readInstructionUse } from '../machine-code/instruction-sets.ts';
import { machines, sectionBytes, sectionFlags, type ElfFile } from './elf-file.ts';

/** A library with more code than this is not looked at: what it does not say stays unknown. */
const codeBytesAtMost = 8 * 1024 * 1024;
const relocationBytesAtMost = 4 * 1024 * 1024;
const relocations = 4;
const relocationBytes = 24;
/** R_X86_64_IRELATIVE: the address of a function that chooses itself (ifunc). */
const chosenAtLoad = 37;
/** Files that carry an instruction set in their name are chosen by whoever opens them. */
const namedForCpu = /avx|sse|amx|skylake|haswell|icelake|sapphire|alderlake|zen\d|x86-64-v\d|glibc-hwcaps/i;
/** SHT_PROGBITS. */
const programBits = 1;

/**
 * The instruction sets that the code of an x86-64 file uses. Null where that cannot be told: another machine, no code, more of it
 * than is looked at, or a damaged table.
 */
export async function readInstructions(
  source: ByteSource,
  elf: ElfFile,
  path: string,
): Promise<LibraryInstructions | null> {
  if (elf.machine !== machines.x8664 || elf.damage !== undefined) return null;
  const code = elf.sections.filter(
    ({ flags, type }) => type === programBits && (flags & sectionFlags.executable) !== 0,
  );
  const total = code.reduce((sum, { bytes }) => sum + bytes, 0);
  if (total === 0 || total > codeBytesAtMost) return null;
  const flags = new Set<string>();
  let dispatches = namedForCpu.test(path);
  for (const section of code) {
    const use = readInstructionUse(await sectionBytes(source, section, codeBytesAtMost));
    for (const flag of use.flags) flags.add(flag);
    dispatches ||= use.asksCpu;
  }
  if (flags.size === 0) return null;
  dispatches ||= await choosesFunctions(source, elf);
  return { path, flags: [...flags].sort(), dispatches };
}

/** Whether the loader runs functions of the file that choose others by the CPU. */
async function choosesFunctions(source: ByteSource, { sections }: ElfFile): Promise<boolean> {
  for (const section of sections.filter(({ type }) => type === relocations)) {
    const bytes = await sectionBytes(source, section, relocationBytesAtMost);
    for (let at = 0; at + relocationBytes <= bytes.length; at += relocationBytes) {
      if (u32(bytes, at + 8) === chosenAtLoad) return true;
    }
  }
  return false;
}
