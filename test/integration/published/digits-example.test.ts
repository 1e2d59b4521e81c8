import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { createServer } from 'node:net';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { exampleFolder, sha256Of } from '../../../examples/digits/cache.ts';
import { prepareData } from '../../../examples/digits/data/prepare.ts';
import { readRows } from '../../../examples/digits/data/rows.ts';
import { evaluate, evaluationTable } from '../../../examples/digits/evaluate.ts';
import { exportOnnx } from '../../../examples/digits/onnx/export.ts';
import { progressOn } from '../../../examples/digits/progress.ts';
import { seededRandom } from '../../../examples/digits/seeded-random.ts';
import { commandsFor } from '../../../examples/digits/start/commands.ts';
import { exampleContract, registerAll } from '../../../examples/digits/start/register.ts';
import { currentWorkspace } from '../../../examples/digits/start/workspace.ts';
import { trainModels, type TrainedModel } from '../../../examples/digits/training/models.ts';
import { newNetwork } from '../../../examples/digits/training/network.ts';
import { artifactDigest } from '../../../src/core/registry/artifact.ts';
import { machineFacts } from '../../../src/adapters/system/node/machine.ts';
import { digestOf } from '../../../src/core/units/digest.ts';
import { readLock } from '../../../src/schemas/lock/lock.ts';

const scratch = mkdtempSync(path.join(tmpdir(), 'digits-example-'));
const state = path.join(scratch, 'state');
const freePorts = ['--listen', '127.0.0.1:0', '--gateway-listen', '127.0.0.1:0'];
const running: ChildProcess[] = [];

interface Started {
  readonly child: ChildProcess;
  readonly exited: Promise<number | null>;
  readonly stdout: () => string;
  readonly stderr: () => string;
}

function start(...words: readonly string[]): Started {
  const child = spawn(process.execPath, [path.join(exampleFolder, 'start.ts'), '--state', state, ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.push(child);
  let [out, err] = ['', ''];
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => (out += chunk));
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => (err += chunk));
  const exited = new Promise<number | null>((resolve) => child.on('close', resolve));
  return { child, exited, stdout: () => out, stderr: () => err };
}

/** Processes of this machine whose command line names our state folder, by what they run. */
function processes(): Readonly<Record<string, number>> {
  const lines = execFileSync('ps', ['-eo', 'pid=,args='], { encoding: 'utf8' }).split('\n');
  const ours = lines.filter((line) => line.includes(state) && line.includes('plimsoll.ts'));
  return Object.fromEntries(
    ours.map((line) => [/plimsoll\.ts (\S+)/.exec(line)?.[1] ?? line, Number(/\d+/.exec(line)?.[0])]),
  );
}

/** As `doctor` says it of what is live. */
async function readinessAnswers(): Promise<Readonly<Record<string, string>>> {
  const commands = commandsFor(['--contract', exampleContract, '--state', state], () => undefined);
  const { json } = await commands.run(['doctor']);
  await commands.close();
  const { answers } = json as { readonly answers: readonly { readonly question: string; readonly answer: string }[] };
  return Object.fromEntries(answers.map(({ question, answer }) => [question, answer]));
}

async function until(what: string, holds: () => boolean): Promise<void> {
  for (let waited = 0; !holds(); waited += 100) {
    if (waited > 60_000) throw new Error(`not within a minute: ${what}`);
    await sleep(100);
  }
}

let models: readonly TrainedModel[] = [];
let holdoutFile = '';
beforeAll(async () => {
  const progress = progressOn(process.stderr, () => performance.now());
  const data = await prepareData(progress.note);
  holdoutFile = data.files['digits-holdout'].path;
  models = (await trainModels(data.files['digits-train'], progress, new AbortController().signal)).models;
}, 300_000);

afterEach(async () => {
  for (const child of running.splice(0)) child.kill('SIGTERM');
  await until('everything stopped', () => Object.keys(processes()).length === 0);
});
afterAll(() => {
  rmSync(scratch, { recursive: true, force: true });
});

test('this machine trains the very bytes that the locks pin', () => {
  const pinned = ['released/version-1.lock', 'plimsoll.lock'].map((file) => {
    const lock = readLock(readFileSync(path.join(exampleFolder, file)), file);
    return lock.environments['default']?.model?.digest;
  });
  const trained = models.map(({ file }) =>
    artifactDigest([{ path: path.basename(file.path), digest: `sha256:${file.sha256}` }]),
  );
  expect(trained).toEqual(pinned);
});

