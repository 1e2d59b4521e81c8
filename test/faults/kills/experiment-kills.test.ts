import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ownProgram } from '../../../src/testing/rigs/own-program.ts';

/**
 * A diagnosis is killed with SIGKILL while its experiment stands. The next command undoes it, and so does a control plane that
 * runs: nothing is left changed on the node.
 */
const experimentProgram = path.join(import.meta.dirname, '../../../src/testing/rigs/programs/experiment-process.ts');
const folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-experiment-kills-'));
const stateFolder = path.join(folder, '.plimsoll');
const journal = path.join(stateFolder, 'diagnosis', 'undo');
const contract = `apiVersion: plimsoll.dev/v1
service: tiny
code: { command: [plimsoll, serve-model] }
model: { name: tiny, version: "1" }
`;
const started: ChildProcess[] = [];

function start(command: string, ...args: readonly string[]): ChildProcess {
  const child = spawn(command, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  started.push(child);
  return child;
}

/** The experiment is written down, and stands. */
async function startExperiment(pid: number, experiment: string): Promise<ChildProcess> {
  const child = start(process.execPath, experimentProgram, stateFolder, String(pid), experiment);
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  await until(`the experiment stands: ${said}`, () => said.includes('applied') || child.exitCode !== null);
  expect(said).toBe('applied\n');
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const over = once(child, 'exit');
  child.kill('SIGKILL');
  await over;
}

async function doctor(): Promise<string> {
  const child = start(process.execPath, ownProgram, 'doctor', '--json');
  let said = '';
  child.stdout?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  await once(child, 'close');
  return JSON.stringify((JSON.parse(said) as { readonly undone: unknown }).undone);
}

async function until(what: string, holds: () => boolean): Promise<void> {
  for (let waited = 0; !holds(); waited += 20) {
    if (waited > 120_000) throw new Error(`not within two minutes: ${what}`);
    await delay(20);
  }
}

const coresOf = (pid: number): string =>
  /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '';
const entries = (): readonly string[] => (existsSync(journal) ? readdirSync(journal) : []);

beforeAll(() => {
  writeFileSync(path.join(folder, 'plimsoll.yaml'), contract);
});
afterEach(async () => {
  for (const child of started.splice(0)) await kill(child);
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
});

describe.skipIf(process.platform !== 'linux' || availableParallelism() < 2)('cores that an experiment took', () => {
  it('are given back by the next command, and only once whoever took them has ended', async () => {
    const replica = start('sleep', '600');
    const pid = replica.pid ?? 0;
    const before = coresOf(pid);
    const experiment = await startExperiment(pid, 'other-cores');
    expect(coresOf(pid)).not.toBe(before);
    // It still runs: that is nobody else's to undo.
    expect(await doctor()).toBe('[]');
    expect(coresOf(pid)).not.toBe(before);
    await kill(experiment);
    expect(coresOf(pid)).not.toBe(before);
    expect(await doctor()).toContain('"outcome":"restored"');
    expect(coresOf(pid)).toBe(before);
    expect(entries()).toEqual([]);
    expect(await doctor()).toBe('[]');
  });

  it('are nothing to undo where the replica has ended too, and that is said', async () => {
    const replica = start('sleep', '600');
    const experiment = await startExperiment(replica.pid ?? 0, 'other-cores');
    await kill(experiment);
    await kill(replica);
    expect(await doctor()).toContain('there is nothing to undo');
    expect(entries()).toEqual([]);
  });

  it('are given back by a control plane that runs', async () => {
    const replica = start('sleep', '600');
    const pid = replica.pid ?? 0;
    const before = coresOf(pid);
    await kill(await startExperiment(pid, 'other-cores'));
    start(process.execPath, ownProgram, 'control-plane', '--listen', '127.0.0.1:0');
    await until('the control plane gave the cores back', () => coresOf(pid) === before && entries().length === 0);
  });
});

const groups = '/sys/fs/cgroup/cpu';
const canLimit = (() => {
  try {
    accessSync(path.join(groups, 'cgroup.procs'), constants.W_OK);
    return true;
  } catch {
    return false;
  }
})();

describe.skipIf(!canLimit)('a quota that an experiment lifted', () => {
  const group = path.join(groups, `plimsoll-test-${process.pid}`);
  const quota = path.join(group, 'cpu.cfs_quota_us');
  beforeAll(() => {
    mkdirSync(group);
    writeFileSync(quota, '20000');
  });
  afterAll(async () => {
    await until('the group is empty', () => readFileSync(path.join(group, 'cgroup.procs'), 'utf8') === '');
    rmdirSync(group);
  });

  it('is set again by the next command, also where the replica has ended and its group has not', async () => {
    const replica = start('sleep', '600');
    writeFileSync(path.join(group, 'cgroup.procs'), String(replica.pid));
    await kill(await startExperiment(replica.pid ?? 0, 'lifted-quota'));
    expect(readFileSync(quota, 'utf8').trim()).toBe('-1');
    await kill(replica);
    expect(await doctor()).toContain('is 20000 again');
    expect(readFileSync(quota, 'utf8').trim()).toBe('20000');
    expect(entries()).toEqual([]);
  });
});
