import { createHash } from 'node:crypto';
import { createWriteStream, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { canonicalJson, digestOfBytes, type Digest } from '../../src/core/units/digest.ts';
import type { Descriptor, PackedJson } from '../../src/schemas/artifact/model-pack.ts';
import { homeFolder, userId } from './base-layer.ts';
import { completeEntries, type ImageEntry } from './image-entry.ts';
import { sbomType } from './sbom.ts';
import { writeTar } from './write-tar.ts';

const manifestType = 'application/vnd.oci.image.manifest.v1+json';
const emptyType = 'application/vnd.oci.empty.v1+json';
const platform = { os: 'linux', architecture: 'amd64' };

export interface LayerSpec {
  /** Shown in the history of the image. */
  readonly name: string;
  readonly entries: readonly ImageEntry[];
}

export interface PackedLayer {
  readonly name: string;
  /** Digest of the archive before it was compressed. */
  readonly contents: Digest;
  readonly descriptor: Descriptor;
  readonly unpackedBytes: number;
}

export interface PackedImage {
  readonly layers: readonly PackedLayer[];
  readonly config: PackedJson;
  readonly manifest: PackedJson;
  readonly sbom: { readonly blob: PackedJson; readonly config: PackedJson; readonly manifest: PackedJson };
}

/**
 * Writes an OCI image layout with the image and its list of parts, which names the image as its subject. A folder that is a
 * layout already is replaced. https://github.com/opencontainers/image-spec/blob/v1.1.1/image-layout.md
 * @throws Error for a folder that holds something else.
 */
export async function writeLayout(
  folder: string,
  image: { readonly version: string; readonly layers: readonly LayerSpec[]; readonly sbom: object },
): Promise<PackedImage> {
  emptyLayout(folder);
  const layers: PackedLayer[] = [];
  for (const layer of image.layers) layers.push(await writeLayer(folder, layer));
  const config = packJson(makeConfig(layers, image.version), 'application/vnd.oci.image.config.v1+json');
  const manifest = packJson(makeManifest(layers, config, image.version), manifestType);
  const sbom = packSbom(image.sbom, manifest);
  for (const part of [config, manifest, sbom.blob, sbom.config, sbom.manifest]) {
    writeFileSync(blobFile(folder, part.descriptor.digest), part.text);
  }
  const named = { 'org.opencontainers.image.ref.name': image.version };
  const index = {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.index.v1+json',
    manifests: [{ ...manifest.descriptor, platform, annotations: named }, sbom.manifest.descriptor],
  };
  writeFileSync(path.join(folder, 'index.json'), canonicalJson(index));
  writeFileSync(path.join(folder, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  return { layers, config, manifest, sbom };
}

export const blobFile = (folder: string, digest: Digest): string => path.join(folder, 'blobs', ...digest.split(':'));

function emptyLayout(folder: string): void {
  if (existsSync(folder) && !existsSync(path.join(folder, 'oci-layout'))) {
    throw new Error(`${folder} is there and is no image layout: name a new folder`);
  }
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(path.join(folder, 'blobs', 'sha256'), { recursive: true });
}

async function writeLayer(folder: string, { name, entries }: LayerSpec): Promise<PackedLayer> {
  const unfinished = path.join(folder, 'blobs', 'layer');
  const [contents, packed] = [summing(), summing()];
  await pipeline(
    Readable.from(writeTar(completeEntries(entries))),
    contents.stream,
    createGzip({ level: 6 }),
    packed.stream,
    createWriteStream(unfinished),
  );
  const digest = packed.digest();
  renameSync(unfinished, blobFile(folder, digest));
  const mediaType = 'application/vnd.oci.image.layer.v1.tar+gzip';
  return {
    name,
    contents: contents.digest(),
    descriptor: { mediaType, digest, size: packed.bytes() },
    unpackedBytes: contents.bytes(),
  };
}

function summing(): { stream: Transform; digest: () => Digest; bytes: () => number } {
  const hash = createHash('sha256');
  let bytes = 0;
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      bytes += chunk.length;
      done(null, chunk);
    },
  });
  return { stream, digest: () => `sha256:${hash.digest('hex')}`, bytes: () => bytes };
}

function packJson(value: object, mediaType: string): PackedJson {
  const text = canonicalJson(value);
  const bytes = Buffer.from(text);
  return { text, descriptor: { mediaType, digest: digestOfBytes(bytes), size: bytes.length } };
}

function makeConfig(layers: readonly PackedLayer[], version: string): object {
  return {
    ...platform,
    created: new Date(0).toISOString(),
    config: {
      User: `${userId}:${userId}`,
      Env: ['PATH=/usr/bin', 'NODE_ENV=production', `HOME=/${homeFolder}`],
      Entrypoint: ['/usr/bin/plimsoll'],
      Cmd: ['--help'],
      WorkingDir: `/${homeFolder}`,
      Labels: annotationsOf(version),
    },
    rootfs: { type: 'layers', diff_ids: layers.map(({ contents }) => contents) },
    history: layers.map(({ name }) => ({ created: new Date(0).toISOString(), created_by: name })),
  };
}

const annotationsOf = (version: string): Readonly<Record<string, string>> => ({
  'org.opencontainers.image.title': 'plimsoll',
  'org.opencontainers.image.version': version,
  'org.opencontainers.image.licenses': 'Apache-2.0',
});

function makeManifest(layers: readonly PackedLayer[], config: PackedJson, version: string): object {
  return {
    schemaVersion: 2,
    mediaType: manifestType,
    config: config.descriptor,
    layers: layers.map(({ descriptor }) => descriptor),
    annotations: annotationsOf(version),
  };
}

/** A manifest that refers to the image: OCI image specification 1.1, `subject`. */
function packSbom(list: object, image: PackedJson): PackedImage['sbom'] {
  const blob = packJson(list, sbomType);
  const config = packJson({}, emptyType);
  const manifest = packJson(
    {
      schemaVersion: 2,
      mediaType: manifestType,
      artifactType: sbomType,
      config: config.descriptor,
      layers: [blob.descriptor],
      subject: image.descriptor,
    },
    manifestType,
  );
  return { blob, config, manifest: { ...manifest, descriptor: { ...manifest.descriptor, artifactType: sbomType } } };
}
