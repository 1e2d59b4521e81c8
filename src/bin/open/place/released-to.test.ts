import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readReleasedTo, releasedToFile, writeReleasedTo } from './released-to.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'released-to-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('where a service was last released', () => {
  it('is kept by service and environment, without a password', async () => {
    const state = path.join(folder, '.plimsoll');
    await writeReleasedTo(state, 'digits', 'prod', 'https://ada:secret@plimsoll.example/x');
    await writeReleasedTo(state, 'digits', 'test', 'http://127.0.0.1:7070');
    expect(await readReleasedTo(state, 'digits', 'prod')).toBe('https://plimsoll.example/x');
    expect(await readReleasedTo(state, 'digits', 'test')).toBe('http://127.0.0.1:7070');
    expect(await readReleasedTo(state, 'other', 'prod')).toBeNull();
    expect(readFileSync(releasedToFile(state), 'utf8')).not.toContain('secret');
  });

  it.each(['', '{', '[]', '{"prod/digits":7}'])(
    'is unknown where the file holds %j, which is written anew',
    async (text) => {
      writeFileSync(releasedToFile(folder), text);
      expect(await readReleasedTo(folder, 'digits', 'prod')).toBeNull();
      await writeReleasedTo(folder, 'digits', 'prod', 'http://h:1');
      expect(await readReleasedTo(folder, 'digits', 'prod')).toBe('http://h:1');
    },
  );

  it('fails no release where the folder cannot be made', async () => {
    writeFileSync(path.join(folder, 'file'), '');
    await expect(writeReleasedTo(path.join(folder, 'file'), 'digits', 'prod', 'http://h:1')).resolves.toBeUndefined();
  });
});
