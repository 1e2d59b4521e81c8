import { readX86, type X86Instruction } from './x86-length.ts';

/** Instruction sets that machine code uses, and whether it asks the CPU what it can. */
export interface InstructionUse {
  /** Flags of /proc/cpuinfo, sorted. */
  readonly flags: readonly string[];
  /** It holds CPUID or XGETBV. */
  readonly asksCpu: boolean;
}

/**
 * Fewer instructions of a set than this say nothing: data between functions reads as code now and then. A build for a set has
 * thousands of them.
 */
const fewest = 32;

const between = (value: number, low: number, high: number): boolean => value >= low && value <= high;

/** Integer operations of 256 bits, which AVX does not have: opcodes of map 1 and of map 2. */
function isAvx2({ map, opcode, prefix, vectorLength }: X86Instruction): boolean {
  if (prefix !== 1 || vectorLength !== 1) return false;
  if (map === 1) {
    return (
      between(opcode, 0x60, 0x6d) || between(opcode, 0x71, 0x76) || (between(opcode, 0xd1, 0xfe) && isInteger(opcode))
    );
  }
  return (
    map === 2 &&
    (between(opcode, 0x58, 0x5a) ||
      between(opcode, 0x78, 0x79) ||
      between(opcode, 0x20, 0x25) ||
      between(opcode, 0x45, 0x47))
  );
}

/** Not MOVQ, PMOVMSKB, CVTTPD2DQ and MOVNTDQ, which have other forms or are older. */
const isInteger = (opcode: number): boolean => ![0xd6, 0xe6, 0xe7, 0xf0].includes(opcode);

/** Fused multiply and add: rows 9, A and B of map 2. */
const isFma = ({ map, opcode, prefix }: X86Instruction): boolean =>
  map === 2 && prefix === 1 && between(opcode, 0x96, 0xbf) && (opcode & 15) >= 6;

const isF16c = ({ map, opcode, prefix }: X86Instruction): boolean =>
  prefix === 1 && ((map === 2 && opcode === 0x13) || (map === 3 && opcode === 0x1d));

/** TDPBSSD and its kin, TILELOADD and TILESTORED, without a 256-bit form. */
const isAmx = ({ map, opcode, vectorLength }: X86Instruction): boolean =>
  map === 2 && vectorLength === 0 && (opcode === 0x5e || opcode === 0x5c || opcode === 0x4b);

function flagsOf(one: X86Instruction): readonly string[] {
  if (one.encoding === 'evex') return ['avx512f'];
  if (one.encoding === 'legacy') return [];
  if (isAmx(one)) return ['amx_tile'];
  const own = ['avx'];
  if (isAvx2(one)) own.push('avx2');
  if (isFma(one)) own.push('fma');
  if (isF16c(one)) own.push('f16c');
  return own;
}

const isQuestion = ({ encoding, map, opcode, modrm }: X86Instruction): boolean =>
  encoding === 'legacy' && map === 1 && (opcode === 0xa2 || (opcode === 0x01 && modrm === 0xd0));

/**
 * What the code of a library uses, read from its first byte to its last. Bytes that are no instruction are stepped over one by
 * one, so that reading finds its way back.
 */
export function readInstructionUse(code: Uint8Array): InstructionUse {
  const counts = new Map<string, number>();
  let asksCpu = false;
  for (let at = 0; at < code.length;) {
    const one = readX86(code, at);
    if (one === null) {
      at += 1;
      continue;
    }
    at += one.bytes;
    if (isQuestion(one)) asksCpu = true;
    for (const flag of flagsOf(one)) counts.set(flag, (counts.get(flag) ?? 0) + 1);
  }
  const flags = [...counts].filter(([, count]) => count >= fewest).map(([flag]) => flag);
  return { flags: flags.sort(), asksCpu };
}
