/** `plimsoll exec` and `plimsoll serve-model` as processes, and a replica: nothing starts where the contract does not hold. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { writeDurably } from '../../../src/adapters/files/write-durably.ts';
import { LocalPlatform } from '../../../src/adapters/processes/local-platform.ts';
import { systemClock } from '../../../src/adapters/system/clock.ts';
import { systemRandom } from '../../../src/adapters/system/random.ts';
import { codeDigest } from '../../../src/core/contract/code-digest.ts';
import { digestOf } from '../../../src/core/units/digest.ts';
import { lockText } from '../../../src/schemas/lock/lock.ts';
import { loadContract } from '../../../src/testing/builders/contract-texts.ts';
import { openLocalFixture } from '../../../src/testing/rigs/local-platform-fixture.ts';
import { matrixModel } from '../../../src/testing/builders/files/onnx-models.ts';
import { ownProgram } from '../../../src/testing/rigs/own-program.ts';

const contractText = (hardware: string): string => `apiVersion: plimsoll.dev/v1
service: digits
code: { command: [plimsoll, serve-model] }
model: { name: digits, version: "1" }
hardware: ${hardware}
`;

/** A folder with a contract and the lock that pins it; no device of this machine has a thousand of its kind beside it. */
async function project(hardware: string): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'plimsoll-verify-'));
  const text = contractText(hardware);
  const { contract } = loadContract(text);
  const environment = {
    code: { digest: codeDigest(contract.code, {}), files: {} },
    model: {
      name: 'digits',
      version: 1,
      digest: digestOf('model'),
      format: 'onnx',
      signature: { inputs: [], outputs: [] },
    },
    data: {},
    deviceClasses: [digestOf('class')],
    runtime: { onnxruntime: '1.30.0' },
    evidence: {},
  };
  await writeFile(path.join(folder, 'plimsoll.yaml'), text);
  await writeFile(
    path.join(folder, 'plimsoll.lock'),
    lockText({ lockVersion: 1, service: 'digits', environments: { default: environment } }),
  );
  await writeFile(path.join(folder, 'model.onnx'), matrixModel());
  return folder;
}

let holds: string;
let refuses: string;
beforeAll(async () => {
  holds = await project('{ accelerator: cpu }');
  refuses = await project('{ accelerator: nvidia, devices: 64 }');
});
afterAll(async () => {
  for (const folder of [holds, refuses]) await rm(folder, { recursive: true });
});

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
  }
});

interface Run {
  readonly child: ChildProcess;
  readonly out: () => string;
  readonly err: () => string;
  readonly exit: Promise<number | null>;
}

