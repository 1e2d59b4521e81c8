import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';

/** Pinned in keda-client/go.mod as well: another version lives in another folder. */
const kedaVersion = 'v2.18.1';
const source = path.join(import.meta.dirname, 'keda-client');
/** A changed client is built anew. */
const digest = createHash('sha256')
  .update(readFileSync(path.join(source, 'main.go')))
  .digest('hex')
  .slice(0, 12);
const folder = path.join(
  process.env['XDG_CACHE_HOME'] ?? path.join(homedir(), '.cache'),
  'plimsoll-test',
  `keda-client-${kedaVersion}-${digest}`,
);

/** A client of the generated code that KEDA publishes; it may be absent. */
export const kedaClient = path.join(folder, 'keda-client');

/** Builds it from Go modules, once; says why it could not be had. */
export function installKedaClient(say: (line: string) => void): boolean {
  if (existsSync(kedaClient)) return true;
  const env = { ...process.env, GOFLAGS: '-mod=mod', GOTOOLCHAIN: 'local', GOWORK: 'off' };
  const built = spawnSync('go', ['build', '-o', kedaClient, '.'], {
    cwd: source,
    env,
    encoding: 'utf8',
    timeout: 600_000,
  });
  if (built.status !== 0) say(`go: ${(built.stderr || String(built.error)).trim().slice(-500)}`);
  return built.status === 0;
}
