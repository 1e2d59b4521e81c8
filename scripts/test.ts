/**
 * Runs one tier of tests: `unit` (default; needs nothing but npm packages), `integration` (real servers),
 * `e2e` (real browser), `faults` (kills, full disks, hostile clients), `kubernetes` (a real cluster, which it builds and
 * starts itself). The files of a tier run side by side, except those of `test/run-alone.ts`, which follow one by one.
 *
 *   node scripts/test.ts [unit|integration|e2e|faults|kubernetes] [vitest arguments]
 */
import { spawnSync } from 'node:child_process';
import path from 'node:path';

const tiers = ['unit', 'integration', 'e2e', 'faults', 'kubernetes'];
const [first = 'unit', ...rest] = process.argv.slice(2);
const tier = tiers.includes(first) ? first : 'unit';
const vitestArguments = tiers.includes(first) ? rest : process.argv.slice(2);
/** A tier is two projects of vitest.config.ts, but for the one whose files share a cluster. */
const others: Readonly<Record<string, readonly string[]>> = { unit: ['unit-replaced'], kubernetes: [] };
const projects = [tier, ...(others[tier] ?? [`${tier}-alone`])];
const root = path.dirname(import.meta.dirname);
const inCluster = tier === 'kubernetes' ? [path.join(root, 'test/kubernetes/run.ts'), process.execPath] : [];
const run = spawnSync(
  process.execPath,
  [
    ...inCluster,
    path.join(root, 'node_modules/vitest/vitest.mjs'),
    'run',
    ...projects.flatMap((project) => ['--project', project]),
    ...vitestArguments,
  ],
  { cwd: root, stdio: 'inherit' },
);
process.exit(run.status ?? 1);
