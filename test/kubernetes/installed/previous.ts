import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ownProgramVariable } from '../../../src/testing/rigs/own-program-variable.ts';
import version from './previous/version.json' with { type: 'json' };

const root = path.resolve(import.meta.dirname, '../../..');
const builds = path.join(root, 'node_modules', '.cache', 'plimsoll-builds');

export const previousVersion: { readonly commit: string; readonly schemaVersion: number } = version;

/** What a version of Plimsoll is installed from. */
export interface BuiltVersion {
  /** The command line. */
  readonly program: string;
  readonly chart: string;
  /** OCI layout of its image, and the digest of the image in it. */
  readonly layout: string;
  readonly digest: string;
}

/** Why the version before this one cannot be built; null where it can. */
export function missingPrevious(): string | null {
  const { status } = spawnSync('git', ['cat-file', '-e', `${version.commit}^{commit}`], { cwd: root });
  return status === 0 ? null : `this clone has no commit ${version.commit}: git fetch --unshallow`;
}

/** Builds it from the sources of its commit, where that was not done yet. @throws Error that says what failed. */
export function buildPrevious(): BuiltVersion {
  const folder = path.join(builds, `previous-${version.commit.slice(0, 16)}`);
  if (!existsSync(folder)) {
    mkdirSync(builds, { recursive: true });
    const unfinished = mkdtempSync(`${folder}.`);
    // Node.js runs no TypeScript below node_modules.
    const sources = mkdtempSync(path.join(tmpdir(), 'plimsoll-previous-'));
    try {
      run('bash', ['-c', `set -o pipefail; git archive ${version.commit} | tar -x -C ${sources}`], root);
      linkPackages(path.join(sources, 'node_modules'));
      run(process.execPath, ['scripts/build.ts', path.join(unfinished, 'dist')], sources);
      layOut(sources, path.join(unfinished, 'dist'), path.join(unfinished, 'image'));
      cpSync(path.join(sources, 'deploy', 'chart'), path.join(unfinished, 'chart'), { recursive: true });
    } finally {
      rmSync(sources, { recursive: true, force: true });
    }
    if (existsSync(folder)) rmSync(unfinished, { recursive: true });
    else renameSync(unfinished, folder);
  }
  const program = path.join(folder, 'dist', 'plimsoll.mjs');
  return { program, chart: path.join(folder, 'chart'), ...imageIn(path.join(folder, 'image')) };
}

/** The packages of this checkout, and the same Node.js under the name that the version before has for it. */
function linkPackages(folder: string): void {
  const packages = path.join(root, 'node_modules');
  mkdirSync(folder);
  for (const name of readdirSync(packages)) {
    if (name !== 'node') symlinkSync(path.join(packages, name), path.join(folder, name));
  }
  symlinkSync(path.resolve(realpathSync(path.join(packages, '.bin', 'node')), '../..'), path.join(folder, 'node'));
}

/** This version, as `test/build-program.ts` built it. @throws Error that says what failed. */
export function buildPresent(): BuiltVersion {
  const program = process.env[ownProgramVariable] ?? '';
  const layout = `${path.dirname(program)}.image`;
  if (!existsSync(layout)) {
    const unfinished = mkdtempSync(`${layout}.`);
    layOut(root, path.dirname(program), path.join(unfinished, 'image'));
    renameSync(path.join(unfinished, 'image'), layout);
    rmSync(unfinished, { recursive: true });
  }
  return { program, chart: path.join(root, 'deploy', 'chart'), ...imageIn(layout) };
}

function layOut(sources: string, dist: string, layout: string): void {
  run(process.execPath, ['scripts/image.ts', layout, '--dist', dist], sources);
}

function imageIn(layout: string): Pick<BuiltVersion, 'layout' | 'digest'> {
  const { manifests } = JSON.parse(readFileSync(path.join(layout, 'index.json'), 'utf8')) as {
    manifests: readonly { readonly digest: string; readonly artifactType?: string }[];
  };
  return { layout, digest: manifests.find(({ artifactType }) => artifactType === undefined)?.digest ?? '' };
}

function run(file: string, args: readonly string[], cwd: string): void {
  const { status, stderr } = spawnSync(file, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe'] });
  if (status !== 0) throw new Error(`${file} ${args.join(' ')} ended with ${status}: ${stderr.slice(-2_000)}`);
}