test('the locks prove by evaluation what the README says, and the second that it is better than the first', () => {
  const evaluations = ['released/version-1.lock', 'plimsoll.lock'].map((file) => {
    const { evidence } = readLock(readFileSync(path.join(exampleFolder, file)), file).environments['default'] ?? {};
    return evidence?.evaluation?.measurements ?? {};
  });
  const shares = [1369, 1470].map((successes) => ({ metric: 'accuracy', proportion: { successes, rows: 1500 } }));
  expect(evaluations).toMatchObject(
    shares.map((share) => ({ metrics: expect.arrayContaining([expect.objectContaining(share)]) })),
  );
  expect(evaluations[0]).toMatchObject({ absentBaselines: ['released'], comparisons: [] });
  expect(evaluations[1]?.['comparisons']).toContainEqual(
    expect.objectContaining({ metric: 'accuracy', slice: null, baseline: expect.objectContaining({ version: 1 }) }),
  );
});

test('the accuracies of the README are what the evaluation prints', async () => {
  const holdout = readRows(holdoutFile);
  const evaluations = [];
  for (const model of models) evaluations.push(await evaluate(model, holdout));
  const readme = readFileSync(path.join(exampleFolder, 'README.md'), 'utf8');
  for (const line of evaluationTable(evaluations).split('\n')) expect(readme).toContain(line);
  expect(evaluations[1]?.interval.low).toBeGreaterThan(0.96);
});

test('--once --json serves, sends, judges, stops and prints one JSON object', async () => {
  const once = start('--once', '--json', '--digits', '300', ...freePorts);
  expect(await once.exited, once.stderr()).toBe(0);
  const report = JSON.parse(once.stdout()) as Record<string, unknown>;
  expect(report).toMatchObject({ verdict: 'pass', errors: 0, digits: 300, release: 2, modelVersion: 2 });
  expect(report['accuracy']).toBeGreaterThan(0.95);
  expect(report['latencyP50Ms']).toBeGreaterThan(0);
  expect(JSON.stringify(report['phases'])).toContain('weights-load');
  expect(once.stderr()).toContain('contract checked');
  expect(processes()).toEqual({});
});

test('a second start is refused, a killed one is adopted, and Ctrl-C leaves nothing behind', async () => {
  const first = start(...freePorts);
  await until('digits flow', () => first.stdout().includes('Ctrl-C drains'));
  expect(await readinessAnswers()).toMatchObject({
    'hardware-verified': 'yes',
    'cold-start-budgeted': 'yes',
    'signal-not-cpu': 'yes',
    'model-rolls-back-alone': 'yes',
  });
  // The account is recorded each minute.
  for (let asked = 0; (await readinessAnswers())['accelerator-seconds-attributed'] !== 'yes'; asked += 1) {
    if (asked > 120) throw new Error(`device time is not attributed: ${JSON.stringify(await readinessAnswers())}`);
    await sleep(1_000);
  }
  const before = processes();
  const second = start(...freePorts);
  expect(await second.exited).toBe(1);
  expect(second.stderr()).toContain('runs already');

  first.child.kill('SIGKILL');
  await until('its `up` is gone too', () => processes()['up'] === undefined);
  const third = start(...freePorts);
  await until('digits flow again', () => third.stdout().includes('Ctrl-C drains'));
  const after = processes();
  expect(after['gateway']).toBe(before['gateway']);
  expect(after['control-plane']).toBe(before['control-plane']);

  third.child.kill('SIGINT');
  expect(await third.exited, third.stderr()).toBe(0);
  expect(third.stdout()).toContain('drained and stopped');
  expect(processes()).toEqual({});
}, 300_000);

test('a rollback survives a restart', async () => {
  const first = start(...freePorts);
  await until('digits flow', () => first.stdout().includes('Ctrl-C drains'));
  const commands = commandsFor(['--contract', exampleContract, '--state', state], () => undefined);
  const { exit } = await commands.run(['rollback', '--model', '--reason', 'a test']);
  await commands.close();
  expect(exit).toBe(0);
  first.child.kill('SIGINT');
  await first.exited;
  const again = start('--once', '--json', '--digits', '100', ...freePorts);
  expect(await again.exited, again.stderr()).toBe(0);
  expect(JSON.parse(again.stdout())).toMatchObject({ verdict: 'pass', release: 3, modelVersion: 1 });
});

