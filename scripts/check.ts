/**
 * Everything that can be said about the sources without running them. Runs all steps, also after one fails, and names
 * the failing ones at the end.
 *
 *   npm run check [-- STEP...]
 */
import { spawnSync } from 'node:child_process';
import path from 'node:path';

const root = path.dirname(import.meta.dirname);
const tool = (file: string, ...args: string[]): readonly string[] => [path.join('node_modules', file), ...args];
const types = (project: string): readonly string[] => tool('typescript/bin/tsc', '-p', project);

const steps: readonly (readonly [name: string, command: readonly string[]])[] = [
  ['format', tool('prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.')],
  ['lint', tool('eslint/bin/eslint.js', '.')],
  ['types core', types('tsconfig.core.json')],
  ['types wire', types('tsconfig.wire.json')],
  ['types node', types('tsconfig.json')],
  ['types dashboard', types('dashboard/tsconfig.json')],
  ['layer rules', ['scripts/layer-rules.ts']],
  ['dead code', tool('knip/bin/knip.js')],
  ['generated files', ['scripts/generate.ts', '--check']],
  ['figures', ['scripts/figures.ts']],
];

const wanted = process.argv.slice(2);
const failed: string[] = [];
let passed = 0;
for (const [name, command] of steps) {
  if (wanted.length > 0 && !wanted.some((word) => name.includes(word))) continue;
  const startedMs = performance.now();
  const run = spawnSync(process.execPath, command, { cwd: root, stdio: 'inherit' });
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  if (run.status === 0) passed += 1;
  else failed.push(name);
  console.log(`${run.status === 0 ? 'ok  ' : 'FAIL'} ${name} (${seconds} s)`);
}
if (failed.length > 0) console.log(`failed: ${failed.join(', ')}`);
console.log(`check: ${passed} passed, ${failed.length} failed`);
process.exit(failed.length === 0 ? 0 : 1);
