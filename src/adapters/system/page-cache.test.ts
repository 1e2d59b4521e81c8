import { execFileSync } from 'node:child_process';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makePageCache } from './page-cache.ts';

const { signal } = new AbortController();
let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'plimsoll-cache-'));
  file = path.join(folder, 'weights');
  const handle = await open(file, 'w');
  await handle.writeFile(Buffer.alloc(3 << 20, 7));
  await handle.sync();
  await handle.close();
});
afterEach(() => rm(folder, { recursive: true }));

function canBeShown(): boolean {
  try {
    execFileSync('fincore', ['--version']);
    return process.platform === 'linux';
  } catch {
    return false;
  }
}

const residentBytes = (): number => Number(execFileSync('fincore', ['-b', '-n', '-o', 'res', file]).toString());

describe.skipIf(!canBeShown())('the page cache of this machine', () => {
  it('forgets a file and takes it up again, and fincore sees both', async () => {
    const cache = makePageCache({ dropCachesFile: null });
    expect(await cache.fill([file], signal)).toEqual({ how: 'in the page cache' });
    expect(residentBytes()).toBe(3 << 20);
    const outcome = await cache.drop([file], signal);
    // A temporary folder in memory cannot forget it: then that is said.
    if ('refused' in outcome) expect(outcome.refused).toContain('stay in the page cache');
    else expect(residentBytes()).toBeLessThan((3 << 20) / 50);
  });

  it('refuses where a file stays, though it was asked to go', async () => {
    const cache = makePageCache({ dd: 'true', dropCachesFile: null });
    await cache.fill([file], signal);
    expect(await cache.drop([file], signal)).toEqual({
      refused: '3MiB of 3MiB stay in the page cache: something uses them, or their file system is memory',
    });
    const all = makePageCache({ dd: 'true', dropCachesFile: path.join(folder, 'nothing', 'there') });
    expect(await all.drop([file], signal)).toHaveProperty('refused');
  });
});

describe('a page cache that cannot be looked into', () => {
  it('is refused, with the program that is missing', async () => {
    const cache = makePageCache({ fincore: '/nowhere/fincore', dropCachesFile: null });
    for (const outcome of [await cache.fill([file], signal), await cache.drop([file], signal)]) {
      expect(outcome).toEqual({ refused: expect.stringMatching(/\/nowhere\/fincore is missing/) });
    }
  });

  it('is refused for a file that is gone, and ends with the signal', async () => {
    const gone = await makePageCache().fill([path.join(folder, 'gone')], signal);
    expect(gone).toEqual({ refused: expect.stringContaining('ENOENT') });
    const aborted = AbortSignal.abort(new Error('interrupted'));
    await expect(makePageCache().fill([file], aborted)).rejects.toThrow('interrupted');
  });
});
