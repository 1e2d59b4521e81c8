/**
 * One instruction of 64-bit x86, as far as its length and its instruction set need it. Source: Intel 64 and IA-32 Architectures
 * Software Developer's Manual, volume 2, chapter 2 and appendix A (2026-11).
 */
export interface X86Instruction {
  readonly bytes: number;
  /** How the opcode is written. */
  readonly encoding: 'legacy' | 'vex' | 'evex';
  /** 0 one byte, 1 `0F`, 2 `0F 38`, 3 `0F 3A`; 5 and 6 of EVEX. */
  readonly map: number;
  readonly opcode: number;
  /** Mandatory prefix of VEX and EVEX: 0 none, 1 `66`, 2 `F3`, 3 `F2`. */
  readonly prefix: number;
  /** Vector length: 0 for 128 bits, 1 for 256, 2 for 512. */
  readonly vectorLength: number;
  /** Byte that follows the opcode, where one does. */
  readonly modrm: number | null;
}

const longest = 15;
const prefixes = new Set([0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x66, 0x67, 0xf0, 0xf2, 0xf3]);
/** Not there in 64-bit mode. */
const invalid = new Set([
  ...[0x06, 0x07, 0x0e, 0x16, 0x17, 0x1e, 0x1f, 0x27, 0x2f, 0x37, 0x3f, 0x60, 0x61, 0x82, 0x9a],
  ...[0xce, 0xd4, 0xd5, 0xd6, 0xea],
]);

/** The instruction at `at`; null where the bytes are none, or end inside it. */
export function readX86(bytes: Uint8Array, at: number): X86Instruction | null {
  const limit = Math.min(bytes.length, at + longest);
  let place = at;
  let short = false;
  let shortAddress = false;
  while (place < limit && prefixes.has(bytes[place] ?? 0)) {
    if (bytes[place] === 0x66) short = true;
    if (bytes[place] === 0x67) shortAddress = true;
    place += 1;
  }
  let wide = false;
  const rex = bytes[place] ?? 0;
  if (rex >= 0x40 && rex <= 0x4f) {
    wide = (rex & 8) !== 0;
    place += 1;
  }
  const first = bytes[place] ?? 0;
  if (first === 0xc5 || first === 0xc4) return vex(bytes, at, place, limit);
  if (first === 0x62) return evex(bytes, at, place, limit);
  return legacy(bytes, { at, place, limit, short, wide, shortAddress });
}

interface Start {
  readonly at: number;
  readonly place: number;
  readonly limit: number;
  readonly short: boolean;
  readonly wide: boolean;
  readonly shortAddress: boolean;
}

function legacy(bytes: Uint8Array, start: Start): X86Instruction | null {
  let { place } = start;
  let map = 0;
  if (bytes[place] === 0x0f) {
    place += 1;
    map = bytes[place] === 0x38 ? 2 : bytes[place] === 0x3a ? 3 : 1;
    if (map > 1) place += 1;
  }
  const opcode = bytes[place];
  if (opcode === undefined || (map === 0 && invalid.has(opcode))) return null;
  place += 1;
  const modrm = hasModrm(map, opcode) ? (bytes[place] ?? null) : null;
  const immediate = map === 0 ? plainImmediate(opcode, modrm ?? 0, start) : extendedImmediate(map, opcode);
  const end = place + (hasModrm(map, opcode) ? operandBytes(bytes, place) : 0) + immediate;
  return end > start.limit ? null : make(start.at, end, { encoding: 'legacy', map, opcode, modrm });
}

const between = (value: number, low: number, high: number): boolean => value >= low && value <= high;

function hasModrm(map: number, opcode: number): boolean {
  if (map > 1) return true;
  if (map === 1) {
    const bare =
      between(opcode, 0x05, 0x09) ||
      between(opcode, 0x30, 0x37) ||
      between(opcode, 0x80, 0x8f) ||
      between(opcode, 0xa0, 0xa2) ||
      between(opcode, 0xa8, 0xaa) ||
      between(opcode, 0xc8, 0xcf);
    return !bare && opcode !== 0x0b && opcode !== 0x0e && opcode !== 0x77;
  }
  if (opcode < 0x40) return (opcode & 7) < 4;
  return (
    between(opcode, 0x80, 0x8f) ||
    between(opcode, 0xd0, 0xd3) ||
    between(opcode, 0xd8, 0xdf) ||
    [0x63, 0x69, 0x6b, 0xc0, 0xc1, 0xc6, 0xc7, 0xf6, 0xf7, 0xfe, 0xff].includes(opcode)
  );
}

