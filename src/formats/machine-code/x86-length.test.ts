import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readX86 } from './x86-length.ts';

const bytesOf = (text: string): Uint8Array => Uint8Array.from(text.split(' ').map((each) => Number.parseInt(each, 16)));

/** Instructions as GNU objdump 2.42 shows them, each with nothing behind it. */
const instructions: readonly (readonly [text: string, what: string])[] = [
  ['90', 'nop'],
  ['48 89 e5', 'mov rbp,rsp'],
  ['48 8b 05 10 00 00 00', 'mov rax,[rip+0x10]'],
  ['48 8b 44 24 08', 'mov rax,[rsp+8]'],
  ['48 8b 84 24 08 01 00 00', 'mov rax,[rsp+0x108]'],
  ['8b 04 25 10 00 00 00', 'mov eax,[0x10]'],
  ['8b 04 8d 10 00 00 00', 'mov eax,[rcx*4+0x10]'],
  ['e8 00 00 00 00', 'call'],
  ['eb 05', 'jmp short'],
  ['0f 84 00 01 00 00', 'je near'],
  ['48 b8 01 02 03 04 05 06 07 08', 'movabs rax'],
  ['b8 01 02 03 04', 'mov eax,imm32'],
  ['66 b8 01 02', 'mov ax,imm16'],
  ['66 0f 1f 44 00 00', 'nopw'],
  ['f3 0f 1e fa', 'endbr64'],
  ['f7 c7 01 00 00 00', 'test edi,1'],
  ['f7 df', 'neg edi'],
  ['f6 c1 01', 'test cl,1'],
  ['f6 d1', 'not cl'],
  ['66 f7 c1 34 12', 'test cx,0x1234'],
  ['0f a2', 'cpuid'],
  ['0f 01 d0', 'xgetbv'],
  ['48 a1 01 02 03 04 05 06 07 08', 'movabs rax,[imm64]'],
  ['83 7c 24 08 00', 'cmp dword [rsp+8],0'],
  ['81 c1 00 01 00 00', 'add ecx,0x100'],
  ['c8 10 00 01', 'enter'],
  ['c2 10 00', 'ret 16'],
  ['69 c0 10 00 00 00', 'imul eax,eax,16'],
  ['6b c0 10', 'imul eax,eax,16 short'],
  ['66 69 c0 10 00', 'imul ax,ax,16'],
  ['3d 00 01 00 00', 'cmp eax,0x100'],
  ['3c 01', 'cmp al,1'],
  ['a8 01', 'test al,1'],
  ['a9 01 00 00 00', 'test eax,1'],
  ['c7 45 fc 00 00 00 00', 'mov dword [rbp-4],0'],
  ['c6 45 fc 00', 'mov byte [rbp-4],0'],
  ['66 0f 3a 0f c1 08', 'palignr'],
  ['66 0f 38 00 c1', 'pshufb'],
  ['66 0f 70 c1 1b', 'pshufd'],
  ['0f c6 c1 1b', 'shufps'],
  ['c5 f8 77', 'vzeroupper'],
  ['c5 fd 6f 06', 'vmovdqa ymm0,[rsi]'],
  ['c4 e2 7d 58 05 00 00 00 00', 'vpbroadcastd ymm0,[rip]'],
  ['c4 e3 7d 19 c1 01', 'vextractf128'],
  ['c4 e2 f5 b8 c2', 'vfmadd231pd'],
  ['62 f1 7c 48 10 00', 'vmovups zmm0,[rax]'],
  ['62 f3 7d 48 25 c0 ff', 'vpternlogd zmm0'],
  ['62 f1 7c 48 10 44 24 01', 'vmovups zmm0,[rsp+0x40]'],
];

describe('the length of an instruction', () => {
  it.each(instructions)('%s is one: %s', (text) => {
    const bytes = bytesOf(text);
    expect(readX86(bytes, 0)?.bytes).toBe(bytes.length);
    expect(readX86(Uint8Array.from([...bytes, 0x90, 0x90, 0x90, 0x90]), 0)?.bytes).toBe(bytes.length);
  });

  it.each(instructions)('%s cut short is none', (text) => {
    const bytes = bytesOf(text);
    const cut = readX86(bytes.subarray(0, bytes.length - 1), 0);
    expect(cut === null || cut.bytes < bytes.length).toBe(true);
  });

  it('is never above 15, nor beyond the end, whatever the bytes are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.nat(39), (bytes, at) => {
        const one = readX86(bytes, Math.min(at, bytes.length - 1));
        expect(one === null || (one.bytes >= 1 && one.bytes <= 15)).toBe(true);
        expect(one === null || Math.min(at, bytes.length - 1) + one.bytes <= bytes.length).toBe(true);
      }),
    );
  });
});

describe('an opcode that 64-bit mode does not have', () => {
  it.each(['06', '60', '9a 00 00 00 00', 'ea 00', 'd4 0a', 'c4 e0 7d 58 00', '62 f0 7c 48 10 00', '62 f1 78 48 10 00'])(
    '%s is no instruction',
    (text) => {
      expect(readX86(bytesOf(text), 0)).toBeNull();
    },
  );
});

describe('what an instruction says of itself', () => {
  it('is its encoding, its map, its prefix and the length of its vectors', () => {
    expect(readX86(bytesOf('c4 e2 f5 b8 c2'), 0)).toEqual({
      ...{ bytes: 5, encoding: 'vex', map: 2, opcode: 0xb8, prefix: 1, vectorLength: 1, modrm: 0xc2 },
    });
    expect(readX86(bytesOf('62 f3 7d 48 25 c0 ff'), 0)).toEqual({
      ...{ bytes: 7, encoding: 'evex', map: 3, opcode: 0x25, prefix: 1, vectorLength: 2, modrm: 0xc0 },
    });
  });
});
