import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Secrets } from '../../ports/access/secrets.ts';
import { writeDurably } from '../files/write-durably.ts';
import { makeFileSecrets, secretFile } from './file-secrets.ts';
import { makeSecretsToImport } from './import-secrets.ts';

let folder: string;
let from: string;
let into: string;
let theirs: Secrets;
let ours: Secrets;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'plimsoll-secrets-'));
  [from, into] = [path.join(folder, 'from'), path.join(folder, 'into')];
  [theirs, ours] = [makeFileSecrets(from, writeDurably), makeFileSecrets(into, writeDurably)];
});
afterEach(() => rm(folder, { recursive: true }));

const copy = (): Promise<void> => makeSecretsToImport(from, into, writeDurably).copy();
const granted = { service: 'a', environment: null };

describe('secrets on their way into another state folder', () => {
  it('come with their values and grants, and again change nothing', async () => {
    await theirs.set('one', 'key', 'abc\n');
    await theirs.grant('one', granted);
    for (let count = 0; count < 2; count += 1) {
      await copy();
      expect(await ours.list()).toEqual([{ name: 'one', keys: ['key'], grants: [granted] }]);
      expect(await readFile(secretFile(into, 'one', 'key'), 'utf8')).toBe('abc\n');
    }
  });

  it('come whole where a copy was cut short, before it was granted', async () => {
    for (const key of ['a', 'b']) await theirs.set('one', key, key);
    await theirs.grant('one', granted);
    await ours.set('one', 'a', 'a');
    await copy();
    expect(await ours.list()).toEqual(await theirs.list());
  });

  it.each([
    ['another value', { key: 'an0ther' }],
    ['another key', { key: 'v4lue', more: 'x' }],
    ['fewer keys, which somebody was granted', {}],
  ])('are refused where one of the name has %s; no value is shown, and nothing comes', async (_what, values) => {
    await theirs.set('first', 'key', 'value');
    await theirs.set('one', 'key', 'v4lue');
    for (const [key, value] of Object.entries(values)) await ours.set('one', key, value);
    await ours.grant('one', { service: 'b', environment: null });
    const thrown = await copy().catch((error: unknown) => error);
    expect(thrown).toMatchObject({
      code: 'secret-differs',
      category: 'conflict',
      details: { secret: 'one', from, into },
    });
    expect(JSON.stringify(thrown) + String(thrown)).not.toMatch(/v4lue|an0ther/);
    expect(await readdir(path.join(into, 'secrets'))).not.toContain('first');
  });
});
