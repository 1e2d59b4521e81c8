import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { FeatureProgram } from '../../core/contract/contract.ts';
import { makeFeatureRunner, type FeatureRunner } from './compute-features.ts';

let folder: string;
let runner: FeatureRunner | null = null;
beforeEach(async () => {
  folder = await realpath(await mkdtemp(path.join(tmpdir(), 'plimsoll-features-')));
});
afterEach(async () => {
  runner?.close();
  await rm(folder, { recursive: true });
});

const gives = { twice: 'number', word: 'category' } as const;
const module = (more: Partial<FeatureProgram> = {}): FeatureProgram => ({
  ...{ module: 'features.ts', files: [], gives, timeoutMs: 2_000 },
  ...more,
});
const lines = (count: number) => Array.from({ length: count }, (_, x) => JSON.stringify({ inputs: { x } }));

async function run(source: string, count = 3, withinMs = 30_000, program: FeatureProgram = module()) {
  await writeFile(path.join(folder, 'features.ts'), source);
  runner = makeFeatureRunner([program], folder, { PATH: process.env['PATH'] ?? '', SECRET: 'xyz' });
  return runner.compute(lines(count), withinMs);
}

it('runs a TypeScript module over more rows than are asked at once, and keeps it', async () => {
  const source = `let seen: number = 0;
export const features = ({ inputs }: { inputs: { x: number } }) => ({ twice: 2 * inputs.x, word: 'n' + (seen += 1) });`;
  const { rows, failures } = await run(source, 200);
  expect(failures).toEqual({});
  expect(rows).toHaveLength(200);
  expect(rows[199]).toEqual({ twice: 398, word: 'n200' });
  expect((await runner?.compute(lines(1), 5_000))?.rows[0]).toEqual({ twice: 0, word: 'n201' });
});

it.each([
  ['reads another file', `import { readFileSync } from 'node:fs'; readFileSync('/etc/hostname');`],
  ['writes', `import { writeFileSync } from 'node:fs'; writeFileSync('out', '1');`],
  ['starts a program', `import { execSync } from 'node:child_process'; execSync('true');`],
  ['starts a thread', `import { Worker } from 'node:worker_threads'; new Worker('0', { eval: true });`],
])('does not let a module that %s', async (_, source) => {
  const { rows, failures } = await run(`${source}\nexport const features = () => ({});`);
  expect(rows).toEqual([{}, {}, {}]);
  expect(failures['features.ts']).toMatch(/it ended with status 1/);
});

it('shows a module no variable of this process', async () => {
  const { rows } = await run(`export const features = () => ({ word: Object.keys(process.env).join() || 'none' });`, 1);
  expect(rows[0]?.['word']).toMatch(/^(none|__CF.*)$/);
});

it('ends a program that hangs, lets it rest, and keeps what it answered before', async () => {
  const source = `export const features = async ({ inputs }) => inputs.x === 2 ? new Promise((go) => setTimeout(go, 1e6)) : { twice: 1 };`;
  const begunMs = performance.now();
  const { rows, failures } = await run(source, 5, 60_000, module({ timeoutMs: 300 }));
  expect(rows).toEqual([{ twice: 1, word: null }, { twice: 1, word: null }, {}, {}, {}]);
  expect(failures['features.ts']).toContain('it gave no answer within 0.3 s');
  expect(performance.now() - begunMs).toBeLessThan(30_000);
  const again = await runner?.compute(lines(1), 60_000);
  expect(again).toEqual({ rows: [{}], failures });
});

it.each([
  ['throws', `export const features = () => { throw new Error('no such region'); };`, 'no such region'],
  ['exports nothing', `export const other = 1;`, 'exports no function named features'],
  ['is no program', `export const features = (`, 'it ended with status 1'],
  ['gives no object', `export const features = () => 3;`, 'it printed `3`, which is no JSON object'],
  [
    'leaks',
    `const kept = []; export const features = () => { for (;;) kept.push(new Array(1e6).fill(1.5)); };`,
    'it ended',
  ],
])('says why a module that %s is no program of features', async (_, source, because) => {
  const { rows, failures } = await run(source, 1, 30_000, module({ timeoutMs: 20_000 }));
  expect(Object.values(failures)[0]).toContain(because);
  expect(rows).toHaveLength(1);
});

it('takes no more rows from a program that printed more than one line for a row', async () => {
  await run(`export const features = () => (console.log('{}'), {});`, 1);
  await expect
    .poll(async () => (await runner?.compute(lines(1), 10_000))?.failures['features.ts'], { timeout: 10_000 })
    .toContain('it printed more lines than it was given');
});

it('does not wait longer than it is given', async () => {
  const source = `export const features = () => new Promise((go) => setTimeout(() => go({}), 200));`;
  const { failures } = await run(source, 50, 3_000, module({ timeoutMs: 10_000 }));
  expect(failures['features.ts']).toContain('too slow for the rows that come');
});

