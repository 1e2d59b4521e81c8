import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { ownProgramVariable } from '../src/testing/rigs/own-program-variable.ts';
import { keepCompiled } from './keep-compiled.ts';

const root = path.dirname(import.meta.dirname);
const builds = path.join(root, 'node_modules', '.cache', 'plimsoll-builds');
/** What the program is made of, and what makes it. */
const sources = [
  '{src,dashboard,schema}/**/*.{ts,tsx,js,json,css,html,svg,proto}',
  'scripts/{build.ts,build/*.ts}',
  'examples/digits/plimsoll.{yaml,lock}',
  'package{,-lock}.json',
];
const keptMs = 24 * 3_600_000;

/**
 * Builds the command line as it is published, and tells the tests where it is: a start of it takes half of the time and
 * of the processor that a start of the sources takes. Each build lies in a folder that is named by the digest of its
 * sources. So tests never run a build of other sources, and a build that is there is whole.
 */
export default function buildProgramOnce(): void {
  keepCompiled(path.dirname(builds));
  const folder = path.join(builds, digestOfSources());
  if (!existsSync(folder)) buildInto(folder);
  process.env[ownProgramVariable] = path.join(folder, 'plimsoll.mjs');
}

function digestOfSources(): string {
  const hash = createHash('sha256').update(process.version);
  const names = globSync(sources, { cwd: root, exclude: ['**/node_modules/**', '**/dist/**', '**/*.test.ts'] });
  for (const name of names.sort()) {
    hash.update(`${name}\0`);
    hash.update(readFileSync(path.join(root, name))).update('\0');
  }
  return hash.digest('hex').slice(0, 16);
}

function buildInto(folder: string): void {
  removeOldBuilds();
  const unfinished = `${folder}.${process.pid}`;
  const build = spawnSync(process.execPath, [path.join(root, 'scripts', 'build.ts'), unfinished], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (build.status !== 0) throw new Error(`the command line could not be built: \`npm run build\` says why`);
  // Whoever was faster built the same.
  if (existsSync(folder)) rmSync(unfinished, { recursive: true });
  else renameSync(unfinished, folder);
}

/** Builds of other sources, which nobody runs any more, and what a build that was killed left. */
function removeOldBuilds(): void {
  mkdirSync(builds, { recursive: true });
  for (const name of readdirSync(builds)) {
    const folder = path.join(builds, name);
    if (Date.now() - statSync(folder).mtimeMs > keptMs) rmSync(folder, { recursive: true, force: true });
  }
}
