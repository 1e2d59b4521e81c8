import { expect, it } from 'vitest';
import { digestOf } from '../units/digest.ts';
import { compilerKind, compilersOf, isCompiler } from './compilers.ts';
import type { LayerFacts, OverlaidLayer } from './image-layer.ts';

function layer(changes: Partial<LayerFacts>): OverlaidLayer {
  const facts: LayerFacts = {
    diffId: digestOf('layer'),
    bytes: 0,
    entries: 0,
    libraries: [],
    python: [],
    symlinks: [],
    hardLinks: [],
    whiteouts: [],
    opaque: [],
    unknown: {},
    ...changes,
  };
  return { facts, holdsFile: () => false, holdsFolder: () => false };
}

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
  const below = layer({ compilers: ['usr/bin/gcc', 'opt/a/bin/cc', 'opt/b/bin/cc'] });
  expect(compilersOf([below, layer({ compilers: ['usr/bin/cc'] })])).toEqual([
    'opt/a/bin/cc',
    'opt/b/bin/cc',
    'usr/bin/cc',
    'usr/bin/gcc',
  ]);
  expect(compilersOf([below, layer({ compilers: [], whiteouts: ['usr/bin/gcc'], opaque: ['opt/a'] })])).toEqual([
    'opt/b/bin/cc',
  ]);
});

it('says nothing where a layer was read before anybody looked', () => {
  expect(compilersOf([layer({ compilers: ['usr/bin/gcc'] }), layer({})])).toBeUndefined();
});