it('runs a command, and one program that fails leaves the other alone', async () => {
  await writeFile(path.join(folder, 'good.ts'), `export const features = () => ({ twice: 7 });`);
  const command = ['sh', '-c', 'while read -r line; do echo "{\\"word\\":\\"$SECRET\\"}"; done'];
  const base = { files: [], timeoutMs: 2_000 };
  runner = makeFeatureRunner(
    [
      { ...base, command, gives: { word: 'category' } },
      { ...base, module: 'good.ts', gives: { twice: 'number' } },
      { ...base, command: ['/nowhere/program'], gives: { lost: 'number' } },
    ],
    folder,
    { PATH: process.env['PATH'] ?? '', SECRET: 'xyz' },
  );
  const { rows, failures } = await runner.compute(lines(2), 20_000);
  expect(rows).toEqual([
    { word: 'xyz', twice: 7 },
    { word: 'xyz', twice: 7 },
  ]);
  expect(Object.keys(failures)).toEqual(['/nowhere/program']);
  expect(failures['/nowhere/program']).toContain('it did not start');
});

const command = (script: string, more: Partial<FeatureProgram> = {}): FeatureProgram => ({
  ...{ command: ['sh', '-c', script], files: [], gives, timeoutMs: 1_000 },
  ...more,
});
const runCommand = (script: string, count = 2, withinMs = 20_000) => {
  runner = makeFeatureRunner([command(script)], folder, { PATH: process.env['PATH'] ?? '' });
  return runner.compute(lines(count), withinMs);
};

it.each([
  ['words', `while read -r line; do echo 'no JSON'; done`, 'it printed `no JSON`, which is no JSON object'],
  ['bytes that are no text', `while read -r line; do printf '\\377\\376\\000\\n'; done`, 'which is no JSON object'],
  ['a list', `while read -r line; do echo '[{"twice":1}]'; done`, 'which is no JSON object'],
  ['half a line', `read -r line; printf '{"twice":'; exit 0`, 'it ended with status 0'],
  ['a line without an end', `head -c 3000000000 /dev/zero | tr '\\0' x`, 'it printed too much'],
  ['answers without an end', `yes '{"twice":1}'`, 'it printed more lines than it was given'],
])('a command that prints %s is told, and gives no value', async (_, script, because) => {
  const before = process.memoryUsage().rss;
  const { rows, failures } = await runCommand(script);
  expect(Object.values(failures)[0]).toContain(because);
  expect(rows).toHaveLength(2);
  expect(rows.flatMap((row) => Object.values(row)).filter((value) => value !== 1 && value !== null)).toEqual([]);
  expect(process.memoryUsage().rss - before).toBeLessThan(256 * 1024 * 1024);
});

it('takes no value of another kind, and none that nobody asked for', async () => {
  const answer = '{"twice":"many","word":{"a":1},"extra":1,"__proto__":{"twice":5},"constructor":2}';
  const { rows, failures } = await runCommand(`while read -r line; do echo '${answer}'; done`);
  expect(failures).toEqual({});
  expect(rows).toEqual([
    { twice: null, word: null },
    { twice: null, word: null },
  ]);
});

it('ends a command that hangs and what it started, also where it ignores that it is to end', async () => {
  const hangs = `trap '' TERM INT HUP; sleep 1e6 & echo $! > child; read -r line; echo '{"twice":1}'; while :; do wait; done`;
  const { rows, failures } = await runCommand(hangs);
  expect(rows).toEqual([{ twice: 1, word: null }, {}]);
  expect(Object.values(failures)[0]).toContain('it gave no answer within');
  const child = Number(await readFile(path.join(folder, 'child'), 'utf8'));
  await expect.poll(() => isRunning(child), { timeout: 10_000 }).toBe(false);
});

it('keeps nothing of what a command prints while nobody asks it, and ends it', async () => {
  const script = `read -r line; echo '{"twice":1}'; echo $$ > self; read -r go < go; exec yes xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx`;
  execFileSync('mkfifo', [path.join(folder, 'go')]);
  const { rows } = await runCommand(script, 1);
  expect(rows).toEqual([{ twice: 1, word: null }]);
  const before = process.memoryUsage().rss;
  await writeFile(path.join(folder, 'go'), 'go\n');
  const self = Number(await readFile(path.join(folder, 'self'), 'utf8'));
  await expect.poll(() => isRunning(self), { timeout: 10_000 }).toBe(false);
  expect(process.memoryUsage().rss - before).toBeLessThan(256 * 1024 * 1024);
  expect(Object.values((await runner?.compute(lines(1), 5_000))?.failures ?? {})[0]).toContain('it printed more lines');
});

function isRunning(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
