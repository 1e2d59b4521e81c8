import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { makeFile, type ImageEntry } from './image-entry.ts';

/** A package of `package-lock.json`, as far as it is read here. */
export interface LockedPackage {
  readonly version: string;
  /** `sha512-` and base64. */
  readonly integrity?: string;
  readonly license?: string;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly libc?: readonly string[];
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

export type LockedPackages = Readonly<Record<string, LockedPackage>>;

/** A package at its place, `node_modules/a/node_modules/b`. */
export interface InstalledPackage {
  readonly place: string;
  readonly name: string;
  readonly locked: LockedPackage;
}

/** Only their install scripts ask for these, and no install script runs here. */
const ofInstallScripts: Readonly<Record<string, readonly string[]>> = {
  'onnxruntime-node': ['adm-zip', 'global-agent'],
};
/** Files that no program loads, and programs of other machines. */
const leftOut = [
  /\.(?:map|ts|mts|cts|markdown)$/,
  /(?<!licen[cs]e|notice|copying)\.md$/i,
  /^node_modules\/onnxruntime-node\/(?:script\/|bin\/napi-v\d+\/(?!linux\/x64\/))/,
  /^node_modules\/@koromix\/koffi-linux-x64\/musl_x64\//,
  /^node_modules\/bare-[^/]+\/prebuilds\//,
  /^node_modules\/(?:@[^/]+\/)?[^/]+\/(?:__tests__|benchmarks?|docs?|examples?|tests?)\//,
];

/**
 * The packages that these dependencies need on Linux on x64 with glibc, by the rules of Node for finding a package. Peers
 * count where the lock has them.
 * @throws Error for a dependency that the lock lacks.
 */
export function findNeededPackages(
  locked: LockedPackages,
  dependencies: readonly string[],
): readonly InstalledPackage[] {
  const found = new Map<string, InstalledPackage>();
  const visit = (name: string, from: string, isOptional: boolean): void => {
    const place = findPlace(locked, name, from);
    const entry = place === null ? undefined : locked[place];
    if (place === null || entry === undefined) {
      if (isOptional) return;
      throw new Error(
        `package-lock.json has no ${name}, which ${from === '' ? 'package.json' : from} needs: npm install`,
      );
    }
    if (found.has(place) || !runsHere(entry)) return;
    found.set(place, { place, name, locked: entry });
    const idle = ofInstallScripts[name] ?? [];
    for (const each of Object.keys(entry.dependencies ?? {})) if (!idle.includes(each)) visit(each, place, false);
    for (const each of Object.keys({ ...entry.optionalDependencies, ...entry.peerDependencies }))
      visit(each, place, true);
  };
  for (const name of dependencies) visit(name, '', false);
  return [...found.values()].sort((a, b) => (a.place < b.place ? -1 : 1));
}

function findPlace(locked: LockedPackages, name: string, from: string): string | null {
  for (let above = from; ; above = above.slice(0, Math.max(0, above.lastIndexOf('/node_modules/')))) {
    const place = above === '' ? `node_modules/${name}` : `${above}/node_modules/${name}`;
    if (locked[place] !== undefined) return place;
    if (above === '') return null;
  }
}

function runsHere({ os, cpu, libc }: LockedPackage): boolean {
  return (os?.includes('linux') ?? true) && (cpu?.includes('x64') ?? true) && (libc?.includes('glibc') ?? true);
}

/**
 * What is installed of the packages, as files below `into`.
 * @throws Error where another version is installed than the lock says.
 */
export function readInstalledPackages(
  root: string,
  packages: readonly InstalledPackage[],
  into: string,
): readonly ImageEntry[] {
  return packages.flatMap(({ place, locked }) => {
    const about = path.join(root, place, 'package.json');
    const version = existsSync(about) ? (JSON.parse(readFileSync(about, 'utf8')) as { version: string }).version : null;
    if (version !== locked.version) {
      throw new Error(`${place} is ${version ?? 'not there'}, and package-lock.json says ${locked.version}: npm ci`);
    }
    return readFiles(root, place, into);
  });
}

function readFiles(root: string, folder: string, into: string): readonly ImageEntry[] {
  return readdirSync(path.join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const at = `${folder}/${entry.name}`;
    // A package in a package is an entry of its own, if something needs it.
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : readFiles(root, at, into);
    if (!entry.isFile() || leftOut.some((pattern) => pattern.test(at))) return [];
    const file = path.join(root, at);
    return [makeFile(`${into}/${at}`, () => readFileSync(file), (statSync(file).mode & 0o111) !== 0)];
  });
}
