import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ImageFacts } from '../../core/image/image-facts.ts';
import type { ImageInspector, ImageOptions } from '../../ports/artifacts/image-inspector.ts';
import { deviceCodeFixture, listed } from '../../testing/builders/files/device-code-fixtures.ts';
import {
  archiveOf,
  buildImage,
  digestOf,
  emptyElf,
  indexOf,
  layoutFiles,
  savedArchive,
  tagged,
  writeLayout,
  type BuiltImage,
  type LayerPlan,
} from '../../testing/builders/files/image-builder.ts';
import { FakeClock } from '../../testing/fakes/fake-clock.ts';
import { makeTar, tarBlocks, type TarPiece } from '../../testing/builders/files/tar-archive.ts';
import { ObjectSections, TarNames, ZipNames } from './layers/archive-names.ts';
import { makeOciInspector, type OciInspectorOptions } from './image-inspector.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-oci-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const signal = new AbortController().signal;
const inspector = (options: Partial<OciInspectorOptions> = {}): ImageInspector =>
  makeOciInspector({ clock: new FakeClock(), env: {}, cacheFolder: null, plainHttp: false, ...options });

function layoutOf(image: BuiltImage, name = 'image', index = indexOf([image.descriptor])): string {
  writeLayout(path.join(folder, name), layoutFiles([image], index));
  return `oci:${path.join(folder, name)}`;
}
const inspectLayers = (layers: readonly LayerPlan[]): Promise<ImageFacts> =>
  inspector().inspect(layoutOf(buildImage({ layers })), { signal });

const library = (name: string): TarPiece => ({ path: name, content: emptyElf() });
const wheel = (name: string): TarPiece => ({
  path: `usr/lib/python3/site-packages/${name}.dist-info/METADATA`,
  content: 'x',
});
const cudart = 'usr/local/cuda-12.4/lib64/libcudart.so.12.4.127';

const rich = (): BuiltImage =>
  buildImage({
    env: [
      'PATH=/bin',
      'CUDA_VERSION=12.4.1',
      'NVIDIA_REQUIRE_CUDA=cuda>=12.4',
      'NVIDIA_API_KEY=hush',
      'CUDA_VERSION=12.4.0',
    ],
    labels: { 'com.nvidia.cudnn.version': '9.1', maintainer: 'nobody' },
    layers: [
      {
        pieces: [library(cudart), library('usr/lib/libcudnn.so.9.1.0'), wheel('torch-2.8.0+cu126')],
        compression: 'zstd',
      },
      { pieces: [library('opt/libnccl.so.2.20.5'), wheel('Flask_Cors-4.0.0')] },
      { pieces: [{ path: 'opt/.wh.libnccl.so.2.20.5', content: '' }], compression: 'none' },
    ],
  });

