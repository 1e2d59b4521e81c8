import { expect, it } from 'vitest';
import { digestOf } from '../../../core/units/digest.ts';
import { makeTar } from '../../../testing/builders/files/tar-archive.ts';
import { LayerReader } from './layer-reader.ts';

it('lists compilers as files, links and hard links of a layer, once each', async () => {
  const reader = new LayerReader(new AbortController().signal);
  const bytes = makeTar([
    { path: 'usr/bin/x86_64-linux-gnu-gcc-12', content: 'x' },
    { path: 'usr/bin/gcc', type: '2', linkTarget: 'x86_64-linux-gnu-gcc-12' },
    { path: 'usr/bin/gcc', type: '2', linkTarget: 'x86_64-linux-gnu-gcc-12' },
    { path: 'usr/local/cuda/bin/nvcc', type: '1', linkTarget: 'usr/bin/gcc' },
    { path: 'usr/bin/gcc-ar', content: 'x' },
    { path: 'opt/bin/cc/', type: '5' },
  ]);
  await reader.write(bytes);
  const { compilers } = reader.finish(digestOf('layer'), bytes.length);
  reader.close();
  expect(compilers).toEqual(['usr/bin/x86_64-linux-gnu-gcc-12', 'usr/bin/gcc', 'usr/local/cuda/bin/nvcc']);
});
