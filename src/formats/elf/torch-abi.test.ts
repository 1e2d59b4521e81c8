import { describe, expect, it } from 'vitest';
import { makeElf } from '../../testing/builders/files/elf-builder.ts';
import { sourceOf } from '../byte-source.ts';
import { readElf } from './elf-file.ts';
import { readTorchAbi } from './torch-abi.ts';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A library whose table of strings holds these names. */
async function abiOf(names: readonly string[], sections = ['.dynstr', '.dynsym']): Promise<string | null> {
  const all = [
    { name: '.dynstr', type: 3, content: encode(`\0${names.join('\0')}\0`) },
    { name: '.dynsym', type: 11, content: new Uint8Array(24), link: '.dynstr' },
  ];
  const source = sourceOf(makeElf(all.filter(({ name }) => sections.includes(name))));
  const elf = await readElf(source);
  if ('notOurs' in elf) throw new Error(elf.notOurs);
  return readTorchAbi(source, elf);
}

describe('the C++ ABI of a library that calls torch', () => {
  it.each([
    ['_ZN3c105ErrorC1ENS_14SourceLocationESs', 'old'],
    ['_ZN3c105ErrorC2ENS_14SourceLocationENSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEE', 'cxx11'],
    ['_ZN3c106detail14torchCheckFailEPKcS2_jRKSs', 'old'],
    ['_ZN3c106detail14torchCheckFailEPKcS2_jRKNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEE', 'cxx11'],
    ['_ZN3c106detail23torchInternalAssertFailEPKcS2_jS2_RKSs', 'old'],
    ['_ZN3c106detail23torchInternalAssertFailEPKcS2_jS2_RKNSt7__cxx1112basic_stringIcE', 'cxx11'],
    ['_ZN3c106detail14torchCheckFailEPKcS2_jS2_', null],
    ['_ZNKSs4findEPKcm', null],
    ['cudaMalloc', null],
  ])('is told by %s', async (name, abi) => {
    expect(await abiOf(['cudaLaunchKernel', name, 'memcpy'])).toBe(abi);
  });

  it('is found where the name lies across the end of a window, and far behind', async () => {
    const name = '_ZN3c105ErrorC2ENS_14SourceLocationESs';
    for (const before of [1024 * 1024 - 20, 1024 * 1024, 5 * 1024 * 1024]) {
      expect(await abiOf(['x'.repeat(before), name])).toBe('old');
    }
  });

  it('is not told by a name behind 16 MiB, nor by a file without dynamic symbols', async () => {
    const name = '_ZN3c105ErrorC2ENS_14SourceLocationESs';
    expect(await abiOf(['x'.repeat(16 * 1024 * 1024), name])).toBeNull();
    expect(await abiOf([name], ['.dynstr'])).toBeNull();
  });
});
