import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ownFolder } from './own-folder.ts';

let parent = '';
beforeEach(() => {
  parent = mkdtempSync(path.join(tmpdir(), 'drift-'));
});
afterEach(() => rmSync(parent, { recursive: true, force: true }));

const leave = (name: string): void => {
  mkdirSync(path.join(parent, name, 'example'), { recursive: true });
  writeFileSync(path.join(parent, name, 'example', 'plimsoll.lock'), 'stale');
};

describe('the folder of a start with a cause of drift', () => {
  it('begins without what a killed start left behind, and leaves a start that runs alone', async () => {
    const dead = spawnSync(process.execPath, ['-e', '']).pid;
    for (const name of [String(dead), String(process.ppid), 'other']) leave(name);
    const own = await ownFolder(parent);
    expect(own).toBe(path.join(parent, String(process.pid)));
    expect(existsSync(own)).toBe(false);
    expect(readdirSync(parent).sort()).toEqual([String(process.ppid), 'other'].sort());
  });

  it.runIf(process.platform === 'linux')(
    'begins without what one left that is dead, and that nobody reaped',
    async () => {
      // The shell becomes a program that waits for no child.
      const child = spawn('sh', ['-c', 'true & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'ignore'] });
      try {
        const [told] = (await once(child.stdout, 'data')) as [Buffer];
        const zombie = told.toString().trim();
        while (!/^State:\s+Z/m.test(readFileSync(`/proc/${zombie}/status`, 'utf8'))) await setTimeout(10);
        leave(zombie);
        await ownFolder(parent);
        expect(readdirSync(parent)).toEqual([]);
      } finally {
        child.kill('SIGKILL');
      }
    },
  );

  it('is empty also where a process with the same number was killed', async () => {
    leave(String(process.pid));
    expect(existsSync(await ownFolder(parent))).toBe(false);
  });
});
