import { expect, it } from 'vitest';
import { buildLayer } from '../../testing/builders/files/layer-builder.ts';
import { compilerKind, compilersOf, isCompiler } from './compilers.ts';

it.each([
  ['usr/bin/gcc', true],
  ['usr/bin/cc', true],
  ['usr/bin/x86_64-linux-gnu-gcc-12', true],
  ['opt/conda/bin/x86_64-conda-linux-gnu-cc', true],
  ['usr/lib/llvm-18/bin/clang-18', true],
  ['usr/local/cuda-12.8/bin/nvcc', true],
  ['usr/bin/gcc-ar', false],
  ['usr/bin/clang-format', false],
  ['usr/bin/rcc', false],
  ['usr/share/doc/gcc', false],
  ['usr/local/cuda/bin/nvcc.profile', false],
])('takes %s for a compiler: %s', (path, expected) => {
  expect(isCompiler(path)).toBe(expected);
});

it('tells compilers of CUDA from those of C', () => {
  expect(['usr/local/cuda/bin/nvcc', 'usr/bin/gcc'].map(compilerKind)).toEqual(['cuda', 'c']);
});

it('lists compilers of all layers, less those that a layer above deletes', () => {
  const below = buildLayer({ compilers: ['usr/bin/gcc', 'opt/a/bin/cc', 'opt/b/bin/cc'] });
  expect(compilersOf([below, buildLayer({ compilers: ['usr/bin/cc'] })])).toEqual([
    'opt/a/bin/cc',
    'opt/b/bin/cc',
    'usr/bin/cc',
    'usr/bin/gcc',
  ]);
  expect(compilersOf([below, buildLayer({ compilers: [], whiteouts: ['usr/bin/gcc'], opaque: ['opt/a'] })])).toEqual([
    'opt/b/bin/cc',
  ]);
});

it('says nothing where a layer was read before anybody looked', () => {
  expect(compilersOf([buildLayer({ compilers: ['usr/bin/gcc'] }), buildLayer({})])).toBeUndefined();
});
