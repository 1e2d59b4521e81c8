/** `plimsoll serve-model` as a process: what it prints where, how it ends, and that nothing aborts it. */
import { spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { replicaLineSchema, type ReplicaLine } from '../../../src/schemas/replica/replica-line.ts';
import { matrixModel, perceptronModel } from '../../../src/testing/builders/files/onnx-models.ts';
import { ownProgram } from '../../../src/testing/rigs/own-program.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'plimsoll-serve-model-'));
  await writeFile(path.join(folder, 'model.onnx'), matrixModel());
  await writeFile(path.join(folder, 'heavy.onnx'), perceptronModel({ layers: [256, 2048, 2048, 10] }));
  await writeFile(path.join(folder, 'server.yaml'), 'maxBatch: 16\nmaxDelay: 1ms\n');
});
afterAll(() => rm(folder, { recursive: true }));

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0))
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
});

interface Served {
  readonly child: ChildProcess;
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  readonly lines: () => readonly ReplicaLine[];
  readonly stderr: () => string;
  readonly url: () => string;
  /** Resolves when it is ready, rejects when it ended before. */
  readonly ready: Promise<void>;
}

function serve(args: readonly string[], env: Readonly<Record<string, string>> = {}): Served {
  const child = spawn(process.execPath, [ownProgram, 'serve-model', ...args], {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const ended = new Promise<Awaited<Served['ended']>>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  const lines = (): ReplicaLine[] =>
    stdout
      .split('\n')
      .slice(0, -1)
      .map((line) => replicaLineSchema.parse(JSON.parse(line)));
  const isReady = async (): Promise<void> => {
    while (!lines().some((line) => line.plimsoll === 'ready')) {
      if (child.exitCode !== null) throw new Error(`ended with ${child.exitCode}: ${stderr}`);
      await delay(20);
    }
  };
  const ready = isReady();
  ready.catch(() => undefined);
  const url = (): string => {
    const listening = lines().find((line) => line.plimsoll === 'listening');
    return `http://127.0.0.1:${listening?.plimsoll === 'listening' ? listening.port : 0}`;
  };
  return { child, ended, lines, stderr: () => stderr, url, ready };
}

const infer = (url: string, columns = 2, rows = 1): Promise<Response> =>
  fetch(`${url}/v2/models/m/infer`, {
    method: 'POST',
    body: JSON.stringify({
      inputs: [
        {
          name: columns === 2 ? 'x' : 'image',
          shape: [rows, columns],
          datatype: 'FP32',
          data: Array(rows * columns).fill(1),
        },
      ],
    }),
  });

test('by hand: says on stderr where it listens, and nothing but lines for the platform on stdout', async () => {
  const server = serve(['--model', 'm=model.onnx', '--port', '0']);
  await server.ready;
  expect(server.stderr()).toContain(`listening on ${server.url()}`);
  expect(await (await infer(server.url())).json()).toMatchObject({ outputs: [{ data: [4, 6] }] });
  server.child.kill('SIGTERM');
  expect(await server.ended).toEqual({ code: 0, signal: null });
  const phases = server.lines().flatMap((line) => (line.plimsoll === 'phase' ? [line] : []));
  expect(phases.map((line) => line.phases)).toEqual([
    ['process-start'],
    ['weights-fetch'],
    ['weights-load', 'engine-init'],
    ['warm-up'],
  ]);
  expect(phases.every((line) => line.durationMs > 0)).toBe(true);
});

test('by a platform: everything comes from variables and server.yaml, and the pinned digest is verified', async () => {
  const digest = `sha256:${createHash('sha256').update(matrixModel()).digest('hex')}`;
  const env = (pinned: string): Record<string, string> => ({
    PLIMSOLL_PORT: '0',
    PLIMSOLL_MODEL_NAME: 'm',
    PLIMSOLL_MODEL_VERSION: '5',
    PLIMSOLL_MODEL_DIR: folder,
    PLIMSOLL_MODEL_FILES: JSON.stringify({ 'model.onnx': pinned }),
  });
  const server = serve(['--config', 'server.yaml'], env(digest));
  await server.ready;
  expect(await (await infer(server.url())).json()).toMatchObject({ model_version: '5' });
  expect(await (await fetch(`${server.url()}/metrics`)).text()).toMatch(/plimsoll_batch_limit_rows\S+ 16/);
  server.child.kill('SIGTERM');
  expect((await server.ended).code).toBe(0);

  const wrong = `sha256:${'0'.repeat(64)}`;
  const refused = serve(['--config', 'server.yaml'], env(wrong));
  expect((await refused.ended).code).toBe(1);
  expect(refused.stderr()).toContain(`expected ${wrong}, found ${digest}`);
});

test('what cannot start says why and what to do, with its exit status', async () => {
  const taken = serve(['--model', 'm=model.onnx', '--port', '0']);
  await taken.ready;
  const port = new URL(taken.url()).port;
  const cases: readonly (readonly [readonly string[], number, RegExp])[] = [
    [
      ['--model', 'm=model.onnx', '--port', port],
      1,
      /is taken by another program\n {2}next: choose another with --port/,
    ],
    [['--model', 'm=nope.onnx', '--port', '0'], 2, /cannot read the model at nope.onnx/],
    [['--model', 'm=server.yaml', '--port', '0'], 2, /ONNX Runtime cannot load the model/],
    [['--port', '0'], 2, /no model to serve/],
    [['--model', 'm=model.onnx', '--config', 'nope.yaml'], 2, /cannot read nope.yaml/],
  ];
  for (const [args, status, message] of cases) {
    const failing = serve(args);
    expect([args, (await failing.ended).code]).toEqual([args, status]);
    expect(failing.stderr()).toMatch(message);
  }
});

test('SIGTERM under load: every accepted request is answered, and the process ends with 0', async () => {
  const server = serve(['--model', 'm=heavy.onnx', '--port', '0', '--max-batch', '4']);
  await server.ready;
  const answers = Array.from({ length: 40 }, () => infer(server.url(), 256, 4).then((response) => response.status));
  await delay(150);
  server.child.kill('SIGTERM');
  const settled = await Promise.allSettled(answers);
  const statuses = settled.map((each) => (each.status === 'fulfilled' ? each.value : 'refused'));
  expect(statuses.filter((status) => status !== 200 && status !== 503 && status !== 'refused')).toEqual([]);
  expect(statuses.filter((status) => status === 200).length).toBeGreaterThan(0);
  expect(await server.ended).toEqual({ code: 0, signal: null });
});

test('the bound and a second SIGTERM end it in the middle of a run, and neither aborts', async () => {
  const rows = 20_000;
  for (const how of ['bound', 'second'] as const) {
    const bound = how === 'bound' ? '100' : '60000';
    const server = serve(['--model', 'm=heavy.onnx', '--port', '0', '--drain-timeout', bound, '--max-body', '64MiB']);
    await server.ready;
    const lost = infer(server.url(), 256, rows).catch(() => null);
    while (!/in_flight_requests 1/.test(await (await fetch(`${server.url()}/metrics`)).text())) await delay(20);
    await delay(300);
    server.child.kill('SIGTERM');
    if (how === 'second') {
      while (!server.lines().some((line) => line.plimsoll === 'draining')) await delay(20);
      server.child.kill('SIGTERM');
    }
    expect(await server.ended).toEqual({ code: null, signal: how === 'bound' ? 'SIGKILL' : 'SIGTERM' });
    expect(server.stderr()).not.toMatch(/terminate called|Aborted|FATAL/);
    await lost;
  }
});