describe('what an image holds', () => {
  it('is found whatever compresses its layers, with the versions of real files', async () => {
    const image = rich();
    const facts = await inspector().inspect(layoutOf(image), { signal });
    expect(facts).toMatchObject({
      digest: image.digest,
      platform: { os: 'linux', architecture: 'amd64' },
      env: { CUDA_VERSION: '12.4.0', NVIDIA_REQUIRE_CUDA: 'cuda>=12.4' },
      labels: { 'com.nvidia.cudnn.version': '9.1' },
      cuda: { version: '12.4.127', from: cudart },
      python: [
        { name: 'flask-cors', version: '4.0.0' },
        { name: 'torch', version: '2.8.0+cu126' },
      ],
    });
    expect(Object.keys(facts.components)).toEqual(['cudart', 'cudnn']);
    expect(Object.keys(facts.env)).not.toContain('NVIDIA_API_KEY');
  });

  it('comes out the same of a layout, of an archive of it, and of both forms of docker save', async () => {
    const image = rich();
    const index = indexOf([tagged(image, 'v1')]);
    const fromLayout = await inspector().inspect(`${layoutOf(image, 'image', index)}:v1`, { signal });
    const newForm = path.join(folder, 'new.tar');
    writeFileSync(newForm, archiveOf(layoutFiles([image], index)));
    const oldForm = path.join(folder, 'old.tar');
    writeFileSync(oldForm, savedArchive(image, ['registry.example/app:v1']));
    expect(await inspector().inspect(`docker-archive:${newForm}:v1`, { signal })).toEqual(fromLayout);
    expect(await inspector().inspect(newForm, { signal })).toEqual(fromLayout);
    const old = await inspector().inspect(`docker-archive:${oldForm}:registry.example/app:v1`, { signal });
    expect(old).toEqual({ ...fromLayout, digest: digestOf(image.config) });
  });

  it('is named by digest for good, and that name is read again', async () => {
    const image = rich();
    const tagName = `${layoutOf(image, 'image', indexOf([tagged(image, 'v1')]))}:v1`;
    const resolved = await inspector().resolve(tagName, { signal });
    expect(resolved.digest).toBe(image.digest);
    expect((await inspector().inspect(resolved.reference, { signal })).digest).toBe(image.digest);
    const file = path.join(folder, 'old.tar');
    writeFileSync(file, savedArchive(image, []));
    const saved = await inspector().resolve(file, { signal });
    expect((await inspector().inspect(saved.reference, { signal })).digest).toBe(saved.digest);
  });

  it('passes over lists of parts and signatures that are listed beside it', async () => {
    const image = rich();
    const list = {
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      artifactType: 'application/vnd.cyclonedx+json',
      digest: digestOf(Buffer.from('list')),
      size: 9,
    };
    const facts = await inspector().inspect(layoutOf(image, 'image', indexOf([tagged(image, 'v1'), list])), { signal });
    expect(facts.digest).toBe(image.digest);
  });

  it('takes links between the layers of an old archive for the layers that they name', async () => {
    const shared: LayerPlan = { pieces: [library(cudart)] };
    const image = buildImage({
      layers: [shared, { pieces: [{ path: `${path.dirname(cudart)}/.wh.${path.basename(cudart)}` }] }, shared],
    });
    const file = path.join(folder, 'shared.tar');
    writeFileSync(file, savedArchive(image, []));
    expect((await inspector().inspect(file, { signal })).cuda?.version).toBe('12.4.127');
  });

  it('reads a library that is too large for memory, and leaves no file behind', async () => {
    const before = readdirSync(tmpdir()).filter((name) => name.startsWith('plimsoll-library'));
    const facts = await inspectLayers([
      { pieces: [{ path: 'usr/lib/libcudart.so.12.6.1', content: emptyElf(9 * 1024 * 1024) }] },
    ]);
    expect(facts.cuda?.version).toBe('12.6.1');
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith('plimsoll-library'))).toEqual(before);
  });

  it('lists a library that it cannot read with the reason, and never as one without device code', async () => {
    const sparse = { path: 'p', type: 'x', content: '22 GNU.sparse.major=1\n' };
    const facts = await inspectLayers([{ pieces: [sparse, library('usr/lib/libheavy.so')] }]);
    expect(facts.libraries).toEqual([
      { path: 'usr/lib/libheavy.so', bytes: 256, cubins: [], ptx: [], unknown: 'it is stored as a sparse file' },
    ]);
  });

  it('says that a runtime linked into libraries is not seen, and where CUDA_VERSION is all that is known', async () => {
    const image = buildImage({ layers: [{ pieces: [] }], env: ['CUDA_VERSION=12.4.1'] });
    const facts = await inspector().inspect(layoutOf(image), { signal });
    expect(facts.cuda).toEqual({ version: '12.4.1', from: 'CUDA_VERSION' });
  });
});

