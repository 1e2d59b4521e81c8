import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readEndedSessions, writeEndedSessions } from './ended-sessions.ts';

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'plimsoll-ended-'));
  file = path.join(folder, 'ended-sessions.json');
});
afterEach(() => rm(folder, { recursive: true, force: true }));
const read = () => readEndedSessions(file, '/state/run/page.key');
const id = 'a'.repeat(64);

it('reads what it wrote for its owner alone, and nothing where nothing was written', async () => {
  expect(await read()).toEqual({});
  await writeEndedSessions(file, { [id]: 7 });
  expect(await read()).toEqual({ [id]: 7 });
  expect((await stat(file)).mode & 0o077).toBe(0);
});

it.each(['', '{', 'null', '[]', '7', '{"a":1}', `{"${id}":"1"}`, `{"${id}":null}`, `{"${id}":1}x`])(
  'says what to do where it cannot read %j, and goes on once that is done',
  async (text) => {
    await writeFile(file, text);
    await expect(read()).rejects.toMatchObject({
      code: 'ended-sessions-unreadable',
      message: `${file} cannot be read: it lists the sessions of the page that were signed out`,
      next: 'remove it and /state/run/page.key, which ends every session of the page, and start again',
    });
    await rm(file);
    expect(await read()).toEqual({});
  },
);
