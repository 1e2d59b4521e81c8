import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import type { PeerRun } from './peer-worlds.ts';

/** Programs of PyPI, each with the version that is compared and the Pythons that it runs on. */
export const peers = [
  {
    name: 'evidently',
    packages: ['evidently==0.7.14', 'pandas==2.2.3'],
    pythons: ['python3.11', 'python3.12', 'python3'],
  },
  {
    name: 'nannyml',
    packages: ['nannyml==0.13.1', 'statsmodels==0.15.0', 'pandas==2.3.3'],
    pythons: ['python3.11', 'python3.12', 'python3'],
  },
  // The last version under the Apache licence; it installs on Python 3.10 at most.
  { name: 'alibi-detect', packages: ['alibi-detect==0.11.4', 'scipy==1.11.4'], pythons: ['python3.10', 'python3.9'] },
  { name: 'river', packages: ['river==0.22.0'], pythons: ['python3.11', 'python3.12', 'python3'] },
] as const;

export type Peer = (typeof peers)[number];

export interface PeerScore {
  /** Larger for more drift. */
  readonly score: number;
  /** What the program decides by its defaults. */
  readonly alarm: boolean;
}

/** The scores of a peer for each window of each run, or why there are none. */
export function scoreByPeer(
  peer: Peer,
  runs: readonly PeerRun[],
  say: (line: string) => void,
): readonly (readonly PeerScore[])[] | string {
  const python = findPython(peer, say);
  if (!existsSync(python)) return python;
  const run = spawnSync(python, [path.join(import.meta.dirname, 'peers.py'), peer.name], {
    input: JSON.stringify(runs),
    encoding: 'utf8',
    maxBuffer: 512 * 1024 * 1024,
    timeout: 1_200_000,
  });
  if (run.status !== 0) return `it failed: ${(run.stderr || String(run.error)).trim().slice(-300)}`;
  return JSON.parse(run.stdout);
}

/** The Python of a virtual environment in the user's cache, made once; or why there is none. */
function findPython({ name, packages, pythons }: Peer, say: (line: string) => void): string {
  const cache = process.env['XDG_CACHE_HOME'] ?? path.join(homedir(), '.cache');
  const folder = path.join(cache, 'plimsoll-bench', 'drift-peers', name);
  const python = path.join(folder, 'bin', 'python');
  if (existsSync(python)) return python;
  const found = pythons.find((each) => spawnSync(each, ['--version']).status === 0);
  if (found === undefined) return `none of ${pythons.join(', ')} is here`;
  say(`installing ${packages.join(' ')} into ${folder} (once)`);
  mkdirSync(path.dirname(folder), { recursive: true });
  for (const [program, args] of [
    [found, ['-m', 'venv', folder]],
    [python, ['-m', 'pip', 'install', '--quiet', '--no-input', ...packages]],
  ] as const) {
    const run = spawnSync(program, args, { encoding: 'utf8', timeout: 1_800_000 });
    if (run.status === 0) continue;
    rmSync(folder, { recursive: true, force: true });
    return `${packages.join(' ')} cannot be had: ${(run.stderr || String(run.error)).trim().slice(-300)}`;
  }
  return python;
}
