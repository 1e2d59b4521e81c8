import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { goVersion } from '../build/binaries.ts';

const module = path.join(import.meta.dirname, 'module');
const cache = path.join(process.env['XDG_CACHE_HOME'] ?? path.join(homedir(), '.cache'), 'plimsoll', 'helm');
const buildLimitMs = 1_800_000;

/** The variable by which the tests of the chart are told where helm is. */
export const helmVariable = 'PLIMSOLL_TEST_HELM';

/**
 * Builds helm from its Go module with pinned checksums, about five minutes of processor time, once.
 * @returns the program; null with the reason told where it cannot be built.
 */
export async function buildHelm(say: (line: string) => void): Promise<string | null> {
  if (goVersion() === '') {
    say('NO HELM HERE: Go is missing; every test of the chart that needs helm is skipped');
    return null;
  }
  const program = path.join(cache, digestOfModule(), 'helm');
  if (existsSync(program)) return program;
  say('building helm');
  const unfinished = path.join(cache, `helm.${process.pid}`);
  const words = await goBuild(unfinished);
  if (words !== null) {
    say(`NO HELM HERE: go build failed (${words}); every test of the chart that needs helm is skipped`);
    return null;
  }
  mkdirSync(path.dirname(program), { recursive: true });
  renameSync(unfinished, program);
  rmSync(compileCache, { recursive: true, force: true });
  return program;
}

const compileCache = path.join(cache, 'compile');

function digestOfModule(): string {
  const hash = createHash('sha256').update(goVersion());
  for (const name of ['go.mod', 'go.sum']) hash.update(readFileSync(path.join(module, name)));
  return hash.digest('hex').slice(0, 16);
}

/** Null when it went well, else the last words of Go. */
async function goBuild(output: string): Promise<string | null> {
  const args = ['-n', '19', 'go', 'build', '-trimpath', '-ldflags', '-s -w', '-o', output, 'helm.sh/helm/v3/cmd/helm'];
  const env = {
    ...process.env,
    CGO_ENABLED: '0',
    GOCACHE: compileCache,
    GOFLAGS: '-buildvcs=false',
    GOTOOLCHAIN: 'local',
    GOWORK: 'off',
  };
  const child = spawn('nice', args, { cwd: module, env, timeout: buildLimitMs, stdio: ['ignore', 'ignore', 'pipe'] });
  let words = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (words = (words + text).slice(-1_000)));
  const status = await new Promise<number | string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(code ?? signal ?? 'ended'));
  });
  return status === 0 ? null : `${status}: ${words.trim().split('\n').slice(-3).join(' ')}`;
}
