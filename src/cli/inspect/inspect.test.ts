import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ImageFacts } from '../../core/image/image-facts.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { ImageInspector, ImageOptions } from '../../ports/artifacts/image-inspector.ts';
import { runCommandLine, type CommandLineResult } from '../../testing/rigs/command-line.ts';

const facts: ImageFacts = {
  digest: `sha256:${'a1'.repeat(32)}`,
  platform: { os: 'linux', architecture: 'amd64' },
  env: { CUDA_VERSION: '12.4.1', NVIDIA_REQUIRE_CUDA: 'cuda>=12.4' },
  labels: {},
  cuda: { version: '12.4.127', from: 'usr/local/cuda-12.4/lib64/libcudart.so.12.4.127' },
  components: {
    cudart: { version: '12.4.127', from: 'usr/local/cuda-12.4/lib64/libcudart.so.12.4.127' },
    cudnn: { version: '9.1.0', from: 'usr/lib/libcudnn.so.9.1.0' },
  },
  python: [
    { name: 'flask', version: '3.0' },
    { name: 'numpy', version: '2.0' },
    { name: 'torch', version: '2.5.1' },
  ],
  compat: {
    version: '550.54.15',
    path: 'usr/local/cuda-12.4/compat/libcuda.so.550.54.15',
    note: { cudaVersion: '12.4', drivers: [470, 535], brands: [1, 2] },
  },
  libraries: [
    {
      path: 'opt/libfoo.so',
      bytes: 3 * 1024 * 1024,
      cubins: [
        { capability: '8.0', suffix: '' },
        { capability: '9.0', suffix: 'a' },
      ],
      ptx: [{ capability: '9.0', suffix: '' }],
      ptxCuda: '12.4',
    },
    { path: 'opt/libbar.so', bytes: 1024, cubins: [], ptx: [], unknown: 'a section ends after the file' },
  ],
  cpuLevel: { level: 'x86-64-v3', path: 'opt/libfast.so' },
  unknown: { 'labels.huge': 'its value has 5000 characters; at most 4096 are kept' },
};

let folder: string;
let asked: { reference: string; options: ImageOptions }[];
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-inspect-'));
  asked = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const imageInspector: ImageInspector = {
  resolve: () => Promise.reject(new Error('not asked for')),
  inspect: (reference, options) => {
    asked.push({ reference, options });
    options.progress?.(1, 2);
    return Promise.resolve(facts);
  },
};
const run = (...args: readonly string[]): Promise<CommandLineResult> =>
  runCommandLine(['inspect', ...args], { imageInspector, cwd: folder });

it('shows what was found, where, and which library limits which device', async () => {
  const { exit, out } = await run('registry.example/app:1');
  expect(exit).toBe(0);
  expect(out).toBe(`registry.example/app:1  linux/amd64, a1a1a1a1a1a1

Runtime
  CUDA         12.4.127   usr/local/cuda-12.4/lib64/libcudart.so.12.4.127
  cudnn        9.1.0      usr/lib/libcudnn.so.9.1.0
  cuda-compat  550.54.15  usr/local/cuda-12.4/compat/libcuda.so.550.54.15 (by its note: CUDA 12.4 on driver branches 470 535)
  CPU          x86-64-v3  opt/libfast.so

Variables
  CUDA_VERSION         12.4.1
  NVIDIA_REQUIRE_CUDA  cuda>=12.4

Python
  torch  2.5.1
  and 2 others (--json lists all)

Libraries with device code
  opt/libfoo.so  3MiB  8.0 9.0a +PTX 9.0 of CUDA 12.4
  opt/libbar.so  1KiB  none that could be read (not whole: a section ends after the file)

Limits
  libfoo.so has no kernels below 8.0

Not known
  labels.huge  its value has 5000 characters; at most 4096 are kept
`);
});

it('gives a program all of it', async () => {
  const { out } = await run('registry.example/app:1', '--json', '--platform', 'linux/arm64');
  expect(JSON.parse(out)).toEqual({ image: 'registry.example/app:1', facts });
  expect(asked[0]).toMatchObject({ reference: 'registry.example/app:1', options: { platform: 'linux/arm64' } });
});

it('takes a folder with an image layout and an archive for images, and other files for models', async () => {
  mkdirSync(path.join(folder, 'layout'));
  writeFileSync(path.join(folder, 'layout', 'oci-layout'), '{}');
  writeFileSync(path.join(folder, 'saved.tar'), '');
  writeFileSync(path.join(folder, 'model.bin'), 'not a model at all');
  await run('layout');
  await run('saved.tar');
  expect(asked.map(({ reference }) => reference)).toEqual(['layout', 'saved.tar']);
  await run('model.bin');
  expect(asked).toHaveLength(2);
});

it('ends a failure with the next thing to do', async () => {
  const refuse = (): Promise<never> =>
    Promise.reject(
      new PlimsollError({ code: 'registry-refused', category: 'unavailable', message: 'no', next: 'docker login x' }),
    );
  const { exit, err } = await runCommandLine(['inspect', 'x.example/app'], {
    imageInspector: { resolve: refuse, inspect: refuse },
  });
  expect(exit).toBe(3);
  expect(err).toContain('next: docker login x');
});
