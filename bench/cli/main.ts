/**
 * Start-up of the published command line against `node -e 0`: what every CI step and every shell prompt pays.
 * Rounds are interleaved, so that a busy moment of the machine falls on all of them alike.
 */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { median } from '../median.ts';

const root = path.dirname(path.dirname(import.meta.dirname));
const published = path.join(root, 'dist', 'plimsoll.mjs');
const example = path.join(root, 'examples', 'digits');

interface Contender {
  readonly name: string;
  readonly args: readonly string[];
  /** Exit statuses that count as having done the work. */
  readonly statuses: readonly number[];
  /** Largest ratio to `node -e 0` that is aimed at. */
  readonly aim?: number;
}

const contenders: readonly Contender[] = [
  { name: 'node -e 0', args: ['-e', '0'], statuses: [0] },
  { name: 'plimsoll --help', args: [published, '--help'], statuses: [0], aim: 2.5 },
  // An example that was never started has no golden blob and no state, which `check` does not need.
  {
    name: 'plimsoll check',
    args: [published, 'check', '--contract', path.join(example, 'plimsoll.yaml')],
    statuses: [0, 1, 3],
    aim: 4,
  },
];

function timeMs(contender: Contender): number {
  const startedMs = performance.now();
  const run = spawnSync(process.execPath, contender.args, { cwd: root, stdio: 'ignore' });
  if (!contender.statuses.includes(run.status ?? -1)) {
    throw new Error(`${contender.name} exited with ${run.status ?? run.signal}`);
  }
  return performance.now() - startedMs;
}

export async function main(argv: readonly string[]): Promise<number> {
  const rounds = 25;
  // Always: what an earlier build left is not of these sources.
  const build = spawnSync(process.execPath, [path.join(root, 'scripts', 'build.ts')], { stdio: ['ignore', 2, 2] });
  if (build.status !== 0) return 3;
  const samples = new Map(contenders.map((contender) => [contender.name, [] as number[]]));
  for (const contender of contenders) timeMs(contender); // fills the file and compile caches
  for (let round = 0; round < rounds; round += 1) {
    for (const contender of contenders) samples.get(contender.name)?.push(timeMs(contender));
  }
  const floorMs = median(samples.get('node -e 0') ?? []);
  const rows = contenders.map((contender) => {
    const medianMs = median(samples.get(contender.name) ?? []);
    return { name: contender.name, medianMs, ratioToNode: medianMs / floorMs, aim: contender.aim ?? null };
  });
  if (argv.includes('--json'))
    console.log(JSON.stringify({ bench: 'cli', node: process.version, rounds, rows }, null, 2));
  else {
    for (const row of rows) {
      const aim = row.aim === null ? '' : `  (aim: at most ${row.aim})`;
      console.log(
        `${row.name.padEnd(18)} ${row.medianMs.toFixed(1).padStart(7)} ms  ${row.ratioToNode.toFixed(2)} x${aim}`,
      );
    }
  }
  return rows.every((row) => row.aim === null || row.ratioToNode <= row.aim) ? 0 : 1;
}
