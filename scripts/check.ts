/**
 * Everything that can be said about the sources without running them. Runs all steps, as many side by side as there are
 * cores, also after one fails, and names the failing ones at the end.
 *
 *   npm run check [-- STEP...]
 */
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
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

/** Names of the steps that take longest. They start first, so that none of them is still running when all others are done. */
const longest = ['lint', 'types node', 'format'];

interface Ran {
  readonly name: string;
  readonly isPassed: boolean;
  readonly text: string;
}

async function runStep([name, command]: (typeof steps)[number]): Promise<Ran> {
  const startedMs = performance.now();
  const child = spawn(process.execPath, command, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (more: string) => (text += more));
  }
  const status = await new Promise<number | null>((resolve) => {
    child.once('error', (error) => {
      text += `${error.message}\n`;
      resolve(null);
    });
    child.once('close', resolve);
  });
  const isPassed = status === 0;
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  return { name, isPassed, text: `${text}${isPassed ? 'ok  ' : 'FAIL'} ${name} (${seconds} s)` };
}

const wanted = process.argv.slice(2);
const asked = steps.filter(([name]) => wanted.length === 0 || wanted.some((word) => name.includes(word)));
if (asked.length === 0) {
  console.error(`no such step; there are: ${steps.map(([name]) => name).join(', ')}`);
  process.exit(2);
}
const rank = ([name]: (typeof steps)[number]): number =>
  longest.includes(name) ? longest.indexOf(name) : longest.length;
const waiting = asked.toSorted((a, b) => rank(a) - rank(b));
const ran: Ran[] = [];
/** Each step uses one core: as many run side by side as there are cores. */
async function runWaiting(): Promise<void> {
  for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) {
    const done = await runStep(step);
    console.log(done.text);
    ran.push(done);
  }
}
await Promise.all(Array.from({ length: availableParallelism() }, runWaiting));

const failed = asked.map(([name]) => name).filter((name) => ran.some((step) => step.name === name && !step.isPassed));
if (failed.length > 0) console.log(`failed: ${failed.join(', ')}`);
console.log(`check: ${ran.length - failed.length} passed, ${failed.length} failed`);
process.exitCode = failed.length === 0 ? 0 : 1;
