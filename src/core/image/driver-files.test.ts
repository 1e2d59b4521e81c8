import { describe, expect, it } from 'vitest';
import type { LayerLibrary } from './image-layer.ts';
import { isDriverFile, listDriverFiles } from './driver-files.ts';

describe('libraries of a driver inside an image', () => {
  it.each([
    ['usr/lib/x86_64-linux-gnu/libcuda.so.460.32.03', true],
    ['usr/lib/x86_64-linux-gnu/libnvidia-ml.so.1', true],
    ['usr/lib64/libnvidia-ptxjitcompiler.so.570.26', true],
    ['lib/aarch64-linux-gnu/libcuda.so.1', true],
    ['usr/lib/libcuda.so', true],
    ['usr/local/cuda/compat/libcuda.so.550.54.15', false],
    ['usr/local/cuda-12.4/targets/x86_64-linux/lib/stubs/libcuda.so', false],
    ['usr/lib/x86_64-linux-gnu/nvidia/current/libcuda.so.1', false],
    ['usr/lib/x86_64-linux-gnu/libcudart.so.12', false],
    ['usr/lib/x86_64-linux-gnu/libcuda.so.12', false],
  ])('%s: %s', (path, answer) => {
    expect(isDriverFile(path)).toBe(answer);
  });

  it('are listed with the version in their name', () => {
    const library = (path: string): readonly [string, LayerLibrary] => [
      path,
      { path, bytes: 100, device: null, versions: {}, compatNote: null, cpuLevel: null, unknown: {} },
    ];
    const libraries = new Map([
      library('usr/lib64/libnvidia-ml.so.1'),
      library('usr/lib64/libcuda.so.460.32.03'),
      library('usr/lib64/libcudart.so.12'),
    ]);
    expect(listDriverFiles({ libraries })).toEqual({
      'usr/lib64/libcuda.so.460.32.03': '460.32.03',
      'usr/lib64/libnvidia-ml.so.1': '',
    });
  });
});
