import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeProcessIdentity } from './process-identity.ts';
import { makeProcTable, parseProcessStat } from './proc-table.ts';
import { parseIdentity } from './process-table.ts';
import { makePsTable } from './ps-table.ts';

describe('the identity of a process', () => {
  it('is the same each time, and names this process', async () => {
    const identity = makeProcessIdentity();
    expect(await identity.of(process.pid)).toBe(identity.self());
    expect(parseIdentity(identity.self())?.pid).toBe(process.pid);
    expect(await identity.isDead(identity.self())).toBe(false);
  });

  it('is dead once the process has ended, and null from then on', async () => {
    const identity = makeProcessIdentity();
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    await once(child, 'spawn');
    const own = (await identity.of(child.pid ?? 0)) ?? '';
    expect(await identity.isDead(own)).toBe(false);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await identity.isDead(own)).toBe(true);
    expect(await identity.of(child.pid ?? 0)).toBeNull();
  });

  it('is dead when its number went to another process, or the machine was started anew', async () => {
    const identity = makeProcessIdentity();
    const [host = '', boot = '', pid = ''] = identity.self().split(':');
    expect(await identity.isDead(`${host}:${boot}:${pid}:1`)).toBe(true);
    expect(await identity.isDead(`${host}:00000000-0000-0000-0000-000000000000:${pid}:1`)).toBe(true);
  });

  it('is not called dead when it belongs to another machine, or is no identity', async () => {
    const identity = makeProcessIdentity();
    const [, boot = ''] = identity.self().split(':');
    expect(await identity.isDead(`elsewhere@1:${boot}:1:1`)).toBe(false);
    expect(await identity.isDead('nonsense')).toBe(false);
  });
});

describe('who holds a file', () => {
  it.skipIf(!existsSync('/proc/self/fd'))('is told by a table of /proc, also once the file was removed', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'plimsoll-holders-'));
    const file = path.join(folder, 'up.lock');
    const [table, held] = [makeProcTable('/proc'), await open(file, 'w')];
    try {
      expect(table.holders(file)).toEqual([process.pid]);
      await rm(folder, { recursive: true });
      expect(table.holders(file)).toEqual([process.pid]);
    } finally {
      await held.close();
    }
    expect(table.holders(file)).toEqual([]);
  });
});

describe('parseProcessStat', () => {
  const tail = '1 100 100 0 -1 4194304 1 0 0 0 0 0 0 0 20 0 1 0 8675309 1000 1';
  it('reads past a command that holds parentheses and spaces', () => {
    expect(parseProcessStat(`100 (a) b (c)) S ${tail}`)).toEqual({ alive: true, session: 100, startTicks: 8675309 });
  });
  it('counts a zombie as dead, since a container’s first process may never reap it', () => {
    expect(parseProcessStat(`100 (node) Z ${tail}`)?.alive).toBe(false);
  });
  it('makes nothing of a line that is none', () => {
    expect(parseProcessStat('')).toBeNull();
  });
});

describe('identity by ps, where there is no /proc', () => {
  it('has whole seconds and says that it is not precise', () => {
    const table = makePsTable(() => 'S+   Tue Nov 24 15:00:00 2026\n');
    expect(table.precise).toBe(false);
    expect(table.identity(42)).toMatch(/^[^:]+:unknown:42:s\d+$/);
  });
  it('knows a zombie and an absent process', () => {
    expect(makePsTable(() => 'Z    Tue Nov 24 15:00:00 2026\n').identity(42)).toBeNull();
    expect(makePsTable(() => null).identity(42)).toBeNull();
  });
  it('agrees with the real ps of this machine about this process', () => {
    expect(makePsTable().identity(process.pid)).toMatch(/:s\d+$/);
  });
});
