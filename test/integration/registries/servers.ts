import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';

export type Installed =
  { readonly kind: 'installed'; readonly bin: string } | { readonly kind: 'missing'; readonly why: string };

const requirements = path.join(import.meta.dirname, 'requirements.txt');
/** The newest release of the command of the ORAS project when this was written. */
const orasVersion = 'v1.3.6';

const cacheFolder = (): string =>
  path.join(process.env['XDG_CACHE_HOME'] ?? path.join(homedir(), '.cache'), 'plimsoll-test');

/** A virtual environment in the user's cache, outside the repository; other requirements are another folder. */
function pythonFolder(): string {
  const digest = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12);
  return path.join(cacheFolder(), `registries-${digest}`);
}

/** MLflow and moto. Installs nothing. */
export function findPythonServers(): Installed {
  const folder = pythonFolder();
  if (existsSync(path.join(folder, 'installed'))) return { kind: 'installed', bin: path.join(folder, 'bin') };
  return { kind: 'missing', why: `the Python packages of ${path.basename(requirements)} are not in ${folder}` };
}

/** The `oras` command. Installs nothing. */
export function findOras(): Installed {
  const bin = path.join(cacheFolder(), `oras-${orasVersion}`);
  if (existsSync(path.join(bin, 'oras'))) return { kind: 'installed', bin };
  return { kind: 'missing', why: `oras ${orasVersion} is not in ${bin}` };
}

/** Installs MLflow and moto from PyPI, once: about 900 MB. */
export function installPythonServers(say: (line: string) => void): Installed {
  const found = findPythonServers();
  if (found.kind === 'installed') return found;
  const folder = pythonFolder();
  say(`installing MLflow and moto into ${folder} (once)`);
  mkdirSync(path.dirname(folder), { recursive: true });
  const why =
    failureOf('python3', ['-m', 'venv', folder]) ??
    failureOf(path.join(folder, 'bin/pip'), ['install', '--quiet', '--no-input', '--no-compile', '-r', requirements]);
  if (why !== null) return { kind: 'missing', why };
  writeFileSync(path.join(folder, 'installed'), '');
  return findPythonServers();
}

/** Builds `oras` from its Go module, once, where Go is there. */
export function installOras(say: (line: string) => void): Installed {
  const found = findOras();
  if (found.kind === 'installed') return found;
  const bin = path.join(cacheFolder(), `oras-${orasVersion}`);
  if (spawnSync('go', ['version']).status !== 0) return { kind: 'missing', why: 'Go is not installed' };
  say(`building oras ${orasVersion} into ${bin} (once)`);
  mkdirSync(bin, { recursive: true });
  const why = failureOf('go', ['install', `oras.land/oras/cmd/oras@${orasVersion}`], { GOBIN: bin });
  return why === null ? findOras() : { kind: 'missing', why };
}

function failureOf(file: string, args: readonly string[], env: Record<string, string> = {}): string | null {
  const run = spawnSync(file, args, { encoding: 'utf8', timeout: 900_000, env: { ...process.env, ...env } });
  if (run.status === 0) return null;
  return `${path.basename(file)} failed: ${(run.stderr || String(run.error)).trim().slice(-300)}`;
}
