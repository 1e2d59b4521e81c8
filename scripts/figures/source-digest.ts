import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';

export interface SourceFile {
  readonly path: string;
  /** The name that git gives the content. */
  readonly blob: string;
}

/** One digest for a set of files, whatever their order: it moves when a file is changed, added, removed or renamed. */
export function digestOfFiles(files: readonly SourceFile[]): string {
  const lines = files.map(({ path, blob }) => `${path}\0${blob}\n`).sort();
  return `sha256:${createHash('sha256').update(lines.join('')).digest('hex')}`;
}

/** Tests and pages do not change what is measured. */
const counts = (path: string): boolean => !/\.(test\.ts|md|svg)$/.test(path);

/** Digests of many sets of tracked files as they are in the working tree; null outside a checkout of git. */
export function presentDigests(root: string, sets: ReadonlyMap<string, readonly string[]>): Map<string, string> | null {
  const files = new Map<string, readonly string[]>();
  try {
    for (const [id, sources] of sets) files.set(id, listed(root, sources));
  } catch {
    return null;
  }
  const all = [...new Set([...files.values()].flat())];
  const blobs = git(root, ['hash-object', '--stdin-paths'], `${all.join('\n')}\n`)
    .trim()
    .split('\n');
  const blobOf = new Map(all.map((path, at) => [path, blobs[at] ?? '']));
  return new Map(
    [...files].map(([id, paths]) => [id, digestOfFiles(paths.map((path) => ({ path, blob: blobOf.get(path) ?? '' })))]),
  );
}

/** Tracked files, without those that are deleted in the working tree. */
function listed(root: string, sources: readonly string[]): readonly string[] {
  const of = (...args: string[]): string[] =>
    git(root, ['ls-files', '-z', ...args, '--', ...sources])
      .split('\0')
      .filter((path) => path !== '' && counts(path));
  const deleted = new Set(of('--deleted'));
  return of().filter((path) => !deleted.has(path));
}

/** The commit that is checked out, with `+` behind it where one of these sources differs from it. */
export function presentCommit(root: string, sources: readonly string[]): string {
  const commit = git(root, ['rev-parse', '--short=7', 'HEAD']).trim();
  const changed = git(root, ['status', '--porcelain', '--untracked-files=no', '--', ...sources]).trim();
  return changed === '' ? commit : `${commit}+`;
}

function git(root: string, args: readonly string[], input = ''): string {
  return execFileSync('git', [...args], {
    cwd: root,
    input,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}