describe('device code outside of libraries', () => {
  const inspectFiles = (files: Readonly<Record<string, Uint8Array | string>>): Promise<ImageFacts> =>
    inspectLayers([{ pieces: Object.entries(files).map(([name, content]) => ({ path: name, content })) }]);
  const ptx = (head: string): string =>
    `//\n// Generated\n//\n\n${head}\n.address_size 64\n${'// kernel\n'.repeat(20)}`;
  /** A zip archive as it is streamed: headers before members, of lengths that only follow them. */
  const zip = (...names: readonly string[]): Buffer =>
    Buffer.concat(
      names.map((name) => {
        const header = Buffer.alloc(30);
        header.writeUInt32LE(0x04034b50, 0);
        header.writeUInt16LE(8, 6);
        header.writeUInt16LE(Buffer.byteLength(name), 26);
        return Buffer.concat([header, Buffer.from(name), Buffer.alloc(300, 'PKx')]);
      }),
    );

  it('is read from fat binaries and PTX', async () => {
    const facts = await inspectFiles({
      'opt/a.fatbin': deviceCodeFixture('plain.fatbin'),
      'opt/b.bin': deviceCodeFixture('plain.fatbin'),
      'opt/c.ptx': ptx('.version 8.8\n.target sm_90a'),
    });
    expect(facts.libraries.map(({ path: name, cubins, ptx: texts }) => [name, listed(cubins), listed(texts)])).toEqual([
      ['opt/a.fatbin', 'sm_90 sm_103a', 'sm_120f'],
      ['opt/b.bin', 'sm_90 sm_103a', 'sm_120f'],
      ['opt/c.ptx', '', 'sm_90a'],
    ]);
    expect(facts.libraries.every(({ unknown }) => unknown === undefined)).toBe(true);
  });

  it('that cannot be read is listed with the reason', async () => {
    const other = deviceCodeFixture('plain.fatbin');
    other[4] = 2;
    const files = { 'a.fatbin': 'x'.repeat(99), 'b.ptx': 'x'.repeat(99), 'c.fatbin': other, 'd.cubin': 'x'.repeat(9) };
    const facts = await inspectFiles(files);
    expect(facts.libraries.map(({ unknown }) => unknown)).toEqual([
      'it begins as no device code that is known',
      'PTX does not begin with its version and target',
      expect.stringMatching(/^fat binary of version 2/),
      'it begins as no device code that is known',
    ]);
  });

  it.each<[string, string, Uint8Array, string]>([
    ['a wheel', 'opt/x.whl', zip('a.py', 'torch/lib/libtorch_cuda.so'), 'torch/lib/libtorch_cuda.so'],
    ['a zip archive by its first bytes', 'opt/x', zip('nvidia/nvrtc/lib/x.so.12'), 'nvidia/nvrtc/lib/x.so.12'],
    ['a program before a zip archive', 'x.pex', Buffer.concat([Buffer.from('#!/x\n'), zip('k.cubin')]), 'k.cubin'],
    [
      'a tar archive',
      'x.tar',
      makeTar([{ path: 'a', content: 'x' }, { path: 'lib/libnvinfer.so.8' }]),
      'lib/libnvinfer.so.8',
    ],
    ['objects', 'x.a', Buffer.from(`!<arch>\n${' '.repeat(70_000)}.nv_fatbin`), 'a section .nv_fatbin'],
    ['a compressed archive by its name', 'tensorrt-10.tar.gz', Buffer.alloc(1024 * 1024), 'what its name tells of'],
  ])('may be in an archive (%s), which is named', async (_, name, content, member) => {
    const facts = await inspectFiles({ [name]: content });
    expect(facts.unknown).toEqual({ [`libraries ${name}`]: `archive: not looked into; it holds ${member}` });
  });

  it('is found in an archive wherever its pieces are cut', () => {
    const archives = [
      [zip('a.py', 'libcudart.so.12'), () => new ZipNames()],
      [makeTar([{ path: 'a', content: 'x' }, { path: 'k.fatbin' }]), () => new TarNames()],
      [Buffer.from(`!<arch>\n${' '.repeat(500)}.nv_fatbin`), () => new ObjectSections()],
    ] as const;
    for (const [bytes, make] of archives) {
      for (const size of [1, 7, 45, 100, 511, 513]) {
        const scan = make();
        for (let at = 0; at < bytes.length; at += size) scan.write(bytes.subarray(at, at + size));
        expect(scan.found).not.toBeNull();
      }
    }
  });

  it('is not ruled out by an archive of more names than are looked at', () => {
    const scan = new ZipNames();
    const piece = Buffer.alloc(64 * 1024, 'PK');
    for (let pieces = 0; pieces < 32; pieces += 1) scan.write(piece);
    expect(scan.found).toBe('more names than are looked at');
  });

  it('is not suspected in archives that ordinary images have', async () => {
    const facts = await inspectFiles({
      'usr/lib/python3/ensurepip/_bundled/pip-24.0-py3-none-any.whl': zip('pip/__init__.py', 'pip/_vendor/env.so'),
      'opt/app.jar': zip('META-INF/MANIFEST.MF', 'cuda/Main.class', 'native/libconversion.so'),
      'root/.cache/pip/http-v2/a/b.body': zip('torch/lib/libtorch_cuda.so'),
      'usr/local/cuda/lib64/libcublas_static.a': Buffer.from(`!<arch>\n${' '.repeat(99)}.nv_fatbin`),
      'usr/lib/libc.a': Buffer.from(`!<arch>\n${' '.repeat(99)}.text`),
      'srv/data.tar.gz': Buffer.alloc(1024 * 1024),
    });
    expect([facts.libraries, facts.unknown]).toEqual([[], {}]);
  });
});

