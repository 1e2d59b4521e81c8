import { spawn, spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import {
  copyFileSync,
  createWriteStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { build } from 'esbuild';
import { imageFolder, registryAddress } from './registry.ts';
import type { ClusterPlace } from './place.ts';

export interface ImageSpec {
  readonly name: string;
  /** Folders, one a layer. */
  readonly layers: readonly string[];
  readonly entrypoint: readonly string[];
}

/** Puts an image into the registry, tagged `1`. @returns its reference by digest. */
export async function putImage(place: ClusterPlace, { name, layers, entrypoint }: ImageSpec): Promise<string> {
  const made = [];
  for (const folder of layers) made.push(await makeLayer(place, folder));
  const config = JSON.stringify({
    architecture: 'amd64',
    os: 'linux',
    config: { Entrypoint: entrypoint, Env: ['PATH=/bin:/usr/bin'] },
    rootfs: { type: 'layers', diff_ids: made.map(({ contents }) => contents) },
  });
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType,
    config: {
      mediaType: 'application/vnd.oci.image.config.v1+json',
      digest: putBlob(place, config),
      size: config.length,
    },
    layers: made.map(({ digest, size }) => ({
      mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
      digest,
      size,
    })),
  });
  const digest = putBlob(place, manifest);
  const tags = path.join(imageFolder(place), 'tags', name);
  mkdirSync(tags, { recursive: true });
  writeFileSync(path.join(tags, '1'), digest);
  return `${registryAddress}/${name}@${digest}`;
}

/** The image that every pod of the cluster stands on. */
export async function putPauseImage(place: ClusterPlace): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-pause-'));
  copyFileSync(path.join(place.binaries, 'pause'), path.join(folder, 'pause'));
  await putImage(place, { name: 'pause', layers: [folder], entrypoint: ['/pause'] });
  rmSync(folder, { recursive: true });
}

/**
 * Node.js and a program of the test rigs, which is its only argument but for those of the container.
 * @param ballastBytes of a layer that no other image has, so that a pull has to fetch it.
 */
export async function putProgramImage(
  place: ClusterPlace,
  name: string,
  program: string,
  ballastBytes = 0,
): Promise<string> {
  const folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-image-'));
  const [base, own, ballast] = ['base', 'own', 'ballast'].map((part) => path.join(folder, part)) as [
    string,
    string,
    string,
  ];
  mkdirSync(ballast);
  if (ballastBytes > 0) writeFileSync(path.join(ballast, 'ballast'), randomBytes(ballastBytes));
  copyNode(base);
  await build({
    entryPoints: [program],
    outfile: path.join(own, 'program.mjs'),
    bundle: true,
    format: 'esm',
    platform: 'node',
    // Some packages inside of the bundle are CommonJS, and require modules of Node.js.
    banner: { js: 'const require = process.getBuiltinModule;' },
    logLevel: 'silent',
  });
  const reference = await putImage(place, {
    name,
    layers: ballastBytes > 0 ? [base, own, ballast] : [base, own],
    entrypoint: ['/bin/node', '/program.mjs'],
  });
  rmSync(folder, { recursive: true });
  return reference;
}

/** The running Node.js with the libraries that it is linked to. */
function copyNode(folder: string): void {
  mkdirSync(path.join(folder, 'bin'), { recursive: true });
  mkdirSync(path.join(folder, 'tmp'), { mode: 0o1777 });
  copyFileSync(process.execPath, path.join(folder, 'bin', 'node'));
  const linked = spawnSync('ldd', [process.execPath], { encoding: 'utf8' }).stdout;
  for (const [library] of linked.matchAll(/\/\S+/g)) {
    mkdirSync(path.join(folder, path.dirname(library)), { recursive: true });
    copyFileSync(library, path.join(folder, library));
  }
}

interface Layer {
  /** Of the archive before it is packed. */
  readonly contents: string;
  readonly digest: string;
  readonly size: number;
}

async function makeLayer(place: ClusterPlace, folder: string): Promise<Layer> {
  const file = path.join(imageFolder(place), `layer-${process.pid}`);
  const same = ['--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner'];
  const tar = spawn('tar', [...same, '-C', folder, '-cf', '-', '.'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [contents, packed] = [summing(), summing()];
  await pipeline(tar.stdout, contents.stream, createGzip({ level: 1 }), packed.stream, createWriteStream(file));
  const size = statSync(file).size;
  const digest = packed.digest();
  renameSync(file, path.join(imageFolder(place), 'blobs', digest));
  return { contents: contents.digest(), digest, size };
}

function summing(): { readonly stream: Transform; readonly digest: () => string } {
  const hash = createHash('sha256');
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
  return { stream, digest: () => `sha256:${hash.digest('hex')}` };
}

function putBlob(place: ClusterPlace, text: string): string {
  const digest = `sha256:${createHash('sha256').update(text).digest('hex')}`;
  writeFileSync(path.join(imageFolder(place), 'blobs', digest), text);
  return digest;
}

/** Reference of an image that is in the registry already; null for one that is not. */
export function findImage(place: ClusterPlace, name: string): string | null {
  const tag = path.join(imageFolder(place), 'tags', name, '1');
  return existsSync(tag) ? `${registryAddress}/${name}@${readFileSync(tag, 'utf8')}` : null;
}
