/**
 * Runs one tier of tests: `unit` (default; needs nothing but npm packages), `integration` (real servers),
 * `e2e` (real browser), `faults` (kills, full disks, hostile clients).
 *
 *   node scripts/test.ts [unit|integration|e2e|faults] [vitest arguments]
 */
import { spawnSync } from 'node:child_process';
import path from 'node:path';

const tiers = ['unit', 'integration', 'e2e', 'faults'];
const [first = 'unit', ...rest] = process.argv.slice(2);
const tier = tiers.includes(first) ? first : 'unit';
const vitestArguments = tiers.includes(first) ? rest : process.argv.slice(2);
const root = path.dirname(import.meta.dirname);
const run = spawnSync(
  process.execPath,
  [path.join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--project', tier, ...vitestArguments],
  { cwd: root, stdio: 'inherit' },
);
process.exit(run.status ?? 1);
