import { describe, expect, it } from 'vitest';
import type { LayerLibrary } from './image-layer.ts';
import { isSharedCuda, listCopies } from './library-copies.ts';

const library = (path: string, versions: Readonly<Record<string, string>> = {}): [string, LayerLibrary] => [
  path,
  { path, bytes: 1000, device: null, versions, compatNote: null, cpuLevel: null, unknown: {} },
];

describe('a shared library of CUDA', () => {
  it.each([
    ['usr/lib/libcudnn.so.9', true],
    ['usr/lib/libcudnn_graph.so.9.1.0', true],
    ['usr/local/cuda/lib64/stubs/libcuda.so', true],
    ['usr/local/cuda/lib64/stubs/libcuda.so.1', true],
    ['usr/lib/libcuda.so.550.54.14', false],
    ['usr/lib/libnvJitLink.so.12', true],
    ['usr/lib/libapp.so', false],
    ['usr/lib/libcudnn_graph.txt', false],
  ])('%s: %s', (path, is) => {
    expect(isSharedCuda(path)).toBe(is);
  });
});

describe('the copies of an image', () => {
  it('have the version of their name, of their wheel, or none', () => {
    const libraries = new Map([
      library('usr/lib/libcudnn.so.9.1.0'),
      library('x/site-packages/nvidia/cudnn/lib/libcudnn.so.9'),
      library('x/site-packages/nvidia/cudnn/lib/libcudnn_graph.so.9'),
      library('usr/local/cuda/lib64/stubs/libcuda.so'),
      library('usr/lib/libnccl.so.2', { nccl: '2.23.4' }),
      library('app/libapp.so'),
    ]);
    const python = [{ name: 'nvidia-cudnn-cu12', version: '9.5.1.17' }];
    expect(listCopies({ libraries, links: new Map() }, python)).toEqual({
      'usr/lib/libcudnn.so.9.1.0': '9.1.0',
      'usr/lib/libnccl.so.2': '2.23.4',
      'usr/local/cuda/lib64/stubs/libcuda.so': '',
      'x/site-packages/nvidia/cudnn/lib/libcudnn.so.9': '9.5.1.17',
      'x/site-packages/nvidia/cudnn/lib/libcudnn_graph.so.9': '9.5.1.17',
    });
  });

  it('have the names of links that lead to them', () => {
    const libraries = new Map([library('usr/lib/libcudnn.so.9.1.0'), library('a/stubs/libcuda.so')]);
    const links = new Map([
      ['usr/lib/libcudnn.so.9', 'libcudnn.so.9.1.0'],
      ['a/stubs/libcuda.so.1', '/a/stubs/libcuda.so'],
      ['usr/lib/libnccl.so.2', 'libnccl.so.2.23.4'],
      ['usr/lib/libother.so', 'libcudnn.so.9.1.0'],
    ]);
    expect(Object.keys(listCopies({ libraries, links }, []))).toEqual([
      'a/stubs/libcuda.so',
      'a/stubs/libcuda.so.1',
      'usr/lib/libcudnn.so.9',
      'usr/lib/libcudnn.so.9.1.0',
    ]);
  });

  it('are 500 at most', () => {
    const libraries = new Map(Array.from({ length: 600 }, (_, index) => library(`usr/${index}/libcudnn.so.9`)));
    expect(Object.keys(listCopies({ libraries, links: new Map() }, []))).toHaveLength(500);
  });
});