describe('layers on each other', () => {
  const lower: LayerPlan = { pieces: [library(cudart), library('opt/app/libcudnn.so.9.1.0')] };
  const found = async (...upper: readonly (readonly TarPiece[])[]): Promise<readonly string[]> => {
    const facts = await inspectLayers([lower, ...upper.map((pieces) => ({ pieces }))]);
    return Object.values(facts.components).map(({ from }) => from);
  };
  const both = [cudart, 'opt/app/libcudnn.so.9.1.0'];

  it.each<[string, readonly TarPiece[], readonly string[]]>([
    ['nothing', [], both],
    ['a whiteout of the file', [{ path: 'opt/app/.wh.libcudnn.so.9.1.0' }], [cudart]],
    ['a whiteout of a folder above it', [{ path: './opt/.wh.app' }], [cudart]],
    ['an opaque folder', [{ path: 'opt/app/', type: '5' }, { path: 'opt/app/.wh..wh..opq' }], [cudart]],
    ['another file at its path', [{ path: '/opt/app/libcudnn.so.9.1.0', content: 'a text' }], [cudart]],
    ['a file in place of its folder', [{ path: 'opt/app', content: 'a text' }], [cudart]],
    ['a folder in place of it', [{ path: 'opt/app/libcudnn.so.9.1.0', type: '5' }], [cudart]],
    [
      'a folder that is there already',
      [
        { path: 'opt/app', type: '5' },
        { path: 'opt', type: '5' },
      ],
      both,
    ],
    ['a whiteout of a name that only begins alike', [{ path: 'opt/.wh.ap' }], both],
    ['marks of the storage driver of old', [{ path: '.wh..wh.plnk', type: '5' }, { path: '.wh..wh.aufs' }], both],
    ['a whiteout out of the image', [{ path: '../../.wh..' }, { path: '../.wh.other' }], both],
  ])('%s', async (_what, upper, expected) => {
    expect(await found(upper)).toEqual(expected);
  });

  it('a whiteout does not reach what its own layer adds, in either order', async () => {
    const mark = { path: 'opt/app/.wh..wh..opq' };
    const added = library('opt/app/libnccl.so.2.1.0');
    expect(await found([mark, added])).toEqual([cudart, added.path]);
    expect(await found([added, mark])).toEqual([cudart, added.path]);
  });

  it('a path that leaves the root stays in it', async () => {
    expect(await found([library('../../../opt/libnccl.so.2.1.0')])).toContain('opt/libnccl.so.2.1.0');
  });

  it('follows links to folders as engines do', async () => {
    const link: TarPiece = { path: 'lib', type: '2', linkTarget: 'usr/lib' };
    const throughLink = await inspectLayers([
      { pieces: [link, library('usr/lib/libcudnn.so.9.1.0')] },
      { pieces: [{ path: 'lib/.wh.libcudnn.so.9.1.0' }, library('lib/libnccl.so.2.1.0')] },
    ]);
    expect(Object.values(throughLink.components)).toEqual([{ version: '2.1.0', from: 'usr/lib/libnccl.so.2.1.0' }]);
    const replaced = await inspectLayers([
      { pieces: [{ ...link, linkTarget: '/usr/lib' }, library('usr/lib/libcudnn.so.9.1.0')] },
      { pieces: [{ path: 'lib/libcudnn.so.9.1.0', content: 'a text' }] },
    ]);
    expect(replaced.components).toEqual({});
  });

  it('ends with links that lead in a circle', async () => {
    const facts = await inspectLayers([
      {
        pieces: [
          { path: 'a', type: '2', linkTarget: 'b' },
          { path: 'b', type: '2', linkTarget: 'a' },
        ],
      },
      { pieces: [library('a/libnccl.so.2.1.0'), { path: 'a/x', type: '2', linkTarget: '/a/x' }] },
    ]);
    expect(facts.components['nccl']?.version).toBe('2.1.0');
  });

  it('counts a hard link as a file of its own, in one layer and across layers', async () => {
    const link = { path: 'opt/libcudart.so.12.4.127', type: '1', linkTarget: cudart };
    const gone = { path: 'usr/local/.wh.cuda-12.4' };
    const within = await inspectLayers([{ pieces: [library(cudart), link] }, { pieces: [gone] }]);
    expect(within.cuda?.from).toBe(link.path);
    const across = await inspectLayers([{ pieces: [library(cudart)] }, { pieces: [link] }, { pieces: [gone] }]);
    expect(across.cuda?.from).toBe(link.path);
  });

  it.each(['before', 'after'])('a hard link made %s its target is deleted keeps the file', async (order) => {
    const link = { path: 'opt/libcudart.so.12.4.127', type: '1', linkTarget: cudart };
    const gone = { path: `${path.dirname(cudart)}/.wh.${path.basename(cudart)}` };
    const pieces = order === 'before' ? [link, gone] : [gone, link];
    expect((await inspectLayers([{ pieces: [library(cudart)] }, { pieces }])).cuda?.from).toBe(link.path);
  });

  it('a hard link keeps the file that its own layer replaces afterwards, and links to links are links to that file', async () => {
    const [first, second] = ['opt/libcudart.so.12.4.127', 'opt/second/libcudart.so.12.4.127'];
    const facts = await inspectLayers([
      { pieces: [library(cudart)] },
      {
        pieces: [
          { path: first, type: '1', linkTarget: cudart },
          { path: second, type: '1', linkTarget: first },
          { path: first, content: 'a text' },
          { path: cudart, content: 'a text' },
        ],
      },
    ]);
    expect(facts.cuda?.from).toBe(second);
    expect(facts.unknown).toEqual({});
  });

  it('a hard link to what is in no layer is named, and one to a file without device code is not', async () => {
    const facts = await inspectLayers([
      { pieces: [{ path: 'etc/text', content: 'a text' }, { path: 'etc/gone' }] },
      { pieces: [{ path: 'etc/.wh.gone' }] },
      {
        pieces: [
          { path: 'opt/a.so', type: '1', linkTarget: 'opt/nowhere.so' },
          { path: 'opt/b', type: '1', linkTarget: 'etc/text' },
          { path: 'opt/c', type: '1', linkTarget: 'etc/gone' },
        ],
      },
    ]);
    expect(facts.unknown).toEqual({
      'libraries opt/a.so': 'link: it is a hard link to opt/nowhere.so, which is in no layer',
      'libraries opt/c': 'link: it is a hard link to etc/gone, which is in no layer',
    });
  });

  it('names what a layer leaves out by the name that the rules look for', async () => {
    const facts = await inspectLayers([{ pieces: [{ path: `a/${'b/'.repeat(2500)}c`, content: 'x' }] }]);
    expect(facts.unknown['paths']).toMatch(/^layer .*: a path has more than 4000 characters, and is left out$/);
  });

  it('a wheel refines what the name of its library leaves out', async () => {
    const facts = await inspectLayers([
      {
        pieces: [
          library('usr/lib/python3/site-packages/nvidia/cuda_runtime/lib/libcudart.so.12'),
          wheel('nvidia_cuda_runtime_cu12-12.6.77'),
        ],
      },
    ]);
    expect(facts.cuda?.version).toBe('12.6.77');
  });

  it('of two versions the newer counts', async () => {
    const facts = await inspectLayers([
      { pieces: [library('a/libcudart.so.12.10.1'), library('b/libcudart.so.12.9.37')] },
    ]);
    expect(facts.cuda).toEqual({ version: '12.10.1', from: 'a/libcudart.so.12.10.1' });
  });
});

