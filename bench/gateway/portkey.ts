import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePort, startListening, type Program } from './program.ts';

const version = '1.15.2';

/** Fetches `@portkey-ai/gateway` once into a temporary folder. Null when npm cannot. */
export function fetchPortkey(): string | null {
  const folder = path.join(tmpdir(), `plimsoll-bench-portkey-${version}`);
  const entry = path.join(folder, 'node_modules', '@portkey-ai', 'gateway', 'build', 'start-server.js');
  if (existsSync(entry)) return entry;
  mkdirSync(folder, { recursive: true });
  const quiet = ['--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'];
  spawnSync('npm', ['install', '--prefix', folder, ...quiet, `@portkey-ai/gateway@${version}`], {
    stdio: ['ignore', 2, 2],
  });
  return existsSync(entry) ? entry : null;
}

export async function startPortkey(entry: string): Promise<Program> {
  const port = await freePort();
  const loopbackOnly = path.join(import.meta.dirname, 'loopback-only.mjs');
  const args = ['--import', loopbackOnly, entry, `--port=${port}`, '--headless'];
  return startListening(process.execPath, args, port, { NODE_ENV: 'production' });
}
