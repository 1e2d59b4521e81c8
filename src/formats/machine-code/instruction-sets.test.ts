import { describe, expect, it } from 'vitest';
import { readInstructionUse } from './instruction-sets.ts';

const bytesOf = (text: string): readonly number[] => text.split(' ').map((each) => Number.parseInt(each, 16));
const times = (text: string, count: number): readonly number[] =>
  Array.from({ length: count }, () => bytesOf(text)).flat();
const use = (...parts: (readonly number[])[]) => readInstructionUse(Uint8Array.from(parts.flat()));

const enough = 32;

describe('the instruction sets that code uses', () => {
  it.each([
    ['SSE2 and integers', '66 0f ef c0', []],
    ['vmovaps ymm', 'c5 fc 28 c1', ['avx']],
    ['vpaddd ymm', 'c5 fd fe c1', ['avx', 'avx2']],
    ['vpaddd xmm, which AVX has', 'c5 f9 fe c1', ['avx']],
    ['vpbroadcastd ymm', 'c4 e2 7d 58 c1', ['avx', 'avx2']],
    ['vmovntdq ymm, which AVX has', 'c5 fd e7 06', ['avx']],
    ['vfmadd231ps', 'c4 e2 75 b8 c2', ['avx', 'fma']],
    ['vfmaddsub132ps', 'c4 e2 75 96 c2', ['avx', 'fma']],
    ['vcvtph2ps', 'c4 e2 7d 13 c1', ['avx', 'f16c']],
    ['vcvtps2ph', 'c4 e3 7d 1d c1 00', ['avx', 'f16c']],
    ['vmovups zmm', '62 f1 7c 48 10 00', ['avx512f']],
    ['tdpbssd', 'c4 e2 6b 5e c1', ['amx_tile']],
  ])('%s: %s', (_name, text, flags) => {
    expect(use(times(text, enough))).toEqual({ flags, asksCpu: false });
  });

  it('count from 32 instructions on', () => {
    expect(use(times('62 f1 7c 48 10 00', enough - 1)).flags).toEqual([]);
    expect(use(times('62 f1 7c 48 10 00', enough)).flags).toEqual(['avx512f']);
  });

  it('are found behind bytes that are no instruction', () => {
    expect(use([0x06, 0x06], times('62 f1 7c 48 10 00', enough), [0x06]).flags).toEqual(['avx512f']);
  });
});

describe('code that asks the CPU', () => {
  it.each([
    ['cpuid', '0f a2', true],
    ['xgetbv', '0f 01 d0', true],
    ['another of the same opcode', '0f 01 f9', false],
    ['the bytes of cpuid inside of another instruction', 'b8 0f a2 00 00', false],
  ])('%s', (_name, text, asks) => {
    expect(use(bytesOf('55'), bytesOf(text), bytesOf('c3')).asksCpu).toBe(asks);
  });
});