describe('platforms', () => {
  const [intel, arm] = [
    buildImage({ layers: [{ pieces: [library(cudart)] }] }),
    buildImage({ layers: [{ pieces: [] }], architecture: 'arm64' }),
  ];
  const attestation = {
    ...arm.descriptor,
    platform: { os: 'unknown', architecture: 'unknown' },
    annotations: { 'vnd.docker.reference.type': 'attestation-manifest' },
  };
  const inspectIndex = (manifests: readonly object[], options: Partial<ImageOptions> = {}): Promise<ImageFacts> => {
    writeLayout(path.join(folder, 'index'), layoutFiles([intel, arm], indexOf(manifests)));
    return inspector().inspect(`oci:${path.join(folder, 'index')}`, { signal, ...options });
  };

  it('linux/amd64 unless another is asked for', async () => {
    const both = [attestation, arm.descriptor, intel.descriptor];
    expect((await inspectIndex(both)).digest).toBe(intel.digest);
    expect((await inspectIndex(both, { platform: 'linux/arm64' })).digest).toBe(arm.digest);
    expect((await inspectIndex(both, { platform: 'linux/arm64/v8' })).digest).toBe(arm.digest);
  });

  it('an attestation is no image', async () => {
    await expect(inspectIndex([attestation, intel.descriptor], { platform: 'linux/arm64' })).rejects.toMatchObject({
      code: 'image-platform-missing',
      message: expect.stringContaining('it has linux/amd64') as string,
    });
  });

  it('an image of another platform is read, unless this one was asked for', async () => {
    expect((await inspectIndex([arm.descriptor])).platform.architecture).toBe('arm64');
    await expect(inspectIndex([arm.descriptor], { platform: 'linux/amd64' })).rejects.toMatchObject({
      code: 'image-platform-missing',
    });
  });

  it('several images are told apart by tag, and the error lists them', async () => {
    const two = [tagged(intel, 'one'), tagged(arm, 'two')];
    await expect(inspectIndex(two)).rejects.toMatchObject({ message: expect.stringContaining('one, two') as string });
    await expect(inspector().inspect(`oci:${path.join(folder, 'index')}:three`, { signal })).rejects.toMatchObject({
      code: 'image-not-found',
    });
    expect((await inspector().inspect(`oci:${path.join(folder, 'index')}:two`, { signal })).digest).toBe(arm.digest);
  });
});

