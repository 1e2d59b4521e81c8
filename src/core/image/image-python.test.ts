import { expect, it } from 'vitest';
import { bearsOnHardware, distributionOfPath, pythonOf } from './image-python.ts';

it.each([
  ['usr/lib/python3/dist-packages/numpy-1.26.4.dist-info/METADATA', 'numpy', '1.26.4'],
  ['site-packages/nvidia_cuda_runtime_cu12-12.4.127.dist-info/METADATA', 'nvidia-cuda-runtime-cu12', '12.4.127'],
  ['site-packages/torch-2.8.0+cu126.dist-info/METADATA', 'torch', '2.8.0+cu126'],
  ['usr/lib/python3/dist-packages/PyYAML-6.0.egg-info', 'pyyaml', '6.0'],
  ['usr/lib/python3/dist-packages/foo_bar-1.0-py3.11.egg-info/PKG-INFO', 'foo-bar', '1.0'],
  ['opt/conda/conda-meta/pytorch-2.5.1-py3.11_cuda12.4_cudnn9.1.0_0.json', 'pytorch', '2.5.1'],
  ['opt/conda/conda-meta/cuda-cudart-12.4.127-0.json', 'cuda-cudart', '12.4.127'],
])('%s', (path, name, version) => {
  expect(distributionOfPath(path)).toEqual({ path, name, version });
});

it.each([
  'site-packages/torch-2.8.0.dist-info/RECORD',
  'site-packages/setuptools/_vendor/packaging-24.2.dist-info/METADATA',
  'opt/conda/conda-meta/history',
  'torch-2.8.0.dist-info',
])('%s describes no distribution', (path) => {
  expect(distributionOfPath(path)).toBeNull();
});

it('the same distribution in two places is listed once, and two versions of it twice', () => {
  const found = ['b', 'a', 'c'].map((path) => ({ path, name: 'torch', version: path === 'c' ? '2.8.0' : '2.7.0' }));
  expect(pythonOf(found)).toEqual([
    { name: 'torch', version: '2.7.0' },
    { name: 'torch', version: '2.8.0' },
  ]);
});

it.each([
  ['torch', true],
  ['nvidia-cudnn-cu12', true],
  ['cupy-cuda12x', true],
  ['torchmetrics', false],
  ['nvidia', false],
])('%s bears on hardware: %s', (name, expected) => {
  expect(bearsOnHardware({ name })).toBe(expected);
});
