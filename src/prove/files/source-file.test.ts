import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeFilePools } from '../../adapters/files/project/pools.ts';
import { runCommandLine } from '../../testing/rigs/command-line.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-source-'));
  execFileSync('mkfifo', [path.join(folder, 'ff')]);
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('a pipe that nobody writes to', () => {
  it.each([
    [['probe', '--from', 'ff']],
    [['pool', 'snapshot', 'x', 'ff']],
    [['pool', 'show', './ff']],
    [['inspect', 'ff']],
  ])('is refused by %j, which does not wait for it', async (argv) => {
    const { exit, err } = await runCommandLine(argv, { cwd: folder, pools: makeFilePools(folder) });
    expect(exit).toBe(2);
    expect(err).toMatch(/ff is neither a file nor a folder\n {2}next: /);
  });
});
