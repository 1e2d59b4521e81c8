import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';

export type PythonEnvironment =
  { readonly kind: 'installed'; readonly python: string } | { readonly kind: 'missing'; readonly why: string };

/** A virtual environment in the user's cache, outside the repository; other requirements are another folder. */
function folderOf(name: string, requirements: readonly string[]): string {
  const cache = process.env['XDG_CACHE_HOME'] ?? path.join(homedir(), '.cache');
  const hash = createHash('sha256');
  for (const file of requirements) hash.update(readFileSync(file));
  const digest = hash.digest('hex').slice(0, 12);
  return path.join(cache, 'plimsoll-test', `${name}-${digest}`);
}

/** Installs nothing. @param requirements absolute paths of requirements.txt files with pinned versions. */
export function findPythonEnvironment(name: string, requirements: readonly string[]): PythonEnvironment {
  const folder = folderOf(name, requirements);
  if (existsSync(path.join(folder, 'installed'))) {
    return { kind: 'installed', python: path.join(folder, 'bin/python') };
  }
  return { kind: 'missing', why: `the Python packages for ${name} are not in ${folder}` };
}

/**
 * Installs the packages from PyPI, once. Python compiles a module when it is first imported: to compile all of them
 * takes longer than to unpack them.
 */
export function installPythonEnvironment(
  name: string,
  requirements: readonly string[],
  say: (line: string) => void,
): PythonEnvironment {
  const found = findPythonEnvironment(name, requirements);
  if (found.kind === 'installed') return found;
  const folder = folderOf(name, requirements);
  say(`installing ${name} into ${folder} (once)`);
  mkdirSync(path.dirname(folder), { recursive: true });
  const steps: readonly (readonly [string, readonly string[]])[] = [
    ['python3', ['-m', 'venv', folder]],
    [
      path.join(folder, 'bin/pip'),
      ['install', '--quiet', '--no-input', '--no-compile', ...requirements.flatMap((file) => ['-r', file])],
    ],
  ];
  for (const [file, args] of steps) {
    const run = spawnSync(file, args, { encoding: 'utf8', timeout: 600_000 });
    if (run.status !== 0) {
      const why = (run.stderr || String(run.error)).trim().slice(-300);
      return { kind: 'missing', why: `${path.basename(file)} failed: ${why}` };
    }
  }
  writeFileSync(path.join(folder, 'installed'), '');
  return findPythonEnvironment(name, requirements);
}
