/**
 * One small kernel for each precision, as PTX that the driver compiles: thread `i` of 1024 writes one float that only a device that
 * computes rightly writes. All values are small whole numbers, which every precision here holds exactly.
 *
 * | precision | instruction | needs | value |
 * |---|---|---|---|
 * | fp32 | fma.rn.f32 | any | 2 (i mod 64) + 1 |
 * | fp16 | fma.rn.f16 | 5.3 | 2 (i mod 64) + 1 |
 * | bf16 | fma.rn.bf16 | 8.0 | 2 (i mod 64) + 1 |
 * | int8 | dp4a.s32.s32 | 6.1 | 4 (i mod 64) |
 * | fp8 | cvt.rn.satfinite.e4m3x2.f32 | 8.9 | i mod 16 |
 *
 * Source: PTX ISA 9.0, "Target ISA Notes" of each instruction, 2026-11.
 */
export interface PrecisionKernel {
  readonly precision: string;
  /** Least compute capability: 80 is 8.0. */
  readonly capability: number;
  readonly ptx: string;
  expected(thread: number): number;
}

/** Threads of a kernel, and floats that it writes. */
export const kernelThreads = 1024;

const makePtx = (version: string, target: string, mask: number, body: string): string => `.version ${version}
.target ${target}
.address_size 64
.visible .entry probe(.param .u64 out)
{
  .reg .b64 %a, %o;
  .reg .b32 %i, %n, %b, %s, %v, %w;
  .reg .f32 %x, %y, %z;
  .reg .b16 %h, %k, %l;
  ld.param.u64 %a, [out];
  cvta.to.global.u64 %a, %a;
  mov.u32 %i, %tid.x;
  mov.u32 %b, %ctaid.x;
  mov.u32 %n, %ntid.x;
  mad.lo.u32 %i, %b, %n, %i;
  mul.wide.u32 %o, %i, 4;
  add.u64 %a, %a, %o;
  and.b32 %s, %i, ${mask};
  cvt.rn.f32.u32 %x, %s;
${body}
  st.global.f32 [%a], %z;
  ret;
}
`;

const twicePlusOne = (thread: number): number => 2 * (thread % 64) + 1;

export const precisionKernels: readonly PrecisionKernel[] = [
  {
    precision: 'fp32',
    capability: 50,
    ptx: makePtx('6.0', 'sm_50', 63, '  fma.rn.f32 %z, %x, 0f40000000, 0f3F800000;'),
    expected: twicePlusOne,
  },
  {
    precision: 'fp16',
    capability: 53,
    ptx: makePtx(
      '6.0',
      'sm_53',
      63,
      `  cvt.rn.f16.f32 %h, %x;
  mov.b16 %k, 0x4000;
  mov.b16 %l, 0x3C00;
  fma.rn.f16 %h, %h, %k, %l;
  cvt.f32.f16 %z, %h;`,
    ),
    expected: twicePlusOne,
  },
  {
    precision: 'bf16',
    capability: 80,
    ptx: makePtx(
      '7.1',
      'sm_80',
      63,
      `  cvt.rn.bf16.f32 %h, %x;
  mov.b16 %k, 0x4000;
  mov.b16 %l, 0x3F80;
  fma.rn.bf16 %h, %h, %k, %l;
  mov.b32 %v, {0, %h};
  mov.b32 %z, %v;`,
    ),
    expected: twicePlusOne,
  },
  {
    precision: 'int8',
    capability: 61,
    ptx: makePtx(
      '6.0',
      'sm_61',
      63,
      `  mul.lo.u32 %v, %s, 0x01010101;
  mov.u32 %w, 0;
  dp4a.s32.s32 %v, %v, 0x01010101, %w;
  cvt.rn.f32.s32 %z, %v;`,
    ),
    expected: (thread) => 4 * (thread % 64),
  },
  {
    precision: 'fp8',
    capability: 89,
    ptx: makePtx(
      '8.1',
      'sm_89',
      15,
      `  cvt.rn.satfinite.e4m3x2.f32 %h, %x, %x;
  cvt.rn.f16x2.e4m3x2 %v, %h;
  mov.b32 {%k, %l}, %v;
  cvt.f32.f16 %z, %k;`,
    ),
    expected: (thread) => thread % 16,
  },
];
