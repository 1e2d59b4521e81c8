import { chmod, mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeStateFolder } from './state-folder.ts';

let base = '';
beforeEach(async () => {
  base = await mkdtemp(path.join(tmpdir(), 'plimsoll-state-'));
});
afterEach(() => rm(base, { recursive: true }));
const modeOf = async (file: string): Promise<string> => ((await stat(file)).mode & 0o7777).toString(8);

it('is for its owner alone, also one that an older version made', async () => {
  const at = (name: string): string => path.join(base, name);
  await mkdir(at('old'), { mode: 0o755 });
  await mkdir(at('shared'));
  await chmod(at('shared'), 0o1777);
  const folders = ['fresh', 'old', 'shared'].map(at);
  for (const folder of folders) await makeStateFolder(folder);
  expect(await Promise.all(folders.map(modeOf))).toEqual(['700', '700', '1777']);
});
