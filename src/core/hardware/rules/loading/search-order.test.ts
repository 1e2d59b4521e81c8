import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LibraryFolders } from '../../../image/image-facts.ts';
import { findCopy, plainFolder, type SearchedImage } from './search-order.ts';

const name = 'libx.so.1';
const asking = (looksIn?: LibraryFolders) => ({
  path: 'opt/app/lib/liba.so',
  ...(looksIn === undefined ? {} : { looksIn }),
});
const image = (facts: Partial<SearchedImage>): SearchedImage => ({
  env: {},
  searchPaths: [],
  platform: { os: 'linux', architecture: 'amd64' },
  ...facts,
});
const none: LibraryFolders = { tag: 'none', folders: [] };

describe('the folder by the one name that it has', () => {
  it.each([
    ['/usr/local/cuda-12.4/targets/x86_64-linux/lib/', 'usr/local/cuda/lib64'],
    ['/usr/local/cuda-12/lib64/stubs', 'usr/local/cuda/lib64/stubs'],
    ['/usr/local/cuda', 'usr/local/cuda'],
    ['/usr/local/cuda-tools/lib', 'usr/local/cuda-tools/lib'],
    ['/lib/x86_64-linux-gnu', 'usr/lib/x86_64-linux-gnu'],
    ['/lib64', 'usr/lib64'],
    ['/library/a', 'library/a'],
    ['/opt/a/../b//c/.', 'opt/b/c'],
  ])('%s is %s', (written, plain) => {
    expect(plainFolder(written)).toBe(plain);
  });
});

describe('the copy that the loader gives', () => {
  it('lies where $ORIGIN of the library that asks leads', () => {
    const copies = { 'opt/app/other/libx.so.1': '1.2' };
    for (const folder of ['$ORIGIN/../other', '${ORIGIN}/../other']) {
      expect(findCopy(name, asking({ tag: 'runpath', folders: [folder] }), image({ copies }))).toEqual({
        answer: 'found',
        copy: { path: 'opt/app/other/libx.so.1', version: '1.2' },
      });
    }
  });

  it('is one by the full version that the name leads to, and none of a longer name', () => {
    const look = asking({ tag: 'runpath', folders: ['/a'] });
    expect(findCopy(name, look, image({ copies: { 'a/libx.so.1.2.3': '1.2.3' } }))).toMatchObject({ answer: 'found' });
    expect(findCopy(name, look, image({ copies: { 'a/libx.so.10': '10' } }))).toEqual({ answer: 'none' });
  });

  it('is that of the multiarch folder, of the architecture of the image', () => {
    const copies = { 'usr/lib/aarch64-linux-gnu/libx.so.1': '1' };
    expect(findCopy(name, asking(none), image({ copies }))).toEqual({ answer: 'none' });
    const platform = { os: 'linux', architecture: 'arm64' };
    expect(findCopy(name, asking(none), image({ copies, platform }))).toMatchObject({ answer: 'found' });
  });

  it.each([
    ['its own folders were not read', asking(), image({}), 'image.libraryFolders'],
    ['ld.so.conf was not read', asking(none), { env: {}, platform: image({}).platform }, 'image.searchPaths'],
  ] as const)('is unknown where %s', (_why, look, facts, fact) => {
    expect(findCopy(name, look, facts)).toEqual({ answer: 'unknown', fact });
  });

  it('is unknown where the folder holds another for newer CPUs, and known where it is the same', () => {
    const look = asking({ tag: 'runpath', folders: ['/a'] });
    const special = 'a/glibc-hwcaps/x86-64-v3/libx.so.1';
    expect(findCopy(name, look, image({ copies: { 'a/libx.so.1': '1.1', [special]: '1.2' } }))).toEqual({
      answer: 'unknown',
      fact: 'cpu.features',
    });
    expect(findCopy(name, look, image({ copies: { 'a/libx.so.1': '1.1', [special]: '1.1' } }))).toMatchObject({
      answer: 'found',
    });
  });
});

/** The order of ld.so(8) written out as one list, for whatever lies where. */
describe('the order of the search', () => {
  it('is DT_RPATH or not, LD_LIBRARY_PATH, DT_RUNPATH, ld.so.conf, the default folders', () => {
    const folders = ['own', 'variable', 'conf', 'usr/lib'] as const;
    fc.assert(
      fc.property(fc.subarray([...folders]), fc.constantFrom('rpath' as const, 'runpath' as const), (holding, tag) => {
        const copies = Object.fromEntries(holding.map((folder) => [`${folder}/libx.so.1`, folder]));
        const found = findCopy(name, asking({ tag, folders: ['/own'] }), {
          ...image({ copies, searchPaths: ['/conf'] }),
          env: { LD_LIBRARY_PATH: '/variable' },
        });
        const order = tag === 'rpath' ? ['own', 'variable', 'conf', 'usr/lib'] : ['variable', 'own', 'conf', 'usr/lib'];
        const expected = order.find((folder) => holding.some((one) => one === folder));
        expect(found).toEqual(
          expected === undefined
            ? { answer: 'none' }
            : { answer: 'found', copy: { path: `${expected}/libx.so.1`, version: expected } },
        );
      }),
    );
  });
});
