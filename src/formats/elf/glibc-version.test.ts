import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { sourceOf } from '../byte-source.ts';
import { readElf } from './elf-file.ts';
import { makeElf, neededVersionSections } from '../../testing/builders/files/elf-builder.ts';
import { readVersionDefined, readVersionNeeded } from './glibc-version.ts';

/** The program that runs this test is linked to a C library that is there. */
async function versionsOf(file: string) {
  const source = sourceOf(await readFile(file));
  const elf = await readElf(source);
  if ('notOurs' in elf) return null;
  return {
    needed: await readVersionNeeded(source, elf, 'GLIBC'),
    defined: await readVersionDefined(source, elf, 'GLIBC'),
  };
}

const report = process.report.getReport() as { readonly header?: { readonly glibcVersionRuntime?: string } };
const own = report.header?.glibcVersionRuntime;

describe.skipIf(process.platform !== 'linux' || own === undefined)('glibc of an ELF file', () => {
  it('is what the C library provides, and what its programs ask for is not newer', async () => {
    const files = [
      '/lib/x86_64-linux-gnu/libc.so.6',
      '/lib64/libc.so.6',
      '/lib/aarch64-linux-gnu/libc.so.6',
      '/usr/lib/libc.so.6',
    ];
    const found = await Promise.all(files.map((file) => versionsOf(file).catch(() => null)));
    const libc = found.find((one) => one !== null);
    expect(libc?.defined).toBe(own);
  });
});

describe('a file that is no library', () => {
  it('has no versions', async () => {
    const empty = { sections: [], machine: 62 } as unknown as Parameters<typeof readVersionNeeded>[1];
    expect(await readVersionNeeded(sourceOf(new Uint8Array(8)), empty, 'GLIBC')).toBeNull();
  });
});

describe('what a library asks of others', () => {
  it('is the newest version of each, by its prefix', async () => {
    const versions = ['GLIBC_2.2.5', 'GLIBCXX_3.4.29', 'GLIBC_2.34', 'GLIBCXX_3.4.9', 'CXXABI_1.3.13', 'GLIBC_PRIVATE'];
    const source = sourceOf(makeElf(neededVersionSections(versions)));
    const elf = await readElf(source);
    if ('notOurs' in elf) throw new Error(elf.notOurs);
    expect(await readVersionNeeded(source, elf, 'GLIBC')).toBe('2.34');
    expect(await readVersionNeeded(source, elf, 'GLIBCXX')).toBe('3.4.29');
    expect(await readVersionDefined(source, elf, 'GLIBCXX')).toBeNull();
  });
});
