import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Ablation } from '../../../ports/nodes/ablation.ts';
import { prepareLiftedQuota, prepareReleasedMemory, restoreLimits } from './lift-limits.ts';
import { prepareOtherCores, restoreAffinity } from './move-threads.ts';

const signal = new AbortController().signal;

function runnable(prepared: Ablation | { readonly refused: string }): Ablation {
  if ('refused' in prepared) throw new Error(prepared.refused);
  return prepared;
}

describe('limits of control groups', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'plimsoll-groups-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const file = (name: string): string => path.join(folder, name);
  const put = async (name: string, content: string): Promise<void> => {
    await mkdir(path.dirname(file(name)), { recursive: true });
    await writeFile(file(name), content);
  };
  const text = async (name: string): Promise<string> => (await readFile(file(name), 'utf8')).trim();
  const folders = () => ({ procFolder: file('proc'), cgroupFolder: file('cgroup') });

  it('are lifted from the root down in version 2, and brought back', async () => {
    await put('proc/7/cgroup', '0::/pod/replica\n');
    await put('cgroup/pod/cpu.max', '150000 100000\n');
    await put('cgroup/pod/replica/cpu.max', '50000 100000\n');
    const ablation = runnable(await prepareLiftedQuota(7, folders()));
    expect(ablation.restoration).toEqual({
      kind: 'limits',
      files: [
        { file: file('cgroup/pod/cpu.max'), content: '150000 100000' },
        { file: file('cgroup/pod/replica/cpu.max'), content: '50000 100000' },
      ],
    });
    await ablation.apply(signal);
    expect([await text('cgroup/pod/cpu.max'), await text('cgroup/pod/replica/cpu.max')]).toEqual([
      'max 100000',
      'max 100000',
    ]);
    await ablation.undo();
    await ablation.undo();
    expect([await text('cgroup/pod/cpu.max'), await text('cgroup/pod/replica/cpu.max')]).toEqual([
      '150000 100000',
      '50000 100000',
    ]);
  });

  it('are found in version 1, also where controllers share a folder and version 2 is there without them', async () => {
    await put('proc/7/cgroup', '5:cpu,cpuacct:/replica\n4:memory:/replica\n0::/\n');
    await put('cgroup/cpu,cpuacct/replica/cpu.cfs_quota_us', '20000\n');
    await put('cgroup/memory/memory.limit_in_bytes', '9223372036854771712\n');
    await put('cgroup/memory/replica/memory.limit_in_bytes', '104857600\n');
    const quota = runnable(await prepareLiftedQuota(7, folders()));
    await quota.apply(signal);
    expect(await text('cgroup/cpu,cpuacct/replica/cpu.cfs_quota_us')).toBe('-1');
    await quota.undo();
    expect(await text('cgroup/cpu,cpuacct/replica/cpu.cfs_quota_us')).toBe('20000');
    const memory = runnable(await prepareReleasedMemory(7, [], folders()));
    await memory.apply(signal);
    expect(await text('cgroup/memory/replica/memory.limit_in_bytes')).toBe('-1');
    expect(await text('cgroup/memory/memory.limit_in_bytes')).toBe('9223372036854771712');
    await memory.undo();
    expect(await text('cgroup/memory/replica/memory.limit_in_bytes')).toBe('104857600');
  });

  it('are refused where there is none, and where a container has no control groups', async () => {
    await put('proc/7/cgroup', '0::/replica\n');
    await put('cgroup/replica/cpu.max', 'max 100000\n');
    expect(await prepareLiftedQuota(7, folders())).toEqual({ refused: 'process 7 has no CPU quota' });
    expect(await prepareReleasedMemory(7, [], folders())).toHaveProperty('refused');
    expect(await prepareLiftedQuota(8, folders())).toHaveProperty('refused');
  });

  it('that went with their group are said to be gone', async () => {
    const gone = await restoreLimits({ kind: 'limits', files: [{ file: file('cgroup/a/cpu.max'), content: 'max' }] });
    expect(gone.kind).toBe('gone');
    // It is not made anew either.
    expect(existsSync(file('cgroup/a/cpu.max'))).toBe(false);
  });
});

const sleeper = (): ChildProcess => spawn('sleep', ['600'], { stdio: 'ignore' });
const coresOf = async (pid: number): Promise<string> =>
  /^Cpus_allowed_list:\s*(\S+)$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '';

describe.skipIf(process.platform !== 'linux' || availableParallelism() < 2)('cores of a process', () => {
  it('are moved and brought back, thread by thread', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    await once(child, 'spawn');
    const pid = child.pid ?? 0;
    try {
      const before = await coresOf(pid);
      const ablation = runnable(await prepareOtherCores(pid, '1'));
      await ablation.apply(signal);
      expect(await coresOf(pid)).toBe('1');
      await ablation.undo();
      expect(await coresOf(pid)).toBe(before);
    } finally {
      child.kill('SIGKILL');
    }
  });

  it('are gone with the process', async () => {
    const child = sleeper();
    await once(child, 'spawn');
    const pid = child.pid ?? 0;
    const ablation = runnable(await prepareOtherCores(pid, '1'));
    child.kill('SIGKILL');
    await once(child, 'exit');
    await expect(ablation.apply(signal)).rejects.toThrow();
    if (ablation.restoration?.kind !== 'affinity') throw new Error('cores are no limits');
    expect(await restoreAffinity(ablation.restoration)).toMatchObject({ kind: 'gone' });
    await ablation.undo();
  });

  it('are refused where the process runs there already, and without taskset', async () => {
    const child = sleeper();
    await once(child, 'spawn');
    try {
      const pid = child.pid ?? 0;
      expect(await prepareOtherCores(pid, await coresOf(pid))).toHaveProperty('refused');
      expect(await prepareOtherCores(pid, '1', { procFolder: '/proc', taskset: '/nowhere/taskset' })).toEqual({
        refused: 'the program taskset is missing (package util-linux)',
      });
    } finally {
      child.kill('SIGKILL');
    }
  });
});
