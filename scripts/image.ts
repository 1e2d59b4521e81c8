/**
 * Assembles the container image of Plimsoll for Linux on x64, without a container engine: an OCI image layout, and with
 * `--push` the same in a registry. The same sources give the same digest. It needs apt-get and dpkg-deb of Debian 12.
 *
 *   npm run image -- FOLDER [--dist FOLDER] [--push REGISTRY/NAME:TAG] [--plain-http]
 *   npm run image -- --fetch-base | --renew-base
 *
 * `--dist` takes a build that is there. `--fetch-base` only downloads the packages of Debian into the
 * user's cache; `--renew-base` pins the newest.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { assembleImage } from './image/assemble-image.ts';
import { debianRelease, fetchDebianPackages, findNewestPackages } from './image/debian-packages.ts';
import { pushImage, readPushReference } from './image/push-image.ts';

const root = path.dirname(import.meta.dirname);
const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

try {
  await main();
} catch (thrown) {
  console.error(`image: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
  process.exitCode = 1;
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      dist: { type: 'string' },
      push: { type: 'string' },
      'plain-http': { type: 'boolean' },
      'fetch-base': { type: 'boolean' },
      'renew-base': { type: 'boolean' },
    },
  });
  if (values['renew-base'] === true) return renewBase();
  if (values['fetch-base'] === true) return void fetchDebianPackages();
  if (values.push !== undefined) readPushReference(values.push);
  const [folder] = positionals;
  if (folder === undefined) throw new Error('name the folder of the image layout: npm run image -- FOLDER');
  const made = values.dist === undefined ? mkdtempSync(path.join(tmpdir(), 'plimsoll-image-')) : null;
  try {
    const image = await assembleImage(values.dist ?? build(path.join(made ?? '', 'dist')), path.resolve(folder));
    for (const { name, descriptor, unpackedBytes } of image.layers) {
      console.log(`${name}: ${megabytes(descriptor.size)}, unpacked ${megabytes(unpackedBytes)}`);
    }
    const sum = (sizes: readonly number[]): string => megabytes(sizes.reduce((total, size) => total + size, 0));
    const [packed, unpacked] = [
      image.layers.map((each) => each.descriptor.size),
      image.layers.map((each) => each.unpackedBytes),
    ];
    console.log(`image: ${sum(packed)}, unpacked ${sum(unpacked)}`);
    console.log(`list of parts: ${image.sbom.manifest.descriptor.digest}`);
    console.log(`oci:${folder} ${image.manifest.descriptor.digest}`);
    if (values.push === undefined) return;
    const plainHttp = values['plain-http'] === true;
    console.log(await pushImage(path.resolve(folder), image, values.push, plainHttp, new AbortController().signal));
  } finally {
    if (made !== null) rmSync(made, { recursive: true });
  }
}

function build(dist: string): string {
  const done = spawnSync(process.execPath, [path.join(root, 'scripts', 'build.ts'), dist], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (done.status !== 0) throw new Error('the build failed: npm run build says why');
  return dist;
}

function renewBase(): void {
  const packages = findNewestPackages();
  const file = path.join(root, 'scripts', 'image', 'debian-packages.json');
  writeFileSync(file, `${JSON.stringify({ release: debianRelease, packages }, null, 2)}\n`);
  for (const { name, version } of packages) console.log(`${name} ${version}`);
}
