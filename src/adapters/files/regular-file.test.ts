import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { digestOfFile } from './project/project-code-files.ts';
import { readLockFile } from './project/project-lock.ts';
import { makeFilePools } from './project/pools.ts';
import { makeFileProject } from './project/project.ts';
import { parseInPlace } from '../../schemas/parse-in-place.ts';
import { readRegular } from './regular-file.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-regular-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const pipe = (name: string): string => {
  const location = path.join(folder, name);
  mkdirSync(path.dirname(location), { recursive: true });
  execFileSync('mkfifo', [location]);
  return location;
};
const refused = { code: 'file-not-regular', category: 'input' };

// Each of these would wait for ever for somebody to write into the pipe.
describe('a pipe where a file is expected', () => {
  it('is refused as a contract', async () => {
    const contractFile = pipe('plimsoll.yaml');
    const machine = () => {
      throw new Error('not asked');
    };
    const project = makeFileProject({ contractFile, stateFolder: folder, machine, parser: parseInPlace });
    await expect(project.contract()).rejects.toMatchObject(refused);
  });

  it('is refused as a lock', async () => {
    const parse = () => {
      throw new Error('not read');
    };
    await expect(readLockFile(pipe('plimsoll.lock'), parse)).rejects.toMatchObject(refused);
  });

  it('is refused as a pool', async () => {
    pipe('pools/q.json');
    await expect(makeFilePools(folder).read('q')).rejects.toMatchObject(refused);
  });

  it('is refused as a file of prices', async () => {
    await expect(digestOfFile(pipe('prices.json'))).rejects.toMatchObject(refused);
  });

  it('is refused like a device, and a file is read', async () => {
    await expect(readRegular('/dev/zero', 'zero')).rejects.toMatchObject(refused);
    writeFileSync(path.join(folder, 'file'), 'text');
    expect(Buffer.from(await readRegular(path.join(folder, 'file'), 'file')).toString()).toBe('text');
  });
});
