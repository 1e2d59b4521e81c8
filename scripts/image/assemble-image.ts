import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { isBundled } from '../build/bundled-packages.ts';
import { makeBaseLayer } from './base-layer.ts';
import { debianPackages, debianRelease } from './debian-packages.ts';
import { makeFile, type ImageEntry } from './image-entry.ts';
import { writeLayout, type PackedImage } from './image-layout.ts';
import { findNeededPackages, readInstalledPackages, type LockedPackages } from './npm-packages.ts';
import { makeSbom } from './sbom.ts';

const root = path.resolve(import.meta.dirname, '../..');
const programFolder = 'opt/plimsoll';
/** A file without an extension is CommonJS for Node.js. */
const starter = `#!/usr/bin/node\nimport('/${programFolder}/dist/plimsoll.mjs');\n`;

/**
 * Writes the image of Plimsoll for Linux on x64 into a folder. The same sources, packages and Node.js give the same digest.
 * @param dist what `npm run build` makes.
 * @throws Error that says what is missing.
 */
export async function assembleImage(dist: string, folder: string): Promise<PackedImage> {
  if (!existsSync(path.join(dist, 'plimsoll.mjs'))) throw new Error(`${dist} holds no build: npm run build`);
  const about = readJson('package.json') as { version: string; dependencies: Record<string, string> };
  const { packages } = readJson('package-lock.json') as { packages: LockedPackages };
  const outside = Object.keys(about.dependencies).filter((name) => !isBundled(name));
  const installed = findNeededPackages(packages, outside);
  const node = readNode();
  const licenses = ['cli', 'dashboard'].map((part) => readFileSync(path.join(dist, part, 'licenses.md'), 'utf8'));
  return writeLayout(folder, {
    version: about.version,
    layers: [
      { name: `Debian ${debianRelease}`, entries: makeBaseLayer() },
      { name: `Node.js ${node.version}`, entries: node.entries },
      { name: 'dependencies', entries: readInstalledPackages(root, installed, programFolder) },
      { name: `plimsoll ${about.version}`, entries: readProgram(dist) },
    ],
    sbom: makeSbom({
      version: about.version,
      debianRelease,
      debian: debianPackages,
      node,
      installed,
      licenses,
    }),
  });
}

const readJson = (name: string): unknown => JSON.parse(readFileSync(path.join(root, name), 'utf8')) as unknown;

/** The Node.js that the tests run, which npm installed. */
function readNode(): { version: string; sha256: string; entries: readonly ImageEntry[] } {
  const bytes = readFileSync(path.join(root, 'node_modules', '.bin', 'node'));
  const { version } = readJson('scripts/node/package.json') as { version: string };
  return {
    version,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    entries: [makeFile('usr/bin/node', () => bytes, true)],
  };
}

/** What npm publishes, and the command that starts it. */
function readProgram(dist: string): readonly ImageEntry[] {
  const published = [
    ...filesBelow(dist, 'dist'),
    ...filesBelow(path.join(root, 'schema'), 'schema'),
    ...['package.json', 'README.md', 'LICENSE'].map((name) => [name, path.join(root, name)] as const),
  ];
  return [
    makeFile('usr/bin/plimsoll', starter, true),
    ...published.map(([name, file]) => makeFile(`${programFolder}/${name}`, () => readFileSync(file))),
  ];
}

function filesBelow(folder: string, into: string): readonly (readonly [name: string, file: string])[] {
  return globSync('**/*', { cwd: folder })
    .filter((name) => statSync(path.join(folder, name)).isFile())
    .map((name) => [`${into}/${name.split(path.sep).join('/')}`, path.join(folder, name)] as const);
}
