import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
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

  it('is empty also where a process with the same number was killed', async () => {
    leave(String(process.pid));
    expect(existsSync(await ownFolder(parent))).toBe(false);
  });
});
