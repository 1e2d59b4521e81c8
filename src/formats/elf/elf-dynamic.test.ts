import { describe, expect, it } from 'vitest';
import { dynamicSections, makeElf } from '../../testing/builders/files/elf-builder.ts';
import { sourceOf } from '../byte-source.ts';
import { readDynamicNames } from './elf-dynamic.ts';
import { readElf } from './elf-file.ts';

const tags = { needed: 1, soname: 14, rpath: 15, runpath: 29 } as const;

async function read(...entries: (readonly [tag: number, text: string])[]) {
  const source = sourceOf(makeElf(dynamicSections(entries)));
  const elf = await readElf(source);
  if ('notOurs' in elf) throw new Error(elf.notOurs);
  return readDynamicNames(source, elf.sections);
}

describe('the dynamic section', () => {
  it('names the library, what it needs, and where it looks', async () => {
    expect(
      await read([tags.needed, 'libcudnn.so.9'], [tags.soname, 'libtorch_cuda.so'], [tags.rpath, '$ORIGIN:/opt/lib']),
    ).toEqual({
      soname: 'libtorch_cuda.so',
      needed: ['libcudnn.so.9'],
      looksIn: { tag: 'rpath', folders: ['$ORIGIN', '/opt/lib'] },
    });
  });

  it.each([
    ['DT_RUNPATH alone', [[tags.runpath, '/a:/b']], { tag: 'runpath', folders: ['/a', '/b'] }],
    [
      'DT_RUNPATH before DT_RPATH',
      [
        [tags.runpath, '/a'],
        [tags.rpath, '/b'],
      ],
      { tag: 'runpath', folders: ['/a'] },
    ],
    [
      'DT_RPATH before DT_RUNPATH',
      [
        [tags.rpath, '/b'],
        [tags.runpath, '/a'],
      ],
      { tag: 'runpath', folders: ['/a'] },
    ],
    [
      'two lists of DT_RPATH: the first counts',
      [
        [tags.rpath, '/a'],
        [tags.rpath, '/b'],
      ],
      { tag: 'rpath', folders: ['/a'] },
    ],
    ['a list without folders', [[tags.runpath, ':']], { tag: 'none', folders: [] }],
    ['neither', [[tags.needed, 'libm.so.6']], { tag: 'none', folders: [] }],
  ] as const)('with %s', async (_name, entries, looksIn) => {
    expect((await read(...entries)).looksIn).toEqual(looksIn);
  });

  it('of a program that is linked statically names nothing', async () => {
    const source = sourceOf(makeElf([]));
    const elf = await readElf(source);
    if ('notOurs' in elf) throw new Error(elf.notOurs);
    expect(await readDynamicNames(source, elf.sections)).toEqual({
      soname: null,
      needed: [],
      looksIn: { tag: 'none', folders: [] },
    });
  });
});
