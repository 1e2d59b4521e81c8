import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { makeFile, makeLink, type ImageEntry } from './image-entry.ts';
import pinned from './debian-packages.json' with { type: 'json' };

export interface DebianPackage {
  readonly name: string;
  readonly version: string;
  /** Of the package file, in hexadecimal digits. */
  readonly sha256: string;
}

export const debianRelease = pinned.release;
export const debianPackages: readonly DebianPackage[] = pinned.packages;
/** What the image takes of each package: libraries, the name of the release, and the texts of licenses. */
const taken =
  /^(?:usr\/lib\/x86_64-linux-gnu\/[^/]+\.so[^/]*|usr\/lib64\/[^/]+|usr\/lib\/os-release|usr\/share\/doc\/[^/]+\/copyright)$/;
const neverTaken = /\/lib(?:c_malloc_debug|memusage|pcprofile|thread_db)\.so/;
const merged = ['bin', 'lib', 'lib64', 'sbin'];
const cache = path.join(process.env['XDG_CACHE_HOME'] ?? path.join(homedir(), '.cache'), 'plimsoll', 'image');

/**
 * The pinned packages as files of a cache, each with its digest checked. What is not there is downloaded by apt.
 * @throws Error that names the package and the next step.
 */
export function fetchDebianPackages(): readonly { readonly from: DebianPackage; readonly file: string }[] {
  return debianPackages.map((from) => ({ from, file: fetchPackage(from) }));
}

function fetchPackage({ name, version, sha256 }: DebianPackage): string {
  const file = path.join(cache, `${sha256}.deb`);
  if (existsSync(file) && sha256Of(file) === sha256) return file;
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(path.join(cache, 'download-'));
  try {
    const done = spawnSync('apt-get', ['download', `${name}:amd64=${version}`], { cwd: folder, encoding: 'utf8' });
    const [downloaded] = readdirSync(folder);
    if (done.status !== 0 || downloaded === undefined) throw notToBeHad(name, version, done.stderr ?? '');
    const found = sha256Of(path.join(folder, downloaded));
    if (found !== sha256) throw new Error(`${name} ${version} has the digest ${found}, and ${sha256} is pinned`);
    renameSync(path.join(folder, downloaded), file);
  } finally {
    rmSync(folder, { recursive: true });
  }
  return file;
}

function notToBeHad(name: string, version: string, words: string): Error {
  const said = words.trim().split('\n').slice(-1).join('');
  return new Error(
    `apt-get cannot download ${name} ${version} (${said || 'is apt-get there?'}); ` +
      'next: apt-get update, and where Debian has a newer version, node scripts/image.ts --renew-base',
  );
}

const sha256Of = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex');

/** Entries of a package file, below `usr` as Debian has them since release 12. */
export function readDebianPackage(file: string, { name }: DebianPackage): readonly ImageEntry[] {
  const folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-deb-'));
  try {
    demand('dpkg-deb', ['-x', file, folder]);
    const control = demand('dpkg-deb', ['-f', file]);
    // Scanners read what is installed here, where a package manager is missing.
    return [...readFolder(folder, ''), makeFile(`var/lib/dpkg/status.d/${name}`, control)];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function readFolder(root: string, below: string): readonly ImageEntry[] {
  return readdirSync(path.join(root, below)).flatMap((name) => {
    const at = below === '' ? name : `${below}/${name}`;
    const file = path.join(root, at);
    const stat = lstatSync(file);
    if (stat.isDirectory()) return readFolder(root, at);
    const place = merged.includes(at.split('/')[0] ?? '') ? `usr/${at}` : at;
    if (!taken.test(place) || neverTaken.test(place)) return [];
    if (stat.isSymbolicLink()) return [makeLink(place, readlinkSync(file))];
    const bytes = readFileSync(file);
    return [makeFile(place, () => bytes, (stat.mode & 0o111) !== 0)];
  });
}

function demand(program: string, args: readonly string[]): string {
  const done = spawnSync(program, args, { encoding: 'utf8' });
  if (done.status === 0) return done.stdout;
  throw new Error(`${program} ${args[0]} failed: ${(done.stderr || String(done.error)).trim()}`);
}

/** The newest version of each package that apt knows. */
export function findNewestPackages(): readonly DebianPackage[] {
  return debianPackages.map(({ name }) => {
    const shown = demand('apt-cache', ['show', '--no-all-versions', `${name}:amd64`]);
    const field = (key: string): string => new RegExp(`^${key}: (.*)$`, 'm').exec(shown)?.[1] ?? '';
    return { name, version: field('Version'), sha256: field('SHA256') };
  });
}
