import { describe, expect, it } from 'vitest';
import { makeElf, type WrittenSection } from '../../testing/builders/files/elf-builder.ts';
import { sourceOf } from '../byte-source.ts';
import { readElf } from './elf-file.ts';
import { readInstructions } from './instruction-use.ts';

const code = (bytes: readonly number[], name = '.text'): WrittenSection => ({
  name,
  type: 1,
  flags: 6,
  content: Uint8Array.from(bytes),
});
/** vmovups zmm0,[rax] */
const wide = Array.from({ length: 40 }, () => [0x62, 0xf1, 0x7c, 0x48, 0x10, 0x00]).flat();
const cpuid = [0x0f, 0xa2];

/** One relocation of a kind, as R_X86_64_IRELATIVE (37) is one. */
function relocation(kind: number): WrittenSection {
  const content = new Uint8Array(24);
  new DataView(content.buffer).setUint32(8, kind, true);
  return { name: '.rela.plt', type: 4, content };
}

async function read(sections: readonly WrittenSection[], path = 'app/libapp.so', machine = 62) {
  const source = sourceOf(makeElf(sections, machine));
  const elf = await readElf(source);
  if ('notOurs' in elf) throw new Error(elf.notOurs);
  return readInstructions(source, elf, path);
}

describe('the instruction sets of a library', () => {
  it('are those of its code', async () => {
    expect(await read([code(wide)])).toEqual({ path: 'app/libapp.so', flags: ['avx512f'], dispatches: false });
  });

  it.each([
    ['it asks the CPU', [code([...wide, ...cpuid])]],
    ['another of its sections asks', [code(wide), code(cpuid, '.init')]],
    ['the loader chooses some of its functions', [code(wide), relocation(37)]],
  ] as const)('are no demand where %s', async (_name, sections) => {
    expect(await read(sections)).toMatchObject({ flags: ['avx512f'], dispatches: true });
  });

  it.each(['app/libggml-cpu-skylakex.so', 'opt/libmkl_avx512.so.2', 'usr/lib/glibc-hwcaps/x86-64-v4/liba.so'])(
    'are no demand of %s, which whoever opens it chooses',
    async (path) => {
      expect(await read([code(wide)], path)).toMatchObject({ dispatches: true });
    },
  );

  it('stay a demand beside relocations of other kinds', async () => {
    expect(await read([code(wide), relocation(8)])).toMatchObject({ dispatches: false });
  });

  it.each([
    ['it uses none above the base', [code([0x90, 0xc3])], 62],
    ['it has no code', [], 62],
    ['the wide instructions lie in its data', [{ ...code(wide), flags: 2 }], 62],
    ['it is for another machine', [code(wide)], 183],
  ] as const)('are not told where %s', async (_name, sections, machine) => {
    expect(await read(sections, 'app/libapp.so', machine)).toBeNull();
  });

  it('are not told of more than 8 MiB of code', async () => {
    const large = new Uint8Array(8 * 1024 * 1024 + 1).fill(0x90);
    large.set(wide);
    expect(await read([{ ...code([]), content: large }])).toBeNull();
    expect(await read([{ ...code([]), content: large.subarray(0, 8 * 1024 * 1024) }])).not.toBeNull();
  });
});