test('a port that is taken is named, with the option that takes another', async () => {
  const holder = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => holder.once('listening', resolve));
  const address = holder.address();
  const taken = `127.0.0.1:${typeof address === 'object' ? (address?.port ?? 0) : 0}`;
  const refused = start('--listen', '127.0.0.1:0', '--gateway-listen', taken);
  expect(await refused.exited).toBe(3);
  expect(refused.stderr()).toContain(`the address ${taken} is taken`);
  const hint = /npm start -- (.*) takes free ports/.exec(refused.stderr())?.[1]?.split(' --').join('\n--');
  expect(hint?.split('\n').map((option) => option.split(' ')[0])).not.toContain('--contract');
  expect(hint).toContain('--listen 127.0.0.1:0');
  expect(hint).toContain('--gateway-listen 127.0.0.1:0');
  expect(hint).toContain(`--state ${state}`);
  holder.close();
});

test('other bytes than the lock pins are said, pinned and recorded in a copy, and git sees nothing of it', async () => {
  const otherState = path.join(scratch, 'other');
  const data = await prepareData(() => undefined);
  const bytes = exportOnnx(newNetwork([784, 16, 10], seededRandom(1)).layers, 'untrained');
  const file = path.join(scratch, 'other.onnx');
  writeFileSync(file, bytes);
  const trained = {
    version: 1,
    title: 'untrained',
    file: { path: file, sha256: sha256Of(bytes), bytes: bytes.byteLength },
  };
  const commands = commandsFor(['--contract', exampleContract, '--state', otherState], () => undefined);
  const { models: registered } = await registerAll(commands, data, [trained]);
  await commands.close();
  const lockBefore = readFileSync(path.join(exampleFolder, 'plimsoll.lock'), 'utf8');
  const [model] = registered;
  if (model === undefined) throw new Error('no model');
  const workspace = await currentWorkspace(model, otherState, () => undefined);
  expect(workspace.explanation).toContain('plimsoll.lock pins model version 2');
  expect(workspace.contract.startsWith(otherState)).toBe(true);
  expect(workspace.pinned.modelDigest).toBe(model.digest);
  expect(readFileSync(path.join(exampleFolder, 'plimsoll.lock'), 'utf8')).toBe(lockBefore);
  const inCopy = commandsFor(['--contract', workspace.contract, '--state', otherState], () => undefined);
  // The gates of the contract hold for what is made here as well: nothing that was never trained is released.
  expect((await inCopy.run(['check'], [0, 1, 2, 3])).exit).toBe(1);
  expect(await inCopy.text(['check'])).toMatch(/golden +fresh +pass[^]*evaluation +fresh +fail .* accuracy is /);
  await inCopy.close();
});

test('a lock that was measured on another CPU is measured anew in a copy, and the models of git are kept', async () => {
  const otherState = path.join(scratch, 'elsewhere');
  const commands = commandsFor(['--contract', exampleContract, '--state', otherState], () => undefined);
  const registered = (await registerAll(commands, await prepareData(() => undefined), models)).models;
  await commands.close();
  const model = registered.at(-1);
  if (model === undefined) throw new Error('no model');
  const deviceClass = { digest: digestOf('another CPU'), description: 'cpu arm64 of a test' };
  const elsewhere = { ...machineFacts(), deviceClass };
  const workspace = await currentWorkspace(model, otherState, () => undefined, elsewhere);
  expect(workspace.explanation).toContain("another CPU than this machine's (cpu arm64 of a test)");
  expect(workspace.contract.startsWith(otherState)).toBe(true);
  expect([workspace.pinned.modelDigest, workspace.isOtherModel]).toEqual([model.digest, false]);
  const inCopy = commandsFor(['--contract', workspace.contract, '--state', otherState], () => undefined);
  expect((await inCopy.run(['check'])).exit).toBe(0);
  await inCopy.close();
});

test('--help says what it does and starts nothing', async () => {
  const child = spawn(process.execPath, [path.join(exampleFolder, 'start.ts'), '--help']);
  expect(await text(child.stdout)).toContain('--once');
  expect(processes()).toEqual({});
});
