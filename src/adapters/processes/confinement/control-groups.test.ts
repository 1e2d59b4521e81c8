import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ControlGroups } from './control-groups.ts';

/** Folders that look like those of the kernel; what the kernel does with them is tried by `confined-replicas.test.ts`. */
let root: string;
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'plimsoll-cgroups-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const make = (groups: string, files: Readonly<Record<string, string>>): Promise<ControlGroups | null> => {
  const at = { procFolder: path.join(root, 'proc'), cgroupFolder: path.join(root, 'cgroup') };
  mkdirSync(path.join(at.procFolder, 'self'), { recursive: true });
  writeFileSync(path.join(at.procFolder, 'self', 'cgroup'), groups);
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(at.cgroupFolder, file)), { recursive: true });
    writeFileSync(path.join(at.cgroupFolder, file), content);
  }
  return ControlGroups.open(at);
};
const read = (file: string): string => readFileSync(path.join(root, 'cgroup', file), 'utf8');
const limits = { memoryBytes: 1_000_000.5, tasks: 99 };

describe('ControlGroups', () => {
  it('of version 1 lie below the own group of each controller', async () => {
    const groups = await make('8:pids:/a\n4:memory:/a/b\n1:cpu:/\n', { 'pids/a/tasks': '', 'memory/a/b/tasks': '' });
    expect(groups?.controllers).toEqual(['memory', 'pids']);
    const files = (await groups?.make('r-1', limits)) ?? [];
    expect(files.map((file) => path.relative(path.join(root, 'cgroup'), file))).toEqual([
      'memory/a/b/plimsoll-replicas/r-1/cgroup.procs',
      'pids/a/plimsoll-replicas/r-1/cgroup.procs',
    ]);
    expect(read('memory/a/b/plimsoll-replicas/r-1/memory.limit_in_bytes')).toBe('1000001');
    expect(read('pids/a/plimsoll-replicas/r-1/pids.max')).toBe('99');
    expect(existsSync(path.join(root, 'cgroup/memory/a/b/plimsoll-replicas/r-1/pids.max'))).toBe(false);
  });

  it('of version 1 in a container lie at the root of the mount, where the path leads above it', async () => {
    const groups = await make('8:pids:/docker/x\n', { 'pids/tasks': '' });
    expect(await groups?.make('r-1', limits)).toEqual([
      path.join(root, 'cgroup/pids/plimsoll-replicas/r-1/cgroup.procs'),
    ]);
  });

  it('without a limit of the memory none is written', async () => {
    const groups = await make('4:memory:/\n', { 'memory/tasks': '' });
    await groups?.make('r-1', { memoryBytes: null, tasks: 5 });
    expect(existsSync(path.join(root, 'cgroup/memory/plimsoll-replicas/r-1/memory.limit_in_bytes'))).toBe(false);
  });

  it('there are none where the kernel says nothing of them', async () => {
    expect(await make('', {})).toBeNull();
    expect(await make('1:cpu:/\n', { 'cpu/tasks': '' })).toBeNull();
  });
});