describe('damage', () => {
  const plain = makeTar([library(cudart)]);
  /** A layout whose first layer is other bytes than its digest says. */
  async function withLayerBytes(bytes: Buffer, compression: LayerPlan['compression'] = 'gzip'): Promise<ImageFacts> {
    const image = buildImage({ layers: [{ archive: plain, compression }] });
    const name = layoutOf(image);
    const digest = image.layers[0]?.digest ?? image.digest;
    writeFileSync(path.join(folder, 'image', 'blobs', digest.replace(':', '/')), bytes);
    return inspector().inspect(name, { signal });
  }
  const bothDigests = (stated: string, actual: string): object => ({
    code: 'image-damaged',
    details: { stated, actual },
    message: expect.stringContaining(actual) as string,
  });

  it.each([
    ['other bytes that are sound', gzipSync(makeTar([]))],
    [
      'a flipped bit',
      (() => {
        const bytes = gzipSync(plain);
        bytes[40] = (bytes[40] ?? 0) ^ 1;
        return bytes;
      })(),
    ],
    ['bytes behind the end', Buffer.concat([gzipSync(plain), Buffer.from('more')])],
    ['half of it', gzipSync(plain).subarray(0, 100)],
    ['nothing', Buffer.alloc(0)],
  ])('a layer of %s is named with both digests', async (_what, bytes) => {
    await expect(withLayerBytes(bytes)).rejects.toMatchObject(bothDigests(digestOf(gzipSync(plain)), digestOf(bytes)));
  });

  it('a layer whose content is not what the configuration says is named with both digests', async () => {
    const [one, other] = [
      buildImage({ layers: [{ pieces: [library(cudart)] }] }),
      buildImage({ layers: [{ pieces: [] }] }),
    ];
    const manifest = Buffer.from(
      JSON.stringify({ ...(JSON.parse(one.manifest.toString()) as object), layers: other.layers }),
    );
    const files = new Map([
      ...layoutFiles([one, other], indexOf([{ ...one.descriptor, digest: digestOf(manifest), size: manifest.length }])),
      [`blobs/${digestOf(manifest).replace(':', '/')}`, manifest],
    ]);
    writeLayout(path.join(folder, 'mixed'), files);
    await expect(inspector().inspect(`oci:${path.join(folder, 'mixed')}`, { signal })).rejects.toMatchObject(
      bothDigests(digestOf(one.archives[0] as Buffer), digestOf(other.archives[0] as Buffer)),
    );
  });

  it.each([
    ['manifest', (image: BuiltImage) => image.digest],
    ['configuration', (image: BuiltImage) => digestOf(image.config)],
  ])('a wrong %s is named with both digests', async (_what, digestIn) => {
    const image = rich();
    const name = layoutOf(image);
    writeFileSync(path.join(folder, 'image', 'blobs', digestIn(image).replace(':', '/')), '{}');
    await expect(inspector().inspect(name, { signal })).rejects.toMatchObject(
      bothDigests(digestIn(image), digestOf(Buffer.from('{}'))),
    );
  });

  it.each([
    ['is no archive', Buffer.from('text'.repeat(400))],
    ['ends in the middle of an entry', tarBlocks({ path: 'x', content: 'x'.repeat(2000) }).subarray(0, 1024)],
    ['lies about a size', tarBlocks({ path: 'x', sizeField: Buffer.from('77777777777\0') })],
  ])('a layer that %s is an error that names the layer', async (_what, archive) => {
    for (const compression of ['gzip', 'zstd', 'none'] as const) {
      const image = buildImage({ layers: [{ archive, compression }] });
      const layer = image.layers[0]?.digest.slice('sha256:'.length, 'sha256:'.length + 12) ?? '';
      await expect(inspector().inspect(layoutOf(image, compression), { signal })).rejects.toMatchObject({
        code: 'image-damaged',
        message: expect.stringContaining(`layer ${layer}`) as string,
      });
    }
  });

  it.each(['gzip', 'zstd'] as const)('a bomb of %s is refused before it grows', async (compression) => {
    const image = buildImage({ layers: [{ archive: Buffer.alloc(8 * 1024 * 1024), compression }] });
    const limits = { bytes: 1024 ** 3, ratio: 200, ratioFromBytes: 1024 * 1024 };
    await expect(inspector({ limits }).inspect(layoutOf(image), { signal })).rejects.toMatchObject({
      code: 'image-too-large',
      message: expect.stringContaining('decompression bomb') as string,
    });
    await expect(
      inspector({ limits: { ...limits, ratio: 1e9, bytes: 4096 } }).inspect(layoutOf(image), { signal }),
    ).rejects.toMatchObject({ code: 'image-too-large' });
  });

  it('a configuration beyond its bound is refused, whatever size the manifest states', async () => {
    const image = buildImage({ layers: [], labels: { huge: 'x'.repeat(9 * 1024 * 1024) } });
    await expect(inspector().inspect(layoutOf(image), { signal })).rejects.toMatchObject({ code: 'image-too-large' });
  });

  it('a long label is left out with the reason', async () => {
    const facts = await inspector().inspect(
      layoutOf(
        buildImage({
          layers: [],
          labels: { 'com.nvidia.long': 'x'.repeat(5000) },
          env: [`CUDA_X=${'y'.repeat(5000)}`],
        }),
      ),
      { signal },
    );
    expect(facts.labels).toEqual({});
    expect(facts.unknown).toMatchObject({
      'labels.com.nvidia.long': expect.stringContaining('5000 characters') as string,
      'env.CUDA_X': expect.stringContaining('5000 characters') as string,
    });
  });

  it('what is no image is said to be none', async () => {
    const image = rich();
    const manifest = JSON.parse(image.manifest.toString()) as { readonly config: object };
    const chart = Buffer.from(
      JSON.stringify({
        ...manifest,
        config: { ...manifest.config, mediaType: 'application/vnd.cncf.helm.config.v1+json' },
      }),
    );
    writeLayout(
      path.join(folder, 'chart'),
      new Map([
        ...layoutFiles([image], indexOf([{ ...image.descriptor, digest: digestOf(chart) }])),
        [`blobs/${digestOf(chart).replace(':', '/')}`, chart],
      ]),
    );
    await expect(inspector().inspect(`oci:${path.join(folder, 'chart')}`, { signal })).rejects.toThrow(
      /not a container image/,
    );
  });

  it.each([
    ['a gzipped archive', 'x.tar', gzipSync('x'), 'image-reference-invalid'],
    ['a zstd archive', 'x.tar', zstdCompressSync('x'), 'image-reference-invalid'],
    ['no archive', 'x.tar', Buffer.from('text'.repeat(300)), 'image-damaged'],
    ['an archive of something else', 'x.tar', makeTar([{ path: 'readme', content: 'x' }]), 'image-damaged'],
  ])('%s in place of one of docker save', async (_what, name, bytes, code) => {
    writeFileSync(path.join(folder, name), bytes);
    await expect(inspector().inspect(path.join(folder, name), { signal })).rejects.toMatchObject({ code });
  });
});

