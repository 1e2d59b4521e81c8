import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';

/** Pinned: another version lives in another folder. */
const checkJsonschemaVersion = '0.39.0';
const actionlintVersion = 'v1.7.9';

const cache = path.join(process.env['XDG_CACHE_HOME'] ?? path.join(homedir(), '.cache'), 'plimsoll-test');
const python = path.join(cache, `check-jsonschema-${checkJsonschemaVersion}`);
const go = path.join(cache, `actionlint-${actionlintVersion}`);

/** The schemas of GitHub Actions and GitLab, as SchemaStore has them; null where it is not installed. */
export function checkJsonschema(): string | null {
  return present(path.join(python, 'bin/check-jsonschema'));
}

/** Null where it is not installed: it is built from Go modules. */
export function actionlint(): string | null {
  return present(path.join(go, 'actionlint'));
}

const present = (file: string): string | null => (existsSync(file) ? file : null);

/** Installs what is missing, once; says what could not be had. */
export function installCiLinters(say: (line: string) => void): boolean {
  const run = (program: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): boolean => {
    const done = spawnSync(program, args, { encoding: 'utf8', timeout: 600_000, env: { ...process.env, ...env } });
    if (done.status !== 0) say(`${program}: ${(done.stderr || String(done.error)).trim().slice(-300)}`);
    return done.status === 0;
  };
  mkdirSync(cache, { recursive: true });
  if (checkJsonschema() === null && run('python3', ['-m', 'venv', python])) {
    run(path.join(python, 'bin/pip'), [
      'install',
      '--quiet',
      '--no-input',
      `check-jsonschema==${checkJsonschemaVersion}`,
    ]);
  }
  if (actionlint() === null) {
    run('go', ['install', `github.com/rhysd/actionlint/cmd/actionlint@${actionlintVersion}`], { GOBIN: go });
  }
  return checkJsonschema() !== null && actionlint() !== null;
}
