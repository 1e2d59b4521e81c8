import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';

export type Installed =
  { readonly kind: 'installed'; readonly bin: string } | { readonly kind: 'missing'; readonly why: string };

const requirements = path.join(import.meta.dirname, 'requirements.txt');

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

/** A command that is built from its Go module. */
interface GoCommand {
  readonly name: string;
  readonly module: string;
  /** The newest release of the command when this was written. */
  readonly version: string;
}

const oras: GoCommand = { name: 'oras', module: 'oras.land/oras/cmd/oras', version: 'v1.3.6' };
const cosign: GoCommand = { name: 'cosign', module: 'github.com/sigstore/cosign/v2/cmd/cosign', version: 'v2.6.1' };

/** The `oras` command. Installs nothing. */
export const findOras = (): Installed => findGoCommand(oras);
/** The `cosign` command. Installs nothing. */
export const findCosign = (): Installed => findGoCommand(cosign);

function findGoCommand({ name, version }: GoCommand): Installed {
  const bin = path.join(cacheFolder(), `${name}-${version}`);
  if (existsSync(path.join(bin, name))) return { kind: 'installed', bin };
  return { kind: 'missing', why: `${name} ${version} is not in ${bin}` };
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
export const installOras = (say: (line: string) => void): Installed => installGoCommand(oras, say);
/** Builds `cosign` likewise. */
export const installCosign = (say: (line: string) => void): Installed => installGoCommand(cosign, say);

function installGoCommand(command: GoCommand, say: (line: string) => void): Installed {
  const found = findGoCommand(command);
  if (found.kind === 'installed') return found;
  const { name, module, version } = command;
  const bin = path.join(cacheFolder(), `${name}-${version}`);
  if (spawnSync('go', ['version']).status !== 0) return { kind: 'missing', why: 'Go is not installed' };
  say(`building ${name} ${version} into ${bin} (once)`);
  mkdirSync(bin, { recursive: true });
  const why = failureOf('go', ['install', `${module}@${version}`], { GOBIN: bin });
  return why === null ? findGoCommand(command) : { kind: 'missing', why };
}

function failureOf(file: string, args: readonly string[], env: Record<string, string> = {}): string | null {
  const run = spawnSync(file, args, { encoding: 'utf8', timeout: 900_000, env: { ...process.env, ...env } });
  if (run.status === 0) return null;
  return `${path.basename(file)} failed: ${(run.stderr || String(run.error)).trim().slice(-300)}`;
}
