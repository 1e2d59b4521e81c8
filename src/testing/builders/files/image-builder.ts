/** Container images for tests: layouts, archives of `docker save` and the blobs of a registry, as small as they can be. */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import type { Digest } from '../../../core/units/digest.ts';
import { makeTar, type TarPiece } from './tar-archive.ts';

export interface LayerPlan {
  readonly pieces?: readonly TarPiece[];
  /** In place of an archive of the pieces. */
  readonly archive?: Uint8Array;
  readonly compression?: 'gzip' | 'zstd' | 'none';
}

export interface ImagePlan {
  readonly layers: readonly LayerPlan[];
  readonly env?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly architecture?: string;
}

interface BlobDescriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly size: number;
}

export interface BuiltImage {
  readonly digest: Digest;
  readonly manifest: Buffer;
  readonly descriptor: BlobDescriptor & { readonly platform: { readonly os: string; readonly architecture: string } };
  readonly config: Buffer;
  readonly layers: readonly BlobDescriptor[];
  /** By digest; the manifest is among them. */
  readonly blobs: ReadonlyMap<Digest, Buffer>;
  /** Without compression, lowest first. */
  readonly archives: readonly Buffer[];
}

export const digestOf = (bytes: Uint8Array): Digest => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

export function buildImage({ layers, env = [], labels = {}, architecture = 'amd64' }: ImagePlan): BuiltImage {
  const blobs = new Map<Digest, Buffer>();
  const add = (mediaType: string, bytes: Buffer): BlobDescriptor => {
    const digest = digestOf(bytes);
    blobs.set(digest, bytes);
    return { mediaType, digest, size: bytes.length };
  };
  const archives = layers.map(({ pieces = [], archive }) =>
    archive === undefined ? makeTar(pieces) : Buffer.from(archive),
  );
  const described = layers.map(({ compression = 'gzip' }, index) => {
    const plain = archives[index] as Buffer;
    const type = 'application/vnd.oci.image.layer.v1.tar';
    if (compression === 'gzip') return add(`${type}+gzip`, gzipSync(plain));
    return compression === 'zstd' ? add(`${type}+zstd`, zstdCompressSync(plain)) : add(type, plain);
  });
  const config = Buffer.from(
    JSON.stringify({
      os: 'linux',
      architecture,
      config: { Env: env, Labels: labels },
      rootfs: { type: 'layers', diff_ids: archives.map(digestOf) },
    }),
  );
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      config: add('application/vnd.oci.image.config.v1+json', config),
      layers: described,
    }),
  );
  const descriptor = {
    ...add('application/vnd.oci.image.manifest.v1+json', manifest),
    platform: { os: 'linux', architecture },
  };
  return { digest: descriptor.digest, manifest, descriptor, config, layers: described, blobs, archives };
}

export function indexOf(manifests: readonly object[]): Buffer {
  const mediaType = 'application/vnd.oci.image.index.v1+json';
  return Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, manifests }));
}

export const tagged = (image: BuiltImage, tag: string): object => ({
  ...image.descriptor,
  annotations: { 'org.opencontainers.image.ref.name': tag },
});

/** Files of an image layout, by their path in it. */
export function layoutFiles(images: readonly BuiltImage[], index: Buffer): ReadonlyMap<string, Buffer> {
  const blobs = images.flatMap((image) => [...image.blobs]);
  return new Map([
    ['oci-layout', Buffer.from('{"imageLayoutVersion":"1.0.0"}')],
    ['index.json', index],
    ...blobs.map(([digest, bytes]) => [`blobs/${digest.replace(':', '/')}`, bytes] as const),
  ]);
}

export function writeLayout(folder: string, files: ReadonlyMap<string, Buffer>): void {
  for (const [name, bytes] of files) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), bytes);
  }
}

export const archiveOf = (files: ReadonlyMap<string, Buffer>): Buffer =>
  makeTar([...files].map(([name, content]) => ({ path: name, content })));

/** What `docker save` wrote before Docker 25: layers as plain archives, a shared one as a link. */
export function savedArchive(image: BuiltImage, tags: readonly string[]): Buffer {
  const id = digestOf(image.config).slice('sha256:'.length);
  const paths = image.archives.map((_, index) => `${index}/layer.tar`);
  return makeTar([
    { path: `${id}.json`, content: image.config },
    ...image.archives.map((archive, index) => {
      const first = image.archives.findIndex((each) => each.equals(archive));
      const isShared = first < index;
      return isShared
        ? { path: `${index}/layer.tar`, type: '2', linkTarget: `../${first}/layer.tar` }
        : { path: `${index}/layer.tar`, content: archive };
    }),
    { path: 'manifest.json', content: JSON.stringify([{ Config: `${id}.json`, RepoTags: tags, Layers: paths }]) },
  ]);
}

/** An ELF64 library with nothing in it but the names of its sections, as large as asked. */
export function emptyElf(bytes = 0): Buffer {
  const names = '\0.shstrtab\0';
  const [namesOffset, tableOffset] = [64, 128];
  const elf = Buffer.alloc(Math.max(bytes, tableOffset + 2 * 64));
  elf.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0]);
  elf.writeUInt16LE(3, 16); // a shared library
  elf.writeUInt16LE(62, 18); // of x86-64
  elf.writeUInt32LE(1, 20);
  elf.writeBigUInt64LE(BigInt(tableOffset), 40);
  elf.writeUInt16LE(64, 52);
  elf.writeUInt16LE(56, 54);
  elf.writeUInt16LE(64, 58);
  elf.writeUInt16LE(2, 60);
  elf.writeUInt16LE(1, 62);
  elf.write(names, namesOffset);
  const table = elf.subarray(tableOffset + 64);
  table.writeUInt32LE(1, 0);
  table.writeUInt32LE(3, 4); // a table of texts
  table.writeBigUInt64LE(BigInt(namesOffset), 24);
  table.writeBigUInt64LE(BigInt(names.length), 32);
  return elf;
}
