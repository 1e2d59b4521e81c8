import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { makeProcessTable } from '../../../src/adapters/processes/process-table/this-machine.ts';
import { readLock } from '../../../src/schemas/lock/lock.ts';
import { ownProgram } from '../../../src/testing/rigs/own-program.ts';
import { report, rounds, seed, seededRandom } from '../../rigs/seeded.ts';
import { rowOf, tinyModel } from '../../rigs/tiny-model.ts';

/**
 * `plimsoll evaluate` is interrupted, killed, and loses its replica, each at random moments of its work. Whatever happens,
 * the lock is untouched, nothing runs on, and the next run works.
 */
const table = makeProcessTable();
const random = seededRandom(seed);
const folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-evaluate-kills-'));
const stateFolder = path.join(folder, '.plimsoll');
const lockFile = path.join(folder, 'plimsoll.lock');
/** Some seconds of rows, so that a moment of the work is easily met. */
const rows = 60_000;
/** A run is a replica and some seconds: fewer rounds than a kill of something that runs on. */
const times = Math.max(3, Math.ceil(rounds / 5));

const contract = `apiVersion: plimsoll.dev/v1
service: tiny
code: { command: [plimsoll, serve-model] }
model: { name: tiny, version: "1" }
evaluation: { dataset: labelled, gates: [{ metric: accuracy, atLeast: 1% }] }
`;

interface Started {
  readonly child: ChildProcess;
  readonly over: Promise<number | null>;
  readonly said: () => string;
}
const started: Started[] = [];