/** Bytes of the immediate operand of a one-byte opcode. */
function plainImmediate(opcode: number, modrm: number, { short, wide, shortAddress }: Start): number {
  const full = short && !wide ? 2 : 4;
  const isTest = (modrm >> 3) % 8 < 2;
  if (opcode < 0x40) return (opcode & 7) === 4 ? 1 : (opcode & 7) === 5 ? full : 0;
  if (between(opcode, 0xa0, 0xa3)) return shortAddress ? 4 : 8;
  if (between(opcode, 0xb8, 0xbf)) return wide ? 8 : full;
  if (opcode === 0xf6) return isTest ? 1 : 0;
  if (opcode === 0xf7) return isTest ? full : 0;
  if (opcode === 0xe8 || opcode === 0xe9) return 4;
  if (opcode === 0xc2 || opcode === 0xca) return 2;
  if (opcode === 0xc8) return 3;
  if ([0x68, 0x69, 0x81, 0xa9, 0xc7].includes(opcode)) return full;
  const one =
    between(opcode, 0x70, 0x7f) ||
    between(opcode, 0xb0, 0xb7) ||
    between(opcode, 0xe0, 0xe7) ||
    [0x6a, 0x6b, 0x80, 0x83, 0xa8, 0xc0, 0xc1, 0xc6, 0xcd, 0xeb].includes(opcode);
  return one ? 1 : 0;
}

/** The same of opcodes behind `0F`; VEX and EVEX write the same ones. */
function extendedImmediate(map: number, opcode: number): number {
  if (map === 3) return 1;
  if (map !== 1) return 0;
  if (between(opcode, 0x80, 0x8f)) return 4;
  const one = between(opcode, 0x70, 0x73) || between(opcode, 0xc4, 0xc6);
  return one || [0x0f, 0xa4, 0xac, 0xba, 0xc2].includes(opcode) ? 1 : 0;
}

/** ModRM, SIB and displacement, from the byte at `place` on. */
function operandBytes(bytes: Uint8Array, place: number): number {
  const modrm = bytes[place] ?? 0;
  const mode = modrm >> 6;
  if (mode === 3) return 1;
  const low = modrm & 7;
  const sib = low === 4 ? 1 : 0;
  const base = (bytes[place + 1] ?? 0) & 7;
  const far = mode === 2 || (mode === 0 && (low === 5 || (sib === 1 && base === 5)));
  return 1 + sib + (far ? 4 : mode === 1 ? 1 : 0);
}

function vex(bytes: Uint8Array, at: number, place: number, limit: number): X86Instruction | null {
  const isShort = bytes[place] === 0xc5;
  const last = bytes[place + (isShort ? 1 : 2)] ?? 0;
  const map = isShort ? 1 : (bytes[place + 1] ?? 0) & 31;
  if (map < 1 || map > 3) return null;
  return behind(bytes, at, place + (isShort ? 2 : 3), limit, {
    encoding: 'vex',
    map,
    prefix: last & 3,
    vectorLength: (last >> 2) & 1,
  });
}

function evex(bytes: Uint8Array, at: number, place: number, limit: number): X86Instruction | null {
  const [first = 0, second = 0, third = 0] = bytes.subarray(place + 1, place + 4);
  const map = first & 7;
  if (![1, 2, 3, 5, 6].includes(map) || (first & 8) !== 0 || (second & 4) === 0) return null;
  return behind(bytes, at, place + 4, limit, {
    encoding: 'evex',
    map,
    prefix: second & 3,
    vectorLength: (third >> 5) & 3,
  });
}

/** The opcode behind a prefix of VEX or EVEX, with its operands. */
function behind(
  bytes: Uint8Array,
  at: number,
  place: number,
  limit: number,
  parts: Pick<X86Instruction, 'encoding' | 'map' | 'prefix' | 'vectorLength'>,
): X86Instruction | null {
  const opcode = bytes[place] ?? 0;
  const isBare = parts.encoding === 'vex' && parts.map === 1 && opcode === 0x77;
  const operands = isBare ? 0 : operandBytes(bytes, place + 1);
  const end = place + 1 + operands + extendedImmediate(parts.map, opcode);
  return end > limit ? null : make(at, end, { ...parts, opcode, modrm: isBare ? null : (bytes[place + 1] ?? null) });
}

function make(
  at: number,
  end: number,
  parts: Pick<X86Instruction, 'encoding' | 'map' | 'opcode' | 'modrm'> & Partial<X86Instruction>,
): X86Instruction {
  return { prefix: 0, vectorLength: 0, ...parts, bytes: end - at };
}