function run(folder: string, ...args: string[]): Run {
  const child = spawn(process.execPath, [ownProgram, ...args], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  const written = { out: '', err: '' };
  child.stdout.on('data', (chunk: Buffer) => (written.out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (written.err += chunk.toString()));
  const exit = new Promise<number | null>((resolve) => child.once('close', resolve));
  return { child, out: () => written.out, err: () => written.err, exit };
}

const refusal = /^fail: digits in default does not run on this machine: /m;

describe('plimsoll exec', { timeout: 30_000 }, () => {
  it('starts the program where the contract holds, and leaves with its status', async () => {
    const { exit, out, err } = run(holds, 'exec', '--', 'sh', '-c', 'echo "$0 $1"; exit 7', 'one', '--two');
    expect(await exit).toBe(7);
    expect(out()).toBe('one --two\n');
    expect(err()).toBe('pass: digits in default runs on this machine\n');
  });

  it('refuses with the words of verify, and starts nothing', async () => {
    const { exit, out, err } = run(refuses, 'exec', '--', 'sh', '-c', 'echo started');
    expect(await exit).toBe(1);
    expect(out()).toBe('');
    expect(err()).toMatch(refusal);
    const verified = run(refuses, 'verify', '--dry-run');
    expect(await verified.exit).toBe(1);
    expect(err().split('\n')[0]).toBe(verified.out().split('\n')[0]);
  });

  it('only checks when that is all that is asked', async () => {
    const { exit, out } = run(holds, 'exec', '--check-only');
    expect(await exit).toBe(0);
    expect(out()).toMatch(/^pass: digits in default runs on this machine\n/);
    expect(await run(refuses, 'exec', '--check-only').exit).toBe(1);
  });

  it('passes signals on, and says by which the program ended', async () => {
    const script = 'trap "echo caught; exit 3" TERM; echo ready; while :; do sleep 0.05; done';
    const caught = run(holds, 'exec', '--', 'sh', '-c', script);
    while (!caught.out().includes('ready')) await delay(20);
    caught.child.kill('SIGTERM');
    expect(await caught.exit).toBe(3);
    expect(caught.out()).toBe('ready\ncaught\n');
    const ended = run(holds, 'exec', '--', 'sh', '-c', 'kill -USR1 $$');
    expect(await ended.exit).toBe(128 + 10);
  });

  it('is 2 for a program that is not there, and for none at all', async () => {
    const missing = run(holds, 'exec', '--', '/nonexistent/program');
    expect(await missing.exit).toBe(2);
    expect(missing.err()).toContain('cannot start /nonexistent/program (ENOENT)');
    expect(await run(holds, 'exec').exit).toBe(2);
  });
});

describe('the model server', { timeout: 30_000 }, () => {
  it('loads weights where the contract that it is given holds', async () => {
    const served = run(
      holds,
      'serve-model',
      '--model',
      'digits=model.onnx',
      '--version',
      '1',
      '--port',
      '0',
      '--contract',
      'plimsoll.yaml',
    );
    while (!served.out().includes('"ready"') && served.child.exitCode === null) await delay(20);
    expect(served.err()).toContain('plimsoll serve-model: pass: digits in default runs on this machine\n');
    served.child.kill('SIGTERM');
    expect(await served.exit).toBe(0);
  });

  it('refuses before it opens a model or a port', async () => {
    const { exit, out, err } = run(
      refuses,
      'serve-model',
      '--model',
      'digits=nonexistent.onnx',
      '--contract',
      'plimsoll.yaml',
    );
    expect(await exit).toBe(1);
    expect(out()).toBe('');
    expect(err()).toContain('plimsoll: fail: digits in default does not run on this machine: ');
  });

  it('refuses a contract that somebody named and that cannot be read', async () => {
    const { exit, err } = run(holds, 'serve-model', '--model', 'digits=model.onnx', '--contract', 'gone.yaml');
    expect(await exit).toBe(2);
    expect(err()).toContain('no contract at gone.yaml');
  });
});

describe('a replica of the local platform', { timeout: 60_000 }, () => {
  async function firstFailure(startContract: () => Promise<string | null>): Promise<string> {
    const fixture = await openLocalFixture();
    const signal = AbortSignal.timeout(50_000);
    const owner = { service: 'digits', environment: 'default' };
    const files = [{ path: 'model.onnx', ...(await fixture.blobs.put(matrixModel(), { signal })) }];
    const platform = new LocalPlatform({
      stateFolder: fixture.stateFolder,
      blobs: fixture.blobs,
      clock: systemClock,
      random: systemRandom,
      writeDurably,
      ownCommand: [process.execPath, ownProgram],
      environment: process.env,
      startContract,
    });
    try {
      const workload = {
        command: ['plimsoll', 'serve-model'],
        args: [],
        env: {},
        secrets: {},
        protocol: 'open-inference-v2' as const,
        codeFiles: [],
        model: { name: 'digits', version: 1, digest: digestOf('model'), files },
        devices: 1,
      };
      const set = { set: 'digits-default-1', pair: digestOf('pair'), release: 1, replicas: 1, stopFirst: [] };
      await platform.apply(owner, [{ ...set, workload, drainTimeoutMs: 1_000, startTimeoutMs: 40_000 }], signal);
      for (;;) {
        const [replica] = await platform.observe(owner, signal);
        if (replica?.state === 'failed' || replica?.state === 'ready') return replica.reason;
        await delay(50);
      }
    } finally {
      await platform.close();
      await fixture.close();
    }
  }

  it('fails with the sentence of verify as its reason, where the contract does not hold here', async () => {
    const reason = await firstFailure(async () => path.join(refuses, 'plimsoll.yaml'));
    expect(reason).toContain('fail: digits in default does not run on this machine: ');
  });

  it('becomes ready where it holds, and where the contract is just being edited', async () => {
    expect(await firstFailure(async () => path.join(holds, 'plimsoll.yaml'))).toMatch(/^ready /);
    expect(await firstFailure(async () => path.join(holds, 'half-written.yaml'))).toMatch(/^ready /);
  });
});