function start(...words: readonly string[]): Started {
  const child = spawn(process.execPath, [ownProgram, ...words], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const over = new Promise<number | null>((resolve) => child.once('close', resolve));
  const one = { child, over, said: () => text };
  started.push(one);
  return one;
}

async function run(...words: readonly string[]): Promise<{ readonly status: number | null; readonly said: string }> {
  const { over, said } = start(...words);
  return { status: await over, said: said() };
}

const running = () => table.marked({ PLIMSOLL_HOME: stateFolder });
/** What a broken write would leave beside the lock. */
const halfWritten = (): readonly string[] => readdirSync(folder).filter((name) => name.includes('.tmp'));

async function until(what: string, holds: () => boolean): Promise<void> {
  for (let waited = 0; !holds(); waited += 5) {
    if (waited > 60_000) throw new Error(`not within a minute: ${what}`);
    await delay(5);
  }
}

/** How long the replica of a run that is left alone lives on this machine. */
let replicaMs = 0;
const replicaRuns = (evaluate: Started): Promise<void> =>
  until('a replica runs', () => running().length > 0 || evaluate.child.exitCode !== null);

/** Resolves at some moment of the replica's life, another one in each round. */
async function someMoment(evaluate: Started): Promise<void> {
  await replicaRuns(evaluate);
  await Promise.race([delay(random() * replicaMs * 0.8), evaluate.over]);
}

let before: Buffer;
beforeAll(async () => {
  const model = tinyModel(1);
  writeFileSync(path.join(folder, 'plimsoll.yaml'), contract);
  writeFileSync(path.join(folder, 'model.onnx'), model.bytes);
  const lines = Array.from({ length: rows }, (_, at) => JSON.stringify({ x: rowOf(at), label: at % 3 }));
  writeFileSync(path.join(folder, 'rows.jsonl'), `${lines.join('\n')}\n`);
  expect(await run('model', 'add', 'model.onnx', '--name', 'tiny')).toMatchObject({ status: 0 });
  expect(await run('data', 'add', 'rows.jsonl', '--name', 'labelled')).toMatchObject({ status: 0 });
  expect(await run('pin')).toMatchObject({ status: 0 });
  before = readFileSync(lockFile);
  const whole = start('evaluate', '--rows', String(rows - 1_000));
  await replicaRuns(whole);
  const startedMs = performance.now();
  await until('it stopped its replica', () => running().length === 0);
  replicaMs = performance.now() - startedMs;
  expect(await whole.over, whole.said()).toBe(0);
});
afterEach(async () => {
  for (const { child, over } of started.splice(0)) {
    child.kill('SIGKILL');
    await over;
  }
});
afterAll(() => {
  for (const { pid } of running()) process.kill(pid, 'SIGKILL');
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
});

const evidence = () => readLock(readFileSync(lockFile), lockFile).environments['default']?.evidence.evaluation;

it(`Ctrl-C, ${times} times: the replica is stopped before the command ends, and nothing is recorded`, async () => {
  let interrupted = 0;
  for (let round = 0; round < times; round += 1) {
    const evaluate = start('evaluate', '--rows', String(rows - 1 - round));
    await someMoment(evaluate);
    evaluate.child.kill('SIGINT');
    const status = await evaluate.over;
    if (evaluate.said().includes('interrupted')) {
      interrupted += 1;
      expect(status).toBe(3);
    } else expect(status, evaluate.said()).toBe(0);
    expect(running()).toEqual([]);
    expect(readFileSync(lockFile).equals(before)).toBe(true);
    expect(halfWritten()).toEqual([]);
  }
  expect(interrupted).toBeGreaterThan(0);
  report(`evaluate interrupted ${interrupted} of ${times} times midway: nothing ran on, the lock untouched`);
});

it(`kill -9, ${times} times: the lock is as it was, and the next run stops what was left behind`, async () => {
  let left = 0;
  for (let round = 0; round < times; round += 1) {
    const evaluate = start('evaluate', '--rows', String(rows - 101 - round));
    await someMoment(evaluate);
    evaluate.child.kill('SIGKILL');
    await evaluate.over;
    const abandoned = running().length;
    left += abandoned;
    expect(readFileSync(lockFile).equals(before)).toBe(true);
    const next = await run('evaluate', '--rows', '100');
    expect(next.status, next.said).toBe(0);
    if (abandoned > 0 && round === 0) expect(next.said).toContain('left behind by a command that was killed');
    expect(running()).toEqual([]);
    expect(halfWritten()).toEqual([]);
    // Those hundred rows are answered from now on; another number of them runs a replica again.
    rmSync(path.join(stateFolder, 'predictions'), { recursive: true, force: true });
  }
  expect(left).toBeGreaterThan(0);
  report(`evaluate killed ${times} times: ${left} replicas left behind, every one stopped by the next run`);
});

it('kill -9 while a metric of one’s own runs that has no end: it does not outlive the command', async () => {
  const file = path.join(folder, 'metric.pid');
  const program = `require('node:fs').writeFileSync('metric.pid', String(process.pid)); setInterval(() => 0, 1000)`;
  const metric = JSON.stringify([process.execPath, '-e', program]);
  const gates = 'gates: [{ metric: mine, atLeast: 1 }]';
  const section = `evaluation: { dataset: labelled, metrics: { mine: { command: ${metric}, largerIsBetter: true, timeout: 10m } }, ${gates} }`;
  writeFileSync(path.join(folder, 'plimsoll.yaml'), contract.replace(/^evaluation: .*$/m, section));
  try {
    expect(await run('pin')).toMatchObject({ status: 0 });
    const evaluate = start('evaluate', '--rows', '50');
    await until('the metric runs', () => existsSync(file) && readFileSync(file, 'utf8') !== '');
    const pid = Number(readFileSync(file, 'utf8'));
    const identity = table.identity(pid);
    expect(identity).not.toBeNull();
    evaluate.child.kill('SIGKILL');
    await evaluate.over;
    await until('the metric is gone', () => table.identity(pid) !== identity);
  } finally {
    writeFileSync(path.join(folder, 'plimsoll.yaml'), contract);
    writeFileSync(lockFile, before);
  }
});

it(`a replica that dies midway, ${times} times: nothing is recorded, the command says what its output was`, async () => {
  let died = 0;
  for (let round = 0; round < times; round += 1) {
    const evaluate = start('evaluate');
    await replicaRuns(evaluate);
    await Promise.race([delay((0.4 + random() * 0.4) * replicaMs), evaluate.over]);
    for (const { pid } of running()) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It ended meanwhile.
      }
    }
    const status = await evaluate.over;
    expect(running()).toEqual([]);
    if (status === 0) {
      // All rows were answered by then: it counts, and is taken back for the next round.
      writeFileSync(lockFile, before);
      rmSync(path.join(stateFolder, 'predictions'), { recursive: true, force: true });
      continue;
    }
    // One that had not been ready yet did not start, which is another sentence with another status.
    const midway = evaluate.said().includes('the replica stopped answering; nothing was recorded');
    died += Number(midway);
    expect(status).toBe(midway ? 3 : 1);
    if (!midway) expect(evaluate.said()).toContain('the replica did not start');
    expect(readFileSync(lockFile).equals(before)).toBe(true);
  }
  expect(died).toBeGreaterThan(0);
  report(`the evaluated replica killed ${died} of ${times} times midway: nothing recorded`);
});

it('and after all of that an evaluation passes and is recorded', async () => {
  const { status, said } = await run('evaluate');
  expect(status, said).toBe(0);
  expect(evidence()?.measurements).toMatchObject({ dataset: { rows } });
  expect(running()).toEqual([]);
  expect(await run('check')).toMatchObject({ status: 0 });
});
