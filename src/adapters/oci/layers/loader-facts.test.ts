import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ImageFacts } from '../../../core/image/image-facts.ts';
import {
  buildImage,
  emptyElf,
  indexOf,
  layoutFiles,
  writeLayout,
  type LayerPlan,
} from '../../../testing/builders/files/image-builder.ts';
import { FakeClock } from '../../../testing/fakes/fake-clock.ts';
import { makeOciInspector } from '../image-inspector.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-loader-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

async function inspect(layers: readonly LayerPlan[], cacheFolder: string | null = null): Promise<ImageFacts> {
  const image = buildImage({ layers });
  writeLayout(path.join(folder, 'image'), layoutFiles([image], indexOf([image.descriptor])));
  const inspector = makeOciInspector({ clock: new FakeClock(), env: {}, cacheFolder, plainHttp: false });
  return inspector.inspect(`oci:${path.join(folder, 'image')}`, { signal: new AbortController().signal });
}

/** A shared library with one segment, which says what its stack is: `PT_GNU_STACK` with these flags. */
function libraryWithStack(flags: number): Uint8Array {
  const bytes = new Uint8Array(64 + 56);
  const view = new DataView(bytes.buffer);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  view.setUint16(16, 3, true);
  view.setUint16(18, 62, true);
  view.setBigUint64(32, 64n, true);
  view.setUint16(54, 56, true);
  view.setUint16(56, 1, true);
  view.setUint32(64, 0x64_74_e5_51, true);
  view.setUint32(68, flags, true);
  return bytes;
}

const site = 'usr/local/lib/python3.11/site-packages';
const system = 'usr/lib/x86_64-linux-gnu';

describe('what the loader makes of an image', () => {
  it('rests on libraries of Python that ask for an executable stack', async () => {
    const layers: readonly LayerPlan[] = [
      {
        pieces: [
          { path: `${site}/a.libs/liba.so.1`, content: libraryWithStack(7) },
          { path: `${site}/b.libs/libb.so.1`, content: libraryWithStack(6) },
          { path: `${site}/c.libs/libc.so.1`, content: libraryWithStack(7) },
          { path: `${system}/libold.so.1`, content: libraryWithStack(7) },
        ],
      },
      { pieces: [{ path: `${site}/c.libs/.wh.libc.so.1`, content: '' }] },
    ];
    const cache = path.join(folder, 'cache');
    expect((await inspect(layers, cache)).execStack).toEqual([`${site}/a.libs/liba.so.1`]);
    expect((await inspect(layers, cache)).execStack).toEqual([`${site}/a.libs/liba.so.1`]);
  });

  it('rests on libraries of a driver that the image brings, and not on what a container left empty', async () => {
    const facts = await inspect([
      {
        pieces: [
          { path: `${system}/libcuda.so.460.32.03`, content: emptyElf() },
          { path: `${system}/libnvidia-ml.so.450.102.04`, content: '' },
          { path: `${system}/libnvidia-ml.so.1`, content: emptyElf() },
          { path: `${system}/libcuda.so.535.54.03`, content: emptyElf() },
          { path: 'usr/local/cuda/compat/libcuda.so.550.54.15', content: emptyElf() },
          { path: 'usr/local/cuda/lib64/stubs/libcuda.so', content: emptyElf() },
        ],
      },
      { pieces: [{ path: `${system}/.wh.libcuda.so.535.54.03`, content: '' }] },
    ]);
    expect(facts.driverFiles).toEqual({
      [`${system}/libcuda.so.460.32.03`]: '460.32.03',
      [`${system}/libnvidia-ml.so.1`]: '',
    });
  });

  it('is told of an image that holds neither', async () => {
    const facts = await inspect([{ pieces: [{ path: 'opt/app', content: 'x' }] }]);
    expect([facts.execStack, facts.driverFiles]).toEqual([[], {}]);
  });
});