describe('the cache', () => {
  const withCache = (): ImageInspector => inspector({ cacheFolder: path.join(folder, 'cache') });
  const cached = (): readonly string[] =>
    (readdirSync(path.join(folder, 'cache'), { recursive: true }) as string[])
      .filter((name) => name.endsWith('.gz'))
      .sort();
  const layers = [{ pieces: [library(cudart)] }, { pieces: [library('opt/libnccl.so.2.20.5')] }];

  it('answers for an image whose layers are gone', async () => {
    const image = buildImage({ layers });
    const name = layoutOf(image);
    const facts = await withCache().inspect(name, { signal });
    for (const { digest } of image.layers) rmSync(path.join(folder, 'image', 'blobs', digest.replace(':', '/')));
    expect(await withCache().inspect(name, { signal })).toEqual(facts);
    await expect(inspector().inspect(name, { signal })).rejects.toThrow(/no blob/);
  });

  it('reads a layer that two images share once', async () => {
    const first = buildImage({ layers });
    await withCache().inspect(layoutOf(first), { signal });
    const second = buildImage({ layers: [...layers, { pieces: [{ path: 'opt/.wh.libnccl.so.2.20.5' }] }] });
    const read: number[] = [];
    const facts = await withCache().inspect(layoutOf(second, 'second'), {
      signal,
      progress: (_done, total) => read.push(total),
    });
    expect(new Set(read)).toEqual(new Set([second.layers[2]?.size]));
    expect(Object.keys(facts.components)).toEqual(['cudart']);
    expect(facts).toEqual(await inspector().inspect(layoutOf(second, 'second'), { signal }));
  });

  it('makes anew what is damaged in it, whatever the damage', async () => {
    const name = layoutOf(buildImage({ layers }));
    const facts = await withCache().inspect(name, { signal });
    const files = cached().map((file) => path.join(folder, 'cache', file));
    expect(files).toHaveLength(3);
    const sound = files.map((file) => readFileSync(file));
    const forged = gzipSync(JSON.stringify({ of: 'x', value: { ...facts, cuda: null } }));
    for (const damage of [
      Buffer.alloc(0),
      Buffer.from('no gzip'),
      sound[0]?.subarray(0, 60) ?? '',
      gzipSync('null'),
      forged,
    ]) {
      for (const file of files) writeFileSync(file, damage);
      expect(await withCache().inspect(name, { signal })).toEqual(facts);
      expect(files.map((file) => readFileSync(file))).toEqual(sound);
    }
  });

  it('is shared by inspections at the same time', async () => {
    const name = layoutOf(buildImage({ layers }));
    const all = await Promise.all(Array.from({ length: 8 }, () => withCache().inspect(name, { signal })));
    expect(new Set(all.map((facts) => JSON.stringify(facts))).size).toBe(1);
    expect(cached()).toHaveLength(3);
  });

  it('is not needed: a folder that cannot be written only costs time', async () => {
    writeFileSync(path.join(folder, 'cache'), 'a file');
    expect((await withCache().inspect(layoutOf(buildImage({ layers })), { signal })).cuda).not.toBeNull();
  });

  it('keeps nothing of a layer whose digest does not hold', async () => {
    const image = buildImage({ layers });
    const name = layoutOf(image);
    const digest = image.layers[0]?.digest ?? image.digest;
    writeFileSync(path.join(folder, 'image', 'blobs', digest.replace(':', '/')), gzipSync(makeTar([])));
    await expect(withCache().inspect(name, { signal })).rejects.toMatchObject({ code: 'image-damaged' });
    mkdirSync(path.join(folder, 'cache'), { recursive: true });
    expect(cached().some((file) => file.includes(digest.slice(7)))).toBe(false);
  });
});

it('stops when it is told to', async () => {
  const stop = new AbortController();
  const name = layoutOf(buildImage({ layers: [{ pieces: [{ path: 'x', content: Buffer.alloc(1_000_000, 7) }] }] }));
  const reason = new Error('enough');
  await expect(inspector().inspect(name, { signal: stop.signal, progress: () => stop.abort(reason) })).rejects.toBe(
    reason,
  );
});
